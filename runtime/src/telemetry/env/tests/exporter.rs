//! Which exporters each signal has.

use std::path::PathBuf;

use super::{ALL, assert_decided, attempt, environment, error, quiet, settings, settings_of_code};
use crate::telemetry::env::ExporterName;
use crate::telemetry::env::exporter::Available;
use crate::telemetry::settings::{Destination, Otlp, Overrides, Protocol, Settings};

/// The destinations, short: `otlp grpc http://localhost:4317 + console`.
fn shown(destinations: &[Destination]) -> String {
    let show = |destination: &Destination| match destination {
        Destination::Console => "console".to_owned(),
        Destination::File(path) => format!("file {}", path.display()),
        Destination::Otlp(Otlp { protocol, endpoint, .. }) => {
            format!("{} {endpoint}", protocol.word())
        }
        Destination::Zipkin(zipkin) => format!("zipkin {}", zipkin.endpoint),
    };
    destinations.iter().map(show).collect::<Vec<_>>().join(" + ")
}

fn places(settings: &Settings) -> [String; 2] {
    [shown(&settings.traces), shown(&settings.metrics)]
}

#[test]
fn with_nothing_said_both_signals_go_to_the_console() {
    let settings = quiet(&[]);
    assert_eq!(places(&settings), ["console", "console"]);
    assert_decided(&settings, "traces: console (default)");
    assert_decided(&settings, "metrics: console (default)");
}

#[test]
fn an_endpoint_alone_sends_both_signals_there() {
    for variable in ["OTEL_EXPORTER_OTLP_ENDPOINT", "FLO_OTLP_ENDPOINT"] {
        let settings = quiet(&[(variable, "http://localhost:4317")]);
        assert_eq!(places(&settings), ["grpc http://localhost:4317"; 2]);
        let line = format!("traces: otlp grpc http://localhost:4317 ({variable})");
        assert_decided(&settings, &line);
        assert_decided(&settings, "metrics protocol: grpc (port 4317)");
    }
}

#[test]
fn an_endpoint_for_spans_says_nothing_of_metrics() {
    let settings =
        quiet(&[("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://localhost:4318/v1/traces")]);
    assert_eq!(places(&settings), ["http/protobuf http://localhost:4318/v1/traces", "console"]);
}

#[test]
fn the_standard_endpoint_wins_over_its_alias() {
    let settings = quiet(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://standard:4317"),
        ("FLO_OTLP_ENDPOINT", "http://alias:4317"),
        ("OTEL_EXPORTER_JAEGER_AGENT_HOST", "agent"),
    ]);
    assert_eq!(places(&settings), ["grpc http://standard:4317"; 2]);
}

#[test]
fn each_signal_has_its_own_exporters() {
    let settings = quiet(&[
        ("OTEL_TRACES_EXPORTER", "Console, otlp,file,console"),
        ("OTEL_METRICS_EXPORTER", "none"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"),
    ]);
    assert_eq!(
        places(&settings),
        ["console + http/json http://localhost:4318/v1/traces + file spanline.jsonl", ""]
    );
    assert_decided(&settings, "metrics: none (OTEL_METRICS_EXPORTER)");
    assert_decided(&settings, "traces: file spanline.jsonl (OTEL_TRACES_EXPORTER; place: default)");
}

#[test]
fn none_is_respected_in_spite_of_an_endpoint() {
    let settings = quiet(&[
        ("OTEL_TRACES_EXPORTER", "none"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318"),
    ]);
    assert_eq!(places(&settings), ["", "http/protobuf http://localhost:4318/v1/metrics"]);
}

#[test]
fn a_signal_that_is_not_named_goes_where_the_other_goes() {
    for (word, traces, metrics) in [
        (
            "otlp",
            "http/protobuf http://localhost:4318/v1/traces",
            "http/protobuf http://localhost:4318/v1/metrics",
        ),
        ("datadog", "grpc http://localhost:4317", "grpc http://localhost:4317"),
        ("file", "file spanline.jsonl", "file spanline.jsonl"),
        ("jaeger", "grpc http://localhost:4317", ""),
        ("tempo", "grpc http://localhost:4317", ""),
        ("none", "", "console"),
    ] {
        assert_eq!(places(&quiet(&[("OTEL_TRACES_EXPORTER", word)])), [traces, metrics], "{word}");
    }
    let file = quiet(&[("OTEL_METRICS_EXPORTER", "file")]);
    assert_eq!(places(&file), ["file spanline.jsonl"; 2]);
}

#[test]
fn the_alias_for_both_signals_gives_way_to_their_own() {
    for (word, traces, metrics) in [
        ("console", "console", "console"),
        (
            "OTLP",
            "http/protobuf http://localhost:4318/v1/traces",
            "http/protobuf http://localhost:4318/v1/metrics",
        ),
        ("jaeger", "grpc http://localhost:4317", ""),
        ("none", "", ""),
    ] {
        let alias = ("OTEL_EXPORTER_TYPE", word);
        assert_eq!(places(&quiet(&[alias])), [traces, metrics], "{word}");
        let settings = quiet(&[alias, ("OTEL_METRICS_EXPORTER", "file")]);
        assert_eq!(places(&settings), [traces, "file spanline.jsonl"], "{word}");
    }
    let settings = settings(&[("OTEL_EXPORTER_TYPE", "prometheus")]);
    assert_eq!(places(&settings), ["console", "console"]);
    assert_eq!(
        settings.warnings,
        ["OTEL_EXPORTER_TYPE: \"prometheus\" takes no spans; expected a list of otlp, console, \
          file, jaeger, tempo, datadog, zipkin, or none; using console"]
    );
}

#[test]
fn unknown_exporters_give_one_message_and_the_default() {
    let settings = settings(&[
        ("OTEL_TRACES_EXPORTER", "oltp,prometheus,logging"),
        ("OTEL_METRICS_EXPORTER", "jaeger,zipkin"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4317"),
    ]);
    assert_eq!(places(&settings), ["grpc http://localhost:4317"; 2]);
    assert_eq!(
        settings.warnings,
        [
            "OTEL_TRACES_EXPORTER: \"oltp\" is unknown, \"prometheus\" takes no spans, \
             \"logging\" is retired in favour of console; expected a \
             list of otlp, console, file, jaeger, tempo, datadog, zipkin, or none; using otlp",
            "OTEL_METRICS_EXPORTER: \"jaeger\" takes no metrics, \"zipkin\" takes no metrics; \
             expected a list of otlp, console, file, datadog, prometheus, or none; using otlp",
        ]
    );
}

#[test]
fn the_good_words_of_a_list_are_used() {
    let settings = settings(&[("OTEL_TRACES_EXPORTER", "otlp/stdout,console,none")]);
    assert_eq!(places(&settings), ["console", "console"]);
    assert_eq!(
        settings.warnings,
        [
            "OTEL_TRACES_EXPORTER: \"otlp/stdout\" is not available, but file writes the same lines, \
          \"none\" has no meaning beside others; expected a list of otlp, console, file, jaeger, \
          tempo, datadog, zipkin, or none; using console"
        ]
    );
}

#[test]
fn log_records_go_nowhere_unless_something_speaks_of_them() {
    for variables in [
        vec![],
        vec![("OTEL_LOGS_EXPORTER", "")],
        vec![("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4317")],
        vec![("SPANLINE_FILE", "spans.jsonl"), ("OTEL_EXPORTER_TYPE", "otlp,console")],
        vec![("OTEL_TRACES_EXPORTER", "otlp"), ("OTEL_METRICS_EXPORTER", "console")],
    ] {
        let settings = quiet(&variables);
        assert_eq!(settings.logs, [], "{variables:?}");
        assert_decided(&settings, "logs: none (default)");
        assert_decided(&settings, "exceptions: events of spans (default)");
    }
    let none = quiet(&[("OTEL_LOGS_EXPORTER", "none")]);
    assert_decided(&none, "logs: none (OTEL_LOGS_EXPORTER)");
    let code = Overrides {
        file: Some(PathBuf::from("spans.jsonl")),
        console: Some(true),
        endpoint: Some("http://localhost:4317".into()),
        ..Overrides::default()
    };
    assert_eq!(settings_of_code(&code).logs, []);
}

#[test]
fn log_records_go_where_code_or_their_own_variables_say() {
    let general = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://all:4318");
    let own = ("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "http://logs:4318/in");
    for (variables, expected) in [
        (vec![("OTEL_LOGS_EXPORTER", "otlp")], "http/protobuf http://localhost:4318/v1/logs"),
        (vec![("OTEL_LOGS_EXPORTER", "otlp"), general], "http/protobuf http://all:4318/v1/logs"),
        (vec![own, general], "http/protobuf http://logs:4318/in"),
        (vec![own, ("OTEL_LOGS_EXPORTER", "none")], ""),
        (
            vec![("OTEL_LOGS_EXPORTER", "console, FILE"), ("SPANLINE_FILE", "/logs")],
            "console + file /logs",
        ),
    ] {
        let settings = quiet(&variables);
        assert_eq!(shown(&settings.logs), expected, "{variables:?}");
    }
    let settings = quiet(&[("OTEL_LOGS_EXPORTER", "otlp"), general]);
    assert_decided(
        &settings,
        "logs: otlp http/protobuf http://all:4318/v1/logs (OTEL_LOGS_EXPORTER; place: \
         OTEL_EXPORTER_OTLP_ENDPOINT)",
    );
    let code = Overrides { logs: Some(vec![ExporterName::Console]), ..Overrides::default() };
    let settings = attempt(&[own], &code).unwrap();
    assert_eq!(shown(&settings.logs), "console");
    assert_decided(&settings, "exceptions: log records (default)");
}

#[test]
fn a_list_for_log_records_without_a_good_word_is_named() {
    let settings = settings(&[("OTEL_LOGS_EXPORTER", "oltp,jaeger")]);
    assert_eq!(settings.logs, []);
    assert_eq!(
        settings.warnings,
        ["OTEL_LOGS_EXPORTER: \"oltp\" is unknown, \"jaeger\" takes no logs; expected a list of \
          otlp, console, file, or none; using none"]
    );
}

#[test]
fn exceptions_are_told_once_unless_both_are_asked_for() {
    use crate::telemetry::settings::ExceptionSignal::{Both, Logs, Spans};

    let variable = "OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN";
    let logging = ("OTEL_LOGS_EXPORTER", "console");
    for (words, expected) in
        [("", Logs), ("logs", Logs), ("logs/dup", Both), ("logs,logs/dup", Both)]
    {
        assert_eq!(quiet(&[logging, (variable, words)]).exceptions, expected, "{words}");
    }
    let nowhere = settings(&[(variable, "logs")]);
    assert_eq!(nowhere.exceptions, Spans);
    assert_eq!(
        nowhere.warnings,
        [format!(
            "{variable}: log records are exported nowhere; expected OTEL_LOGS_EXPORTER; using \
             events of spans"
        )]
    );
    let code = Overrides { exceptions_on_spans: Some(true), ..Overrides::default() };
    assert_eq!(attempt(&[logging], &code).unwrap().exceptions, Both);
}

#[test]
fn inference_events_need_somewhere_to_go() {
    let emit = ("OTEL_INSTRUMENTATION_GENAI_EMIT_EVENT", "TRUE");
    let settings = settings(&[emit]);
    assert!(!settings.inference_events);
    assert_eq!(
        settings.warnings,
        ["OTEL_INSTRUMENTATION_GENAI_EMIT_EVENT: log records are exported nowhere; expected \
          OTEL_LOGS_EXPORTER; using false"]
    );
    let settings = quiet(&[emit, ("OTEL_LOGS_EXPORTER", "console")]);
    assert!(settings.inference_events);
    assert_decided(&settings, "inference events: true (OTEL_INSTRUMENTATION_GENAI_EMIT_EVENT)");
}

#[test]
#[cfg(feature = "content")]
fn content_that_goes_to_events_needs_them() {
    let capture = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT";
    for (word, is_emitted) in [("EVENT_ONLY", true), ("SPAN_AND_EVENT", true), ("SPAN_ONLY", false)]
    {
        let settings = quiet(&[(capture, word), ("OTEL_LOGS_EXPORTER", "console")]);
        assert_eq!(settings.inference_events, is_emitted, "{word}");
    }
    let settings = settings(&[(capture, "EVENT_ONLY")]);
    assert!(!settings.inference_events);
    assert_eq!(
        settings.warnings,
        [format!(
            "{capture}: log records are exported nowhere; expected OTEL_LOGS_EXPORTER; using false"
        )]
    );
}

#[test]
fn a_retired_agent_leads_to_otlp_with_a_notice() {
    let notice = |variable: &str, what: &str, used: &str| {
        format!(
            "{variable}: {what} of a Jaeger agent, whose protocol is retired; expected \
             OTEL_EXPORTER_OTLP_ENDPOINT; using OTLP over gRPC to http://{used}:4317"
        )
    };
    let tracer = r#""tracer" is the host"#;
    let host = "OTEL_EXPORTER_JAEGER_AGENT_HOST";
    let port = "OTEL_EXPORTER_JAEGER_AGENT_PORT";
    for (variables, named, what, used) in [
        (vec![(host, "tracer"), (port, "6831")], host, tracer, "tracer"),
        (vec![(port, "6831")], port, r#""6831" is the port"#, "localhost"),
        (vec![(host, "::1")], host, r#""::1" is the host"#, "[::1]"),
        (vec![("OTEL_EXPORTER_TYPE", "jaeger"), (host, "tracer")], host, tracer, "tracer"),
        (
            vec![(host, "tracer"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")],
            host,
            tracer,
            "tracer",
        ),
        (vec![("OTEL_TRACES_EXPORTER", "jaeger"), (host, "tracer")], host, tracer, "tracer"),
    ] {
        let settings = settings(&variables);
        assert_eq!(places(&settings), [format!("grpc http://{used}:4317"), String::new()]);
        assert_eq!(settings.warnings, [notice(named, what, used)]);
    }
}

#[test]
fn a_port_that_is_no_port_is_named_beside_the_notice() {
    let settings = settings(&[("OTEL_EXPORTER_JAEGER_AGENT_PORT", "70000")]);
    let [notice, port] = settings.warnings.as_slice() else { panic!("{:?}", settings.warnings) };
    assert!(notice.contains("\"70000\" is the port of a Jaeger agent"), "{notice}");
    assert_eq!(
        port,
        "OTEL_EXPORTER_JAEGER_AGENT_PORT: \"70000\" is not the number of a port; expected a number \
         from 1 to 65535 such as 6831; it is not used"
    );
}

#[test]
fn a_retired_agent_has_no_say_in_other_exporters() {
    let agent = ("OTEL_EXPORTER_JAEGER_AGENT_HOST", "tracer");
    let settings = quiet(&[agent, ("OTEL_EXPORTER_TYPE", "otlp")]);
    assert_eq!(shown(&settings.traces), "http/protobuf http://localhost:4318/v1/traces");
    assert_eq!(places(&quiet(&[agent, ("OTEL_TRACES_EXPORTER", "console")]))[0], "console");
}

#[test]
fn an_agent_whose_host_is_no_host_is_an_error() {
    assert_eq!(
        error(&[("OTEL_EXPORTER_JAEGER_AGENT_HOST", "two hosts")]),
        "OTEL_EXPORTER_JAEGER_AGENT_HOST: \"two hosts\" has a blank or a character outside ASCII; \
         expected the name of a host; telemetry is not set up"
    );
}

#[test]
fn a_path_names_the_file_exporter() {
    let path = ("SPANLINE_FILE", "/var/log/spans.jsonl");
    let settings = quiet(&[path]);
    assert_eq!(places(&settings), ["file /var/log/spans.jsonl"; 2]);
    assert_decided(&settings, "traces: file /var/log/spans.jsonl (SPANLINE_FILE)");
    let both = quiet(&[path, ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4317")]);
    assert_eq!(places(&both), ["grpc http://localhost:4317 + file /var/log/spans.jsonl"; 2]);
    let named = quiet(&[path, ("OTEL_TRACES_EXPORTER", "console")]);
    assert_eq!(shown(&named.traces), "console");
}

#[test]
#[cfg(unix)]
fn a_path_need_not_be_text() {
    use std::os::unix::ffi::OsStringExt as _;
    let path = std::ffi::OsString::from_vec(vec![b'a', 0xff]);
    let value = path.clone();
    let find = move |name: &str| (name == "SPANLINE_FILE").then(|| value.clone());
    let environment = crate::telemetry::env::Environment::new(find, None);
    let settings = Settings::with_available(&environment, &Overrides::default(), ALL).unwrap();
    assert_eq!(settings.traces, [Destination::File(PathBuf::from(path))]);
    assert_eq!(settings.warnings, [""; 0]);
}

#[test]
fn names_in_code_win() {
    let variables = [
        ("OTEL_TRACES_EXPORTER", "none"),
        ("OTEL_METRICS_EXPORTER", "oops"),
        ("SPANLINE_FILE", "x"),
    ];
    let overrides = Overrides {
        traces: Some(vec![ExporterName::Tempo, ExporterName::OtlpTo("http://other:4318".into())]),
        metrics: Some(vec![]),
        ..Overrides::default()
    };
    let settings = attempt(&variables, &overrides).unwrap();
    assert_eq!(
        settings.warnings,
        ["OTEL_METRICS_EXPORTER: \"oops\" is unknown; expected a list of otlp, console, file, \
          datadog, prometheus, or none; it is not used"]
    );
    assert_eq!(
        places(&settings),
        ["grpc http://localhost:4317 + http/protobuf http://other:4318/v1/traces", ""]
    );
    assert_decided(&settings, "metrics: none (code)");
}

#[test]
fn the_console_is_beside_or_never_among_the_exporters() {
    let with = |console, variables: &[_]| {
        let overrides = Overrides { console: Some(console), ..Overrides::default() };
        places(&attempt(variables, &overrides).unwrap())
    };
    let endpoint = [("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4317")];
    assert_eq!(with(true, &endpoint), ["grpc http://localhost:4317 + console"; 2]);
    assert_eq!(with(true, &[]), ["console", "console"]);
    assert_eq!(with(false, &[]), ["", ""]);
    assert_eq!(with(false, &endpoint), ["grpc http://localhost:4317"; 2]);
}

#[test]
fn a_file_in_code_takes_the_place_of_the_default_console() {
    let with = |variables: &[_], console| {
        let file = Some(PathBuf::from("run.jsonl"));
        let overrides = Overrides { console, file, ..Overrides::default() };
        places(&attempt(variables, &overrides).unwrap())
    };
    assert_eq!(with(&[], None), ["file run.jsonl"; 2]);
    assert_eq!(with(&[], Some(true)), ["file run.jsonl + console"; 2]);
    let console = [("OTEL_TRACES_EXPORTER", "console")];
    assert_eq!(with(&console, None), ["console + file run.jsonl"; 2]);
}

#[test]
fn two_names_for_one_place_send_once() {
    let settings = quiet(&[
        ("OTEL_TRACES_EXPORTER", "otlp,jaeger,tempo,datadog"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4317"),
    ]);
    assert_eq!(places(&settings), ["grpc http://collector:4317"; 2]);
}

#[test]
fn what_is_not_compiled_in_is_an_error_and_not_a_silence() {
    let attempt = |available, variables: &[_]| {
        Settings::with_available(&environment(variables), &Overrides::default(), available)
    };
    let message =
        |available, variables: &[_]| attempt(available, variables).unwrap_err().to_string();
    let otlp = ("OTEL_TRACES_EXPORTER", "otlp");
    let neither = Available { grpc: false, http: false, file: false, ..ALL };
    let line = |signal: &str, what: &str, feature: &str| {
        format!("{signal}: {what} is not compiled in; enable the feature `{feature}` of `spanline`")
    };
    let both = |what: &str, feature: &str| {
        [line("traces", what, feature), line("metrics", what, feature)].join("\n")
    };
    let problem = "OTLP as http/protobuf (default)";
    assert_eq!(message(neither, &[otlp]), both(problem, "otlp-http"));
    let file = ("OTEL_METRICS_EXPORTER", "file");
    let console = ("OTEL_TRACES_EXPORTER", "console");
    assert_eq!(
        message(neither, &[console, file]),
        line("metrics", "the file exporter (OTEL_METRICS_EXPORTER)", "file")
    );
    let http = Available { grpc: false, ..ALL };
    let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4317");
    assert_eq!(message(http, &[endpoint]), both("OTLP as grpc (port 4317)", "otlp-grpc"));
    let grpc = Available { http: false, ..ALL };
    let json = ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json");
    assert_eq!(
        message(grpc, &[otlp, json]),
        both("OTLP as http/json (OTEL_EXPORTER_OTLP_PROTOCOL)", "otlp-http")
    );
    // Where nobody chose a protocol, the one that is there serves.
    assert_eq!(places(&attempt(grpc, &[otlp]).unwrap()), ["grpc http://localhost:4317"; 2]);
    let jaeger = attempt(http, &[("OTEL_TRACES_EXPORTER", "jaeger")]).unwrap();
    assert_eq!(shown(&jaeger.traces), "http/protobuf http://localhost:4318/v1/traces");
    assert!(attempt(neither, &[]).is_ok());
}

#[test]
fn protocols_are_shown_as_they_are_written() {
    let words = [Protocol::Grpc, Protocol::HttpProtobuf, Protocol::HttpJson].map(Protocol::word);
    assert_eq!(words, ["grpc", "http/protobuf", "http/json"]);
    assert!(settings_of_code(&Overrides::default()).warnings.is_empty());
}
