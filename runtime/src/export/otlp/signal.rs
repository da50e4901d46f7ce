//! What a request carries.

use crate::export::request::Request;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signal {
    Traces,
    Metrics,
}

impl Signal {
    pub(super) fn of(request: &Request) -> Self {
        match request {
            Request::Traces(_) => Self::Traces,
            Request::Metrics(_) => Self::Metrics,
        }
    }

    /// `3 spans`, `1 metric point`.
    pub(super) fn count(self, items: usize) -> String {
        let noun = match self {
            Self::Traces => "span",
            Self::Metrics => "metric point",
        };
        format!("{items} {noun}{}", if items == 1 { "" } else { "s" })
    }
}
