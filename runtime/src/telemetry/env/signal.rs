//! The signals, and the variables that speak of one signal alone.

use super::table::{self, Variable};

/// What is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signal {
    Traces,
    Metrics,
    Logs,
}

/// One family of variables.
#[derive(Debug)]
pub(super) struct Family {
    pub(super) exporter: &'static Variable,
    pub(super) endpoint: &'static Variable,
    pub(super) protocol: &'static Variable,
    pub(super) headers: &'static Variable,
    pub(super) timeout: &'static Variable,
    pub(super) compression: &'static Variable,
    pub(super) insecure: &'static Variable,
    pub(super) certificate: &'static Variable,
    pub(super) client_certificate: &'static Variable,
    pub(super) client_key: &'static Variable,
}

const TRACES: Family = Family {
    exporter: table::OTEL_TRACES_EXPORTER,
    endpoint: table::OTEL_EXPORTER_OTLP_TRACES_ENDPOINT,
    protocol: table::OTEL_EXPORTER_OTLP_TRACES_PROTOCOL,
    headers: table::OTEL_EXPORTER_OTLP_TRACES_HEADERS,
    timeout: table::OTEL_EXPORTER_OTLP_TRACES_TIMEOUT,
    compression: table::OTEL_EXPORTER_OTLP_TRACES_COMPRESSION,
    insecure: table::OTEL_EXPORTER_OTLP_TRACES_INSECURE,
    certificate: table::OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE,
    client_certificate: table::OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE,
    client_key: table::OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY,
};

const METRICS: Family = Family {
    exporter: table::OTEL_METRICS_EXPORTER,
    endpoint: table::OTEL_EXPORTER_OTLP_METRICS_ENDPOINT,
    protocol: table::OTEL_EXPORTER_OTLP_METRICS_PROTOCOL,
    headers: table::OTEL_EXPORTER_OTLP_METRICS_HEADERS,
    timeout: table::OTEL_EXPORTER_OTLP_METRICS_TIMEOUT,
    compression: table::OTEL_EXPORTER_OTLP_METRICS_COMPRESSION,
    insecure: table::OTEL_EXPORTER_OTLP_METRICS_INSECURE,
    certificate: table::OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE,
    client_certificate: table::OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE,
    client_key: table::OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY,
};

const LOGS: Family = Family {
    exporter: table::OTEL_LOGS_EXPORTER,
    endpoint: table::OTEL_EXPORTER_OTLP_LOGS_ENDPOINT,
    protocol: table::OTEL_EXPORTER_OTLP_LOGS_PROTOCOL,
    headers: table::OTEL_EXPORTER_OTLP_LOGS_HEADERS,
    timeout: table::OTEL_EXPORTER_OTLP_LOGS_TIMEOUT,
    compression: table::OTEL_EXPORTER_OTLP_LOGS_COMPRESSION,
    insecure: table::OTEL_EXPORTER_OTLP_LOGS_INSECURE,
    certificate: table::OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE,
    client_certificate: table::OTEL_EXPORTER_OTLP_LOGS_CLIENT_CERTIFICATE,
    client_key: table::OTEL_EXPORTER_OTLP_LOGS_CLIENT_KEY,
};

impl Signal {
    pub(super) fn variables(self) -> &'static Family {
        match self {
            Self::Traces => &TRACES,
            Self::Metrics => &METRICS,
            Self::Logs => &LOGS,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Traces => "traces",
            Self::Metrics => "metrics",
            Self::Logs => "logs",
        }
    }

    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Traces => "v1/traces",
            Self::Metrics => "v1/metrics",
            Self::Logs => "v1/logs",
        }
    }
}
