//! What a request carries.

#[cfg(feature = "spool")]
use crate::export::ledger::Item;
use crate::export::request::Request;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signal {
    Traces,
    Metrics,
    Logs,
}

impl Signal {
    pub(super) fn of(request: &Request) -> Self {
        match request {
            Request::Traces(_) => Self::Traces,
            Request::Metrics(_) => Self::Metrics,
            Request::Logs(_) => Self::Logs,
        }
    }

    #[cfg(feature = "spool")]
    pub(super) fn of_item(item: Item) -> Self {
        match item {
            Item::Span => Self::Traces,
            Item::Point => Self::Metrics,
            Item::Record => Self::Logs,
        }
    }

    /// Where HTTP receivers usually take it.
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Traces => "/v1/traces",
            Self::Metrics => "/v1/metrics",
            Self::Logs => "/v1/logs",
        }
    }

    /// The variable for the endpoint of this signal alone.
    pub(super) fn endpoint_variable(self) -> &'static str {
        match self {
            Self::Traces => "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
            Self::Metrics => "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
            Self::Logs => "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
        }
    }

    /// `3 spans`, `1 metric point`.
    pub(super) fn count(self, items: usize) -> String {
        let noun = match self {
            Self::Traces => "span",
            Self::Metrics => "metric point",
            Self::Logs => "log record",
        };
        format!("{items} {noun}{}", if items == 1 { "" } else { "s" })
    }
}
