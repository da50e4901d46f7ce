//! The OTLP family: endpoints, protocols, headers, files.

use std::path::PathBuf;
use std::time::Duration;

use super::certificate::files;
use super::{assert_decided, attempt, error, otlp, quiet, settings};
use crate::telemetry::settings::{Overrides, Protocol, Settings};

const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const TRACES_ENDPOINT: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
const PROTOCOL: &str = "OTEL_EXPORTER_OTLP_PROTOCOL";
const HEADERS: &str = "OTEL_EXPORTER_OTLP_HEADERS";
/// Makes both signals OTLP.
const OTLP: (&str, &str) = ("OTEL_TRACES_EXPORTER", "otlp");

fn endpoints(settings: &Settings) -> [&str; 2] {
    [&otlp(&settings.traces).endpoint, &otlp(&settings.metrics).endpoint]
}

#[test]
fn the_paths_of_signals_go_behind_the_general_endpoint() {
    for (endpoint, base) in [
        ("http://localhost:4318", "http://localhost:4318"),
        ("http://localhost:4318/", "http://localhost:4318"),
        ("HTTPS://Otel.Example.com", "https://Otel.Example.com"),
        ("https://otel.example.com/otlp", "https://otel.example.com/otlp"),
        ("https://otel.example.com/otlp//", "https://otel.example.com/otlp"),
        ("http://[::1]:4318/a/b/", "http://[::1]:4318/a/b"),
        ("http://10.0.0.1:80", "http://10.0.0.1:80"),
    ] {
        let settings = quiet(&[(ENDPOINT, endpoint)]);
        let [traces, metrics] = endpoints(&settings);
        assert_eq!(traces, format!("{base}/v1/traces"));
        assert_eq!(metrics, format!("{base}/v1/metrics"));
    }
}

#[test]
fn a_signals_own_endpoint_is_used_as_it_is() {
    let settings = quiet(&[
        (ENDPOINT, "http://general:4318"),
        (TRACES_ENDPOINT, "https://own/ingest/spans/?tenant=7"),
    ]);
    let expected = ["https://own/ingest/spans/?tenant=7", "http://general:4318/v1/metrics"];
    assert_eq!(endpoints(&settings), expected);
    assert_decided(
        &settings,
        "traces: otlp http/protobuf https://own/ingest/spans/?… \
         (OTEL_EXPORTER_OTLP_TRACES_ENDPOINT)",
    );
    let settings = quiet(&[("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://own:4318/v1/metrics")]);
    assert_eq!(otlp(&settings.metrics).endpoint, "http://own:4318/v1/metrics");
}

#[test]
fn endpoints_that_follow_the_rules_to_nowhere_are_named() {
    let own = settings(&[(TRACES_ENDPOINT, "http://own:4318")]);
    assert_eq!(otlp(&own.traces).endpoint, "http://own:4318/");
    assert_eq!(
        own.warnings,
        ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: \"http://own:4318\" has no path and is used as it \
          is; expected the whole URL, for most collectors http://own:4318/v1/traces; using \
          http://own:4318/"]
    );
    let doubled = "http://h:4318/v1/traces";
    let general = settings(&[(ENDPOINT, doubled)]);
    assert_eq!(otlp(&general.traces).endpoint, "http://h:4318/v1/traces/v1/traces");
    assert_eq!(
        general.warnings,
        [
            "OTEL_EXPORTER_OTLP_ENDPOINT: \"http://h:4318/v1/traces\" ends with the path of a signal; \
          expected the URL without it, since it is added; using http://h:4318/v1/traces/v1/traces"
        ]
    );
    let overrides = Overrides { endpoint: Some(doubled.to_owned()), ..Overrides::default() };
    let code = attempt(&[], &overrides).unwrap();
    assert!(
        code.warnings[0].starts_with("the OTLP endpoint set in code: \"http://h:4318/v1/traces\"")
    );
}

#[test]
fn over_grpc_the_endpoint_has_no_path() {
    let settings = quiet(&[(ENDPOINT, "http://localhost:4317/")]);
    assert_eq!(endpoints(&settings), ["http://localhost:4317"; 2]);
    let settings = super::settings(&[(TRACES_ENDPOINT, "http://localhost:4317/v1/traces")]);
    assert_eq!(otlp(&settings.traces).endpoint, "http://localhost:4317");
    assert_eq!(
        settings.warnings,
        ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: \"http://localhost:4317/v1/traces\" has a path; \
          expected none with gRPC; using http://localhost:4317"]
    );
}

#[test]
fn two_mistakes_in_one_endpoint_are_both_named() {
    let settings = super::settings(&[(ENDPOINT, "collector:4317/v1/traces")]);
    assert_eq!(endpoints(&settings), ["https://collector:4317"; 2]);
    let start = "OTEL_EXPORTER_OTLP_ENDPOINT: \"collector:4317/v1/traces\" has";
    assert_eq!(
        settings.warnings,
        [
            format!(
                "{start} no scheme; expected http:// or https://; using https://collector:4317"
            ),
            format!("{start} a path; expected none with gRPC; using https://collector:4317"),
        ]
    );
}

#[test]
fn without_a_scheme_grpc_is_encrypted_unless_told_otherwise() {
    let settings = settings(&[(ENDPOINT, "collector:4317")]);
    assert_eq!(endpoints(&settings), ["https://collector:4317"; 2]);
    assert_eq!(
        settings.warnings,
        ["OTEL_EXPORTER_OTLP_ENDPOINT: \"collector:4317\" has no scheme; expected http:// or \
          https://; using https://collector:4317"]
    );
    let insecure = quiet(&[
        (ENDPOINT, "collector:4317"),
        ("OTEL_EXPORTER_OTLP_INSECURE", "true"),
        ("OTEL_EXPORTER_OTLP_METRICS_INSECURE", "false"),
    ]);
    assert_eq!(endpoints(&insecure), ["http://collector:4317", "https://collector:4317"]);
    // A scheme speaks for itself.
    let secure = quiet(&[
        (ENDPOINT, "https://collector:4317"),
        ("OTEL_EXPORTER_OTLP_TRACES_INSECURE", "true"),
    ]);
    assert_eq!(endpoints(&secure), ["https://collector:4317"; 2]);
    let bad =
        super::settings(&[(ENDPOINT, "collector:4317"), ("OTEL_EXPORTER_OTLP_INSECURE", "yes")]);
    assert!(bad.warnings.contains(
        &"OTEL_EXPORTER_OTLP_INSECURE: \"yes\" is neither true nor false; expected true or false; \
          using false"
            .to_owned()
    ));
}

#[test]
fn an_endpoint_that_is_no_url_is_an_error() {
    for (endpoint, shown, problem) in [
        ("localhost:4318", "localhost:4318", "starts with neither http:// nor https://"),
        ("collector", "collector", "starts with neither http:// nor https://"),
        ("grpc://h:4317", "grpc://h:4317", "is neither http:// nor https://"),
        ("http://", "http://", "has no host"),
        ("http://:4318", "http://:4318", "has no host"),
        ("http:///v1", "http:///v1", "has no host"),
        ("http://h:port", "http://h:port", "has a port that is not a number from 1 to 65535"),
        ("http://h:", "http://h:", "has a port that is not a number from 1 to 65535"),
        ("http://h:0", "http://h:0", "has a port that is not a number from 1 to 65535"),
        ("http://h:99999", "http://h:99999", "has a port that is not a number from 1 to 65535"),
        ("http://h:4318:1", "http://h:4318:1", "has a port that is not a number from 1 to 65535"),
        ("http://[::1", "http://[::1", "has an IPv6 address without its closing bracket"),
        ("http://[h]:1", "http://[h]:1", "has brackets round something that is no IPv6 address"),
        ("http://[::1]4318", "http://[::1]4318", "has something other than a port behind its host"),
        ("http://a b", "http://a b", "has a blank or a character outside ASCII"),
        ("http://köln", "http://köln", "has a blank or a character outside ASCII"),
        ("http://h/{x}", "http://h/{x}", "has a character that has to be percent-encoded"),
        ("http://h,i", "http://h,i", "has a character in its host that no host name has"),
        ("http://h/#x", "http://h/#…", "has a fragment"),
    ] {
        let rest = "expected a URL such as http://localhost:4318; telemetry is not set up";
        let message = format!("{ENDPOINT}: {shown:?} {problem}; {rest}");
        assert_eq!(error(&[(ENDPOINT, endpoint)]), message);
    }
}

#[test]
fn no_message_shows_what_an_endpoint_has_of_secrets() {
    for (endpoint, shown) in [
        ("http://me:s3cret@h:4318", "http://…@h:4318"),
        ("http://me:s3cr/et@h:4318", "http://…@h:4318"),
        ("http://me:s3@cret@h:4318", "http://…@h:4318"),
        ("me:s3cret@h:4318", "…@h:4318"),
        ("htp:/me:s3cret@h", "…@h"),
        ("http://me:s3c?ret@h", "http://…"),
        ("http://h h?token=s3cret", "http://h h?…"),
        ("http://h h#s3cret", "http://h h#…"),
    ] {
        let message = error(&[(ENDPOINT, endpoint)]);
        assert!(message.starts_with(&format!("{ENDPOINT}: {shown:?} ")), "{message}");
        assert!(!message.contains("s3c") && !message.contains("ret@"), "{message}");
    }
    assert_eq!(
        error(&[(ENDPOINT, "http://me:s3cret@h:4318")]),
        "OTEL_EXPORTER_OTLP_ENDPOINT: \"http://…@h:4318\" carries credentials, which belong in \
         OTEL_EXPORTER_OTLP_HEADERS; expected a URL such as http://localhost:4318; telemetry is \
         not set up"
    );
    let settings = quiet(&[(ENDPOINT, "http://h:4318?token=s3cret")]);
    assert_eq!(endpoints(&settings)[0], "http://h:4318/v1/traces?token=s3cret");
    assert!(!format!("{settings:?}").contains("s3cret"));
    assert_eq!(otlp(&settings.traces).place(), "http://h:4318/v1/traces?…");
    let settings = quiet(&[(ENDPOINT, "http://h:4318?token=s3cr@et")]);
    assert_eq!(otlp(&settings.traces).place(), "http://…");
}

#[test]
fn the_protocol_comes_from_its_variables_then_from_the_port() {
    let protocols = |variables: &[_]| {
        let settings = quiet(variables);
        [otlp(&settings.traces).protocol, otlp(&settings.metrics).protocol]
    };
    let (grpc, http, json) = (Protocol::Grpc, Protocol::HttpProtobuf, Protocol::HttpJson);
    assert_eq!(protocols(&[OTLP]), [http, http]);
    assert_eq!(protocols(&[OTLP, (PROTOCOL, "GRPC")]), [grpc, grpc]);
    assert_eq!(protocols(&[(ENDPOINT, "http://h:4317")]), [grpc, grpc]);
    assert_eq!(protocols(&[(ENDPOINT, "http://h:4318")]), [http, http]);
    assert_eq!(protocols(&[(ENDPOINT, "https://h")]), [http, http]);
    assert_eq!(protocols(&[(ENDPOINT, "http://h:4317"), (PROTOCOL, "http/json")]), [json, json]);
    assert_eq!(protocols(&[(ENDPOINT, "http://h:4318"), (PROTOCOL, "grpc")]), [grpc, grpc]);
    let own = [
        (ENDPOINT, "http://h:4318"),
        (PROTOCOL, "http/json"),
        ("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "grpc"),
    ];
    assert_eq!(protocols(&own), [json, grpc]);
    let own = [(ENDPOINT, "http://h:4318"), ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc")];
    assert_eq!(protocols(&own), [grpc, http]);
}

#[test]
fn with_a_protocol_alone_the_endpoint_is_its_default() {
    let grpc = quiet(&[OTLP, (PROTOCOL, "grpc")]);
    assert_eq!(endpoints(&grpc), ["http://localhost:4317"; 2]);
    assert_decided(
        &grpc,
        "traces: otlp grpc http://localhost:4317 (OTEL_TRACES_EXPORTER; place: default)",
    );
    assert_decided(&grpc, "traces protocol: grpc (OTEL_EXPORTER_OTLP_PROTOCOL)");
    let http = quiet(&[OTLP]);
    let expected = ["http://localhost:4318/v1/traces", "http://localhost:4318/v1/metrics"];
    assert_eq!(endpoints(&http), expected);
}

#[test]
fn a_bad_protocol_gives_one_message_and_way_to_the_port() {
    let settings = settings(&[(ENDPOINT, "http://h:4317"), (PROTOCOL, "http")]);
    assert_eq!(otlp(&settings.metrics).protocol, Protocol::Grpc);
    assert_eq!(
        settings.warnings,
        ["OTEL_EXPORTER_OTLP_PROTOCOL: \"http\" is unknown; expected one of grpc, http/protobuf, \
          http/json; using grpc"]
    );
}

#[test]
fn headers_are_decoded() {
    let settings = quiet(&[
        OTLP,
        (HEADERS, "Authorization=Bearer%20a%2Cb, x-team = search ,x-empty=,x-team=other,,"),
    ]);
    let expected = [("authorization", "Bearer a,b"), ("x-team", "other"), ("x-empty", "")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(otlp(&settings.traces).headers, expected);
    assert_eq!(otlp(&settings.metrics).headers, expected);
    assert_decided(
        &settings,
        "traces headers: authorization, x-team, x-empty (OTEL_EXPORTER_OTLP_HEADERS)",
    );
}

#[test]
fn a_signals_own_headers_take_the_place_of_the_general_ones() {
    let settings = quiet(&[
        OTLP,
        (HEADERS, "a=1,b=2"),
        ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "a=3"),
        ("OTEL_EXPORTER_OTLP_METRICS_HEADERS", ""),
    ]);
    assert_eq!(otlp(&settings.traces).headers, [("a".to_owned(), "3".to_owned())]);
    assert_eq!(otlp(&settings.metrics).headers.len(), 2);
}

#[test]
fn headers_in_code_go_over_those_of_the_environment_by_name() {
    let headers = vec![("X-Key".to_owned(), "code".to_owned())];
    let overrides = Overrides { headers, ..Overrides::default() };
    let variables = [OTLP, (HEADERS, "x-key=environment,x-team=search")];
    let settings = attempt(&variables, &overrides).unwrap();
    let expected = [("x-key", "code"), ("x-team", "search")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(otlp(&settings.traces).headers, expected);
    assert_decided(&settings, "traces headers: x-key, x-team (OTEL_EXPORTER_OTLP_HEADERS, code)");
}

#[test]
fn bad_headers_are_named_without_their_values() {
    for (bad, used, problem) in [
        ("a=1,Bearer s3cret", "a", "entry 2 does not start with a header name"),
        ("Bearer s3cret==", "no header of it", "entry 1 does not start with a header name"),
        ("=s3cret", "no header of it", "entry 1 does not start with a header name"),
        ("a=1,key=s3%0Acret", "a", "the value of key is not printable ASCII"),
        ("key=s3%C3%B6cret,a=1", "a", "the value of key is not printable ASCII"),
        ("key=s3%ffcret,a=1", "a", "the value of key is not printable ASCII"),
        ("key=s3\u{f6}%cret,a=1", "a", "the value of key is not printable ASCII"),
        (
            "key=s3%cret",
            "key",
            "the value of key has a percent sign that starts no escape and is taken as it stands",
        ),
    ] {
        let settings = settings(&[OTLP, (HEADERS, bad)]);
        let rest = "expected name=value,name=value, percent-encoded";
        assert_eq!(settings.warnings, [format!("{HEADERS}: {problem}; {rest}; using {used}")]);
        assert!(!format!("{settings:?}").contains("s3"), "{settings:?}");
    }
    let settings = settings(&[OTLP, (HEADERS, "key=50%")]);
    assert_eq!(otlp(&settings.traces).headers, [("key".to_owned(), "50%".to_owned())]);
}

#[test]
fn bad_headers_in_code_are_an_error_without_their_values() {
    let message = |name: &str, value: &str| {
        let headers = vec![(name.to_owned(), value.to_owned())];
        let overrides = Overrides { headers, ..Overrides::default() };
        attempt(&[OTLP], &overrides).unwrap_err().to_string()
    };
    assert_eq!(
        message("Bearer s3cret", ""),
        "header 1 set in code: no header can have its name; expected one such as x-api-key; \
         telemetry is not set up"
    );
    assert_eq!(
        message("x-key", "s3\r\ncret: 1"),
        "header x-key set in code: its value is not printable; expected printable ASCII; telemetry \
         is not set up"
    );
}

#[test]
fn timeouts_and_compression_have_a_signals_form_and_a_general_one() {
    let settings = quiet(&[
        OTLP,
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "2000"),
        ("OTEL_EXPORTER_OTLP_METRICS_TIMEOUT", "3000"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"),
        ("OTEL_EXPORTER_OTLP_METRICS_COMPRESSION", "NONE"),
    ]);
    let (traces, metrics) = (otlp(&settings.traces), otlp(&settings.metrics));
    assert_eq!((traces.timeout, traces.gzip), (Duration::from_secs(2), true));
    assert_eq!((metrics.timeout, metrics.gzip), (Duration::from_secs(3), false));
    let settings = quiet(&[
        OTLP,
        ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "1"),
        ("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "gzip"),
    ]);
    let (traces, metrics) = (otlp(&settings.traces), otlp(&settings.metrics));
    assert_eq!((traces.timeout, traces.gzip), (Duration::from_millis(1), true));
    assert_eq!((metrics.timeout, metrics.gzip), (Duration::from_secs(10), false));
}

#[test]
fn a_bad_general_value_is_named_once_for_both_signals() {
    let settings = settings(&[
        OTLP,
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "10s"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "zstd"),
        ("OTEL_EXPORTER_OTLP_METRICS_COMPRESSION", "brotli"),
    ]);
    assert_eq!(otlp(&settings.traces).timeout, Duration::from_secs(10));
    assert_eq!(
        settings.warnings,
        [
            "OTEL_EXPORTER_OTLP_TIMEOUT: \"10s\" is not a number of milliseconds; expected a whole \
             number such as 10000; using 10000",
            "OTEL_EXPORTER_OTLP_COMPRESSION: \"zstd\" is not available yet; expected gzip or none; \
             using none",
            "OTEL_EXPORTER_OTLP_METRICS_COMPRESSION: \"brotli\" is unknown; expected gzip or none; \
             using none",
        ]
    );
}

#[test]
fn code_wins_over_the_whole_family() {
    let (_folder, paths) = files(["ca.pem", "me.pem", "me.key", "other.pem"]);
    let [ca, me, key, other] = paths.each_ref();
    let overrides = Overrides {
        endpoint: Some("https://code:4317".to_owned()),
        protocol: Some(Protocol::HttpJson),
        timeout: Some(Duration::from_millis(7)),
        gzip: Some(true),
        certificate: Some(PathBuf::from(ca)),
        client_certificate: Some(PathBuf::from(me)),
        client_key: Some(PathBuf::from(key)),
        ..Overrides::default()
    };
    let variables = [
        (TRACES_ENDPOINT, "nonsense://"),
        (ENDPOINT, "http://environment:4317"),
        (PROTOCOL, "nonsense"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "nonsense"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "nonsense"),
        ("OTEL_EXPORTER_OTLP_CERTIFICATE", other),
    ];
    let settings = attempt(&variables, &overrides).unwrap();
    assert_eq!(
        settings.warnings,
        [
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: \"nonsense://\" is neither http:// nor https://; \
             expected a URL such as http://localhost:4318; it is not used",
            "OTEL_EXPORTER_OTLP_PROTOCOL: \"nonsense\" is unknown; expected one of grpc, \
             http/protobuf, http/json; it is not used",
            "OTEL_EXPORTER_OTLP_TIMEOUT: \"nonsense\" is not a number of milliseconds; expected a \
             whole number such as 10000; it is not used",
            "OTEL_EXPORTER_OTLP_COMPRESSION: \"nonsense\" is unknown; expected gzip or none; it is \
             not used",
        ]
    );
    assert_eq!(
        endpoints(&settings),
        ["https://code:4317/v1/traces", "https://code:4317/v1/metrics"]
    );
    let traces = otlp(&settings.traces);
    assert_eq!(traces.protocol, Protocol::HttpJson);
    assert_eq!((traces.timeout, traces.gzip), (Duration::from_millis(7), true));
    assert_eq!(traces.certificate, Some(PathBuf::from(ca)));
    assert_eq!(traces.client_certificate, Some(PathBuf::from(me)));
    assert_eq!(traces.client_key, Some(PathBuf::from(key)));
    assert_decided(&settings, "traces: otlp http/json https://code:4317/v1/traces (code)");
}

#[test]
#[cfg(unix)]
fn an_endpoint_that_is_not_text_is_an_error() {
    use std::os::unix::ffi::OsStringExt as _;
    let find = |name: &str| {
        (name == ENDPOINT).then(|| std::ffi::OsString::from_vec(b"http://h\xff".to_vec()))
    };
    let environment = crate::telemetry::env::Environment::new(find, None);
    let error = Settings::with_available(&environment, &Overrides::default(), super::ALL);
    assert_eq!(
        error.unwrap_err().to_string(),
        "OTEL_EXPORTER_OTLP_ENDPOINT: \"http://h\u{fffd}\" is not UTF-8; expected a URL such as \
         http://localhost:4318; telemetry is not set up"
    );
}
