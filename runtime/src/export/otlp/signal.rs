//! What a request carries.

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
