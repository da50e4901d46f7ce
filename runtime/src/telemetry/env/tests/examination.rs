//! Variables that nothing uses are looked at all the same.

use super::{attempt, environment, error, settings};
use crate::telemetry::env::table::TABLE;
use crate::telemetry::settings::{Overrides, Settings};

/// Both signals on the console, whatever else is said.
const CONSOLE: [(&str, &str); 2] =
    [("OTEL_TRACES_EXPORTER", "console"), ("OTEL_METRICS_EXPORTER", "console")];

fn on_console(variable: (&str, &str)) -> Vec<String> {
    settings(&[CONSOLE[0], CONSOLE[1], variable]).warnings
}

#[test]
fn a_bad_value_of_the_otlp_family_is_named_on_the_console_too() {
    for (suffix, bad, said) in [
        (
            "ENDPOINT",
            "nonsense",
            "\"nonsense\" starts with neither http:// nor https://; expected a URL such as \
             http://localhost:4318",
        ),
        (
            "PROTOCOL",
            "carrier pigeon",
            "\"carrier pigeon\" is unknown; expected one of grpc, http/protobuf, http/json",
        ),
        (
            "HEADERS",
            "s3cret",
            "entry 1 does not start with a header name; expected name=value,name=value, \
             percent-encoded",
        ),
        (
            "TIMEOUT",
            "abc",
            "\"abc\" is not a number of milliseconds; expected a whole number such as 10000",
        ),
        ("COMPRESSION", "zstd", "\"zstd\" is not available yet; expected gzip or none"),
        ("INSECURE", "yes", "\"yes\" is neither true nor false; expected true or false"),
        ("CERTIFICATE", ".", "\".\" is a folder; expected the path of a PEM file"),
        ("CLIENT_CERTIFICATE", ".", "\".\" is a folder; expected the path of a PEM file"),
        ("CLIENT_KEY", ".", "\".\" is a folder; expected the path of a PEM file"),
    ] {
        for signal in ["", "TRACES_", "METRICS_"] {
            let name = format!("OTEL_EXPORTER_OTLP_{signal}{suffix}");
            assert_eq!(on_console((&name, bad)), [format!("{name}: {said}; it is not used")]);
        }
    }
}

#[test]
fn a_good_value_that_nothing_uses_needs_no_word() {
    for variable in [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://me.example/ingest?key=7"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-key=50%25"),
        ("OTEL_EXPORTER_JAEGER_AGENT_HOST", "::1"),
        ("OTEL_EXPORTER_JAEGER_AGENT_PORT", "6831"),
        ("OTEL_EXPORTER_TYPE", "jaeger"),
        ("SPANLINE_FILE", "/not/there/at/all"),
        ("COLUMNS", "0"),
        ("TERM", "\u{1b}?"),
    ] {
        assert_eq!(on_console(variable), [""; 0]);
    }
    let grpc = [("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"), ("FLO_OTLP_ENDPOINT", "collector")];
    let all: Vec<_> = CONSOLE.into_iter().chain(grpc).collect();
    assert_eq!(settings(&all).warnings, [""; 0]);
}

#[test]
fn an_endpoint_without_a_scheme_that_grpc_uses_is_no_mistake() {
    let variables = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:9999"),
        ("OTEL_EXPORTER_OTLP_INSECURE", "true"),
    ];
    let protocol = Some(crate::Protocol::Grpc);
    let overrides = Overrides { protocol, ..Overrides::default() };
    assert_eq!(attempt(&variables, &overrides).unwrap().warnings, [""; 0]);
}

#[test]
fn an_alias_that_loses_is_looked_at() {
    let warnings = settings(&[
        ("OTEL_SDK_DISABLED", "false"),
        ("OTEL_TRACING_ENABLED", "maybe"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4317"),
        ("FLO_OTLP_ENDPOINT", "flo"),
        ("OTEL_EXPORTER_JAEGER_AGENT_HOST", "two hosts"),
    ])
    .warnings;
    assert_eq!(
        warnings,
        [
            "OTEL_TRACING_ENABLED: \"maybe\" is neither true nor false; expected true or false; it \
             is not used",
            "FLO_OTLP_ENDPOINT: \"flo\" starts with neither http:// nor https://; expected a URL \
             such as http://localhost:4318; it is not used",
            "OTEL_EXPORTER_JAEGER_AGENT_HOST: \"two hosts\" has a blank or a character outside \
             ASCII; expected the name of a host; it is not used",
        ]
    );
}

#[test]
fn an_error_comes_with_everything_else_that_is_wrong() {
    let message = error(&[
        ("OTEL_CONFIG_FILE", "otel.yaml"),
        ("OTEL_TRACES_EXPORTER", "otlp"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "one"),
        ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "two"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "abc"),
        ("OTEL_BSP_SCHEDULE_DELAY", "-1"),
    ]);
    let lines: Vec<&str> = message.lines().collect();
    let starts = [
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: \"one\" ",
        "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: \"two\" ",
        "OTEL_CONFIG_FILE: \"otel.yaml\" ",
        "OTEL_BSP_SCHEDULE_DELAY: \"-1\" ",
        "OTEL_EXPORTER_OTLP_TIMEOUT: \"abc\" ",
    ];
    assert_eq!(lines.len(), starts.len(), "{message}");
    for (line, start) in lines.iter().zip(starts) {
        assert!(line.starts_with(start), "{line:?} should start with {start:?}");
    }
    assert!(lines[0].ends_with("; telemetry is not set up"), "{message}");
}

#[test]
#[cfg(unix)]
fn every_variable_that_takes_text_says_so_of_other_bytes() {
    use std::os::unix::ffi::OsStringExt as _;
    let anything = |name: &str| {
        matches!(
            name,
            "OTEL_CONFIG_FILE"
                | "SPANLINE_FILE"
                | "SPANLINE_OTLP_HEADERS_FILE"
                | "SPANLINE_PRICES"
                | "SPANLINE_SPOOL_DIR"
                | "NO_COLOR"
                | "TERM"
                | "LANG"
        ) || name.starts_with("CLICOLOR")
            || name.starts_with("LC_")
            || name.ends_with("_CERTIFICATE")
            || name.ends_with("_CLIENT_KEY")
    };
    let mut named = 0;
    for name in TABLE.iter().map(|variable| variable.name()).filter(|name| !anything(name)) {
        let source = environment(&[CONSOLE[0], CONSOLE[1], ("OTEL_LOGS_EXPORTER", "none")]);
        let find = move |asked: &str| {
            if asked == name {
                return Some(std::ffi::OsString::from_vec(vec![b's', b'3', 0xff]));
            }
            (source.source)(asked)
        };
        let environment = crate::telemetry::env::Environment::new(find, None);
        let settings = Settings::from_environment(&environment, &Overrides::default()).unwrap();
        let [warning] = settings.warnings.as_slice() else { panic!("{:?}", settings.warnings) };
        let shown = if name.ends_with("_HEADERS") { "the value" } else { "\"s3\u{fffd}\"" };
        let start = format!("{name}: {shown} is not UTF-8; expected ");
        assert!(warning.starts_with(&start), "{warning}");
        named += 1;
    }
    assert!(named > 40, "only {named} variables take text");
}
