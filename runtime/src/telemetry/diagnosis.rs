//! What is wrong, in one word for programs and one sentence for people.

use std::fmt;

/// What kind of thing is wrong; the same word whatever the transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Diagnosis {
    /// Telemetry is switched off, by a variable or in code.
    Disabled,
    /// Telemetry has been shut down.
    ShutDown,
    /// The sampler records no trace that begins here.
    NothingSampled,
    /// Spans go nowhere.
    NoExporter,
    /// Spans were started before `init`, and are not recorded.
    StartedBeforeInit,
    /// The check was asked for on the export thread, which would wait for itself.
    OnExportThread,
    /// The host's name has no address.
    NameNotResolved,
    /// Nobody listens on the port.
    ConnectionRefused,
    /// There is no way to the host.
    Unreachable,
    /// The connection ended before there was an answer.
    ConnectionBroken,
    /// No answer came in time.
    NoAnswer,
    /// The receiver's certificate is of no authority that is trusted here.
    UntrustedCertificate,
    /// The receiver's certificate is for another name.
    CertificateOfAnotherHost,
    /// The receiver's certificate is not valid today.
    CertificateExpired,
    /// The receiver wants to see a client certificate.
    ClientCertificateRequired,
    /// The receiver does not accept the client certificate that it was shown.
    ClientCertificateRefused,
    /// Plain text was sent to a port that speaks TLS.
    TlsExpected,
    /// TLS was spoken to a port that expects plain text.
    PlainTextExpected,
    /// TLS was not agreed on for another reason.
    TlsFailed,
    /// HTTP was sent to a port that speaks gRPC.
    GrpcExpected,
    /// gRPC was sent to a port that speaks HTTP.
    HttpExpected,
    /// The receiver does not know who is sending: 401, `UNAUTHENTICATED`.
    Unauthenticated,
    /// The sender may not do this: 403, `PERMISSION_DENIED`.
    PermissionDenied,
    /// Nothing is at the path: 404, 405.
    PathNotFound,
    /// The receiver does not take this signal: `UNIMPLEMENTED`, or 404 where spans are taken.
    SignalNotTaken,
    /// The request is too large for the receiver: 413.
    TooLarge,
    /// The receiver does not read this encoding or compression: 415.
    EncodingNotTaken,
    /// The receiver's quota is used up: 429, `RESOURCE_EXHAUSTED`.
    TooManyRequests,
    /// The receiver has moved: 3xx.
    Redirected,
    /// The receiver does not understand the request: another 4xx, `INVALID_ARGUMENT`.
    BadRequest,
    /// The receiver has a problem of its own: 5xx, `UNAVAILABLE`, `INTERNAL`.
    ServerError,
    /// Something answered that it took the request, and is no receiver of OTLP.
    NotOtlp,
    /// The receiver took the request and left out what was in it.
    Rejected,
    /// A file, the console or an exporter of the program's own failed.
    ExporterFailed,
}

/// One thing that is wrong; `Display` is a sentence with what to change.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// What kind of thing.
    pub diagnosis: Diagnosis,
    /// What was seen: the endpoint and what it answered, or the setting. Without secrets.
    pub message: String,
    /// What to change.
    pub advice: String,
}

impl Finding {
    pub(crate) fn new(
        diagnosis: Diagnosis,
        message: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self { diagnosis, message: message.into(), advice: advice.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}; {}", self.message, self.advice)
    }
}
