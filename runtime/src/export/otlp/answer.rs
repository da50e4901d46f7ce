//! What a receiver answered, whatever the transport.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceResponse;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceResponse;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use prost::Message as _;

use super::failure;
use super::signal::Signal;
use crate::telemetry::diagnosis::Diagnosis;

/// More of an answer than this is not read.
pub(super) const LONGEST_ANSWER: usize = 64 * 1024;

/// What one try came to.
#[derive(Debug)]
pub(super) enum Answer {
    Taken(Partial),
    /// Nothing was taken.
    Refused {
        diagnosis: Diagnosis,
        reason: String,
        again: Again,
    },
}

/// Whether and when another try is in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Again {
    Never,
    /// The receiver is there, but busy.
    Later,
    /// The receiver said when.
    After(Duration),
    /// No answer came: nobody listens, or the connection broke.
    Unreached,
    /// No connection is made, and trying soon changes nothing: its certificates are at fault.
    NotSoon,
}

/// How much of a request that was taken was left out, and what the receiver says about it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Partial {
    pub(super) rejected: u64,
    pub(super) message: String,
    /// Whether whoever took it answered something that is no OTLP.
    pub(super) is_foreign: bool,
}

impl Partial {
    fn new(rejected: i64, message: String) -> Self {
        Self { rejected: u64::try_from(rejected).unwrap_or(0), message, is_foreign: false }
    }

    pub(super) fn foreign(message: String) -> Self {
        Self { rejected: 0, message, is_foreign: true }
    }

    pub(super) fn from_protobuf(signal: Signal, body: &[u8]) -> Result<Self, prost::DecodeError> {
        let partial = match signal {
            Signal::Traces => ExportTraceServiceResponse::decode(body)?
                .partial_success
                .map(|partial| Self::new(partial.rejected_spans, partial.error_message)),
            Signal::Metrics => ExportMetricsServiceResponse::decode(body)?
                .partial_success
                .map(|partial| Self::new(partial.rejected_data_points, partial.error_message)),
            Signal::Logs => ExportLogsServiceResponse::decode(body)?
                .partial_success
                .map(|partial| Self::new(partial.rejected_log_records, partial.error_message)),
        };
        Ok(partial.unwrap_or_default())
    }

    /// The official types take the count as a number only; the JSON mapping writes it as a string.
    #[cfg(feature = "otlp-http")]
    pub(super) fn from_json(signal: Signal, body: &[u8]) -> serde_json::Result<Self> {
        let document: serde_json::Value = serde_json::from_slice(body)?;
        let member = |object: &serde_json::Value, names: [&str; 2]| {
            names.iter().find_map(|name| object.get(name)).cloned().unwrap_or_default()
        };
        let partial = member(&document, ["partialSuccess", "partial_success"]);
        let rejected = match signal {
            Signal::Traces => member(&partial, ["rejectedSpans", "rejected_spans"]),
            Signal::Metrics => member(&partial, ["rejectedDataPoints", "rejected_data_points"]),
            Signal::Logs => member(&partial, ["rejectedLogRecords", "rejected_log_records"]),
        };
        let rejected =
            rejected.as_i64().or_else(|| rejected.as_str()?.parse().ok()).unwrap_or_default();
        let message = member(&partial, ["errorMessage", "error_message"]);
        Ok(Self::new(rejected, message.as_str().unwrap_or_default().to_owned()))
    }
}

/// `google.rpc.Status`, the body of an OTLP error.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct RpcStatus {
    #[prost(int32, tag = "1")]
    pub(super) code: i32,
    #[prost(string, tag = "2")]
    pub(super) message: String,
    #[prost(message, repeated, tag = "3")]
    pub(super) details: Vec<Detail>,
}

/// `google.protobuf.Any`.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Detail {
    #[prost(string, tag = "1")]
    pub(super) type_url: String,
    #[prost(bytes = "vec", tag = "2")]
    pub(super) value: Vec<u8>,
}

/// The innermost cause, in the words of whoever noticed it.
pub(super) fn cause(error: &(dyn StdError + 'static)) -> String {
    let mut innermost = error;
    let mut refused = false;
    while let Some(source) = {
        refused |= innermost
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::ConnectionRefused);
        innermost.source()
    } {
        innermost = source;
    }
    if refused {
        return "connection refused".to_owned();
    }
    let text = innermost.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut characters = text.chars();
    // "Connection reset by peer" continues our sentence; "DNS …" stays.
    match (characters.next(), characters.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() => {
            first.to_lowercase().chain(characters).collect()
        }
        _ => text.to_owned(),
    }
}

/// Whether the certificates, not the network, are at fault: trying again changes nothing.
pub(super) fn is_tls(error: &(dyn StdError + 'static)) -> bool {
    failure::tls(error).is_some()
}
