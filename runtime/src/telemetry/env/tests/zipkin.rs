//! Where Zipkin takes spans.

use std::time::Duration;

use super::{ALL, assert_decided, attempt, environment, error, quiet};
use crate::telemetry::env::ExporterName;
use crate::telemetry::env::exporter::Available;
use crate::telemetry::settings::{Destination, Overrides, Settings, Zipkin};

const NAMED: (&str, &str) = ("OTEL_TRACES_EXPORTER", "zipkin");
const ENDPOINT: &str = "OTEL_EXPORTER_ZIPKIN_ENDPOINT";

fn at(endpoint: &str, seconds: u64) -> Vec<Destination> {
    let timeout = Duration::from_secs(seconds);
    vec![Destination::Zipkin(Zipkin { endpoint: endpoint.to_owned(), timeout })]
}

#[test]
fn it_takes_spans_where_zipkin_listens_and_no_metrics() {
    let settings = quiet(&[NAMED]);
    assert_eq!(settings.traces, at("http://localhost:9411/api/v2/spans", 10));
    assert_eq!(settings.metrics, []);
    let line = "traces: zipkin http://localhost:9411/api/v2/spans (OTEL_TRACES_EXPORTER; place: \
                default)";
    assert_decided(&settings, line);
}

#[test]
fn its_endpoint_is_used_as_it_is_and_code_wins() {
    let variables = [
        NAMED,
        (ENDPOINT, "https://zipkin.example/in?key=s3cret"),
        ("OTEL_EXPORTER_ZIPKIN_TIMEOUT", "2000"),
    ];
    let settings = quiet(&variables);
    assert_eq!(settings.traces, at("https://zipkin.example/in?key=s3cret", 2));
    assert!(!settings.decisions.concat().contains("s3cret"), "{:?}", settings.decisions);
    let code = Overrides {
        zipkin_endpoint: Some("http://other/spans".to_owned()),
        metrics: Some(vec![ExporterName::Zipkin]),
        ..Overrides::default()
    };
    let settings = attempt(&variables, &code).unwrap();
    assert_eq!(settings.traces, at("http://other/spans", 2));
    assert_eq!(
        settings.warnings,
        ["metrics exporters set in code: zipkin takes no metrics; expected a list of otlp, \
          console, file, datadog, prometheus, or none; using the others"]
    );
}

#[test]
fn an_endpoint_that_is_none_fails() {
    for (endpoint, problem) in [
        ("localhost:9411", "starts with neither http:// nor https://"),
        ("http://", "has no host"),
        ("http://u:p@h", "carries credentials, which a collector in between could send"),
    ] {
        let error = error(&[NAMED, (ENDPOINT, endpoint)]);
        assert!(error.starts_with(&format!("{ENDPOINT}: ")), "{error}");
        let end = format!(
            " {problem}; expected a URL such as http://localhost:9411/api/v2/spans; telemetry is \
             not set up"
        );
        assert!(error.ends_with(&end), "{error}");
    }
}

#[test]
fn without_its_feature_it_fails() {
    let available = Available { zipkin: false, ..ALL };
    let environment = environment(&[NAMED]);
    let error = Settings::with_available(&environment, &Overrides::default(), available);
    assert_eq!(
        error.unwrap_err().to_string(),
        "traces: the zipkin exporter (OTEL_TRACES_EXPORTER) is not compiled in; enable the feature \
         `zipkin` of `spanline`"
    );
}
