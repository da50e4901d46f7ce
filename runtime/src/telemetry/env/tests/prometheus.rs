//! Where metrics are fetched.

use super::{ALL, assert_decided, attempt, environment, quiet, settings, settings_of_code};
use crate::telemetry::env::ExporterName;
use crate::telemetry::env::exporter::Available;
use crate::telemetry::settings::{Destination, Overrides, Prometheus, Settings};

const NAMED: (&str, &str) = ("OTEL_METRICS_EXPORTER", "prometheus");

fn at(host: &str, port: u16) -> Prometheus {
    Prometheus { host: host.to_owned(), port }
}

#[test]
fn named_alone_it_is_served_and_spans_go_where_they_go_without_it() {
    let settings = quiet(&[NAMED]);
    assert_eq!(settings.prometheus, Some(at("localhost", 9464)));
    assert_eq!(
        (settings.metrics.as_slice(), settings.traces.as_slice()),
        (&[][..], &[Destination::Console][..])
    );
    assert_decided(&settings, "metrics: prometheus on localhost:9464 (OTEL_METRICS_EXPORTER)");
    assert!(!settings.decisions.iter().any(|line| line.starts_with("metrics: none")));
}

#[test]
fn it_goes_beside_what_is_sent() {
    let settings = quiet(&[("OTEL_METRICS_EXPORTER", "console,prometheus")]);
    assert_eq!(settings.prometheus, Some(at("localhost", 9464)));
    assert_eq!(settings.metrics, [Destination::Console]);
    assert_eq!(settings.traces, [Destination::Console], "as the other signal, as far as it can");
}

#[test]
fn host_and_port_have_variables_that_code_wins_over() {
    let variables =
        [NAMED, ("OTEL_EXPORTER_PROMETHEUS_HOST", "::1"), ("OTEL_EXPORTER_PROMETHEUS_PORT", "0")];
    let settings = quiet(&variables);
    assert_eq!(settings.prometheus, Some(at("::1", 0)));
    assert_decided(&settings, "metrics: prometheus on [::1]:0 (OTEL_METRICS_EXPORTER)");
    assert_decided(&settings, "prometheus port: 0 (OTEL_EXPORTER_PROMETHEUS_PORT)");
    let code = Overrides {
        prometheus_host: Some("0.0.0.0".to_owned()),
        prometheus_port: Some(9000),
        ..Overrides::default()
    };
    let settings = attempt(&variables, &code).unwrap();
    assert_eq!(settings.prometheus, Some(at("0.0.0.0", 9000)));
    assert_decided(&settings, "prometheus host: 0.0.0.0 (code)");
}

#[test]
fn a_bad_host_or_port_is_named_and_the_default_is_used() {
    let settings = settings(&[
        NAMED,
        ("OTEL_EXPORTER_PROMETHEUS_HOST", "two hosts"),
        ("OTEL_EXPORTER_PROMETHEUS_PORT", "65536"),
    ]);
    assert_eq!(settings.prometheus, Some(at("localhost", 9464)));
    assert_eq!(
        settings.warnings,
        [
            "OTEL_EXPORTER_PROMETHEUS_PORT: \"65536\" is not the number of a port; expected a number \
             from 0 to 65535 such as 9464; using 9464",
            "OTEL_EXPORTER_PROMETHEUS_HOST: \"two hosts\" has a blank or a character outside ASCII; \
             expected the name of a host; using localhost",
        ]
    );
}

#[test]
fn set_in_code_for_spans_it_is_named() {
    let code = Overrides {
        traces: Some(vec![ExporterName::Prometheus, ExporterName::Console]),
        metrics: Some(vec![ExporterName::Prometheus]),
        ..Overrides::default()
    };
    let settings = settings_of_code(&code);
    assert_eq!(settings.traces, [Destination::Console]);
    assert_eq!(settings.prometheus, Some(at("localhost", 9464)));
    assert_eq!(
        settings.warnings,
        ["traces exporters set in code: prometheus takes no traces; expected a list of otlp, \
          console, file, jaeger, tempo, datadog, zipkin, or none; using the others"]
    );
}

#[test]
fn without_its_feature_it_fails() {
    let available = Available { prometheus: false, ..ALL };
    let environment = environment(&[NAMED]);
    let error = Settings::with_available(&environment, &Overrides::default(), available);
    assert_eq!(
        error.unwrap_err().to_string(),
        "metrics: the prometheus exporter (OTEL_METRICS_EXPORTER) is not compiled in; enable the \
         feature `prometheus` of `spanline`"
    );
}
