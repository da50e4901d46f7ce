//! Why nothing arrived, read from errors and statuses.

use std::error::Error as StdError;
use std::io;

use rustls::{AlertDescription, CertificateError};

use crate::telemetry::diagnosis::Diagnosis;

/// What an error of the connection means.
pub(super) fn of_connection(error: &(dyn StdError + 'static)) -> Diagnosis {
    if let Some(tls) = tls(error) {
        return of_tls(tls);
    }
    let mut found = Diagnosis::ConnectionBroken;
    for cause in causes(error) {
        // The connectors of both clients are one, and tell what they failed at in these words.
        match cause.to_string().as_str() {
            text if text.starts_with("dns error") => return Diagnosis::NameNotResolved,
            "HTTP/2 was not negotiated." => return Diagnosis::HttpExpected,
            _ => {}
        }
        if let Some(error) = cause.downcast_ref::<io::Error>() {
            found = of_kind(error.kind()).unwrap_or(found);
        }
    }
    found
}

/// The error of TLS behind this one.
pub(super) fn tls<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a rustls::Error> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

/// The error itself and what it came from; an `io::Error` hides what it wraps from `source`.
fn causes<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error| {
        let error: &'a (dyn StdError + 'static) = *error;
        match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(wrapped) => Some(wrapped as &(dyn StdError + 'static)),
            None => error.source(),
        }
    })
}

fn of_kind(kind: io::ErrorKind) -> Option<Diagnosis> {
    Some(match kind {
        io::ErrorKind::ConnectionRefused => Diagnosis::ConnectionRefused,
        io::ErrorKind::HostUnreachable
        | io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::NetworkDown
        | io::ErrorKind::AddrNotAvailable => Diagnosis::Unreachable,
        io::ErrorKind::TimedOut => Diagnosis::NoAnswer,
        _ => return None,
    })
}

fn of_tls(error: &rustls::Error) -> Diagnosis {
    match error {
        rustls::Error::InvalidCertificate(error) => match error {
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                Diagnosis::CertificateOfAnotherHost
            }
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. } => Diagnosis::CertificateExpired,
            _ => Diagnosis::UntrustedCertificate,
        },
        rustls::Error::AlertReceived(alert) => match alert {
            AlertDescription::CertificateRequired
            | AlertDescription::NoCertificate
            | AlertDescription::BadCertificate => Diagnosis::ClientCertificateRequired,
            AlertDescription::UnknownCA
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::DecryptError
            | AlertDescription::AccessDenied => Diagnosis::ClientCertificateRefused,
            // Only gRPC insists on one protocol.
            AlertDescription::NoApplicationProtocol => Diagnosis::HttpExpected,
            _ => Diagnosis::TlsFailed,
        },
        // What came is no TLS at all.
        rustls::Error::InvalidMessage(_) => Diagnosis::PlainTextExpected,
        _ => Diagnosis::TlsFailed,
    }
}

#[cfg(feature = "otlp-http")]
pub(super) fn of_http(status: http::StatusCode, is_grpc: bool, words: &str) -> Diagnosis {
    if is_grpc {
        return Diagnosis::GrpcExpected;
    }
    let words = words.to_ascii_lowercase();
    match status.as_u16() {
        300..400 => Diagnosis::Redirected,
        // What servers say to plain text on their port for TLS.
        400 | 497 if words.contains("https") => Diagnosis::TlsExpected,
        401 | 407 => Diagnosis::Unauthenticated,
        403 => Diagnosis::PermissionDenied,
        404 | 405 | 410 => Diagnosis::PathNotFound,
        408 => Diagnosis::NoAnswer,
        413 => Diagnosis::TooLarge,
        415 => Diagnosis::EncodingNotTaken,
        429 => Diagnosis::TooManyRequests,
        500.. => Diagnosis::ServerError,
        _ => Diagnosis::BadRequest,
    }
}

#[cfg(feature = "otlp-grpc")]
pub(super) fn of_grpc(status: &tonic::Status) -> Diagnosis {
    use tonic::Code;

    // tonic's words where an answer has no gRPC in it.
    let is_http = status.message().starts_with("grpc-status header missing");
    let words = status.message().to_ascii_lowercase();
    match status.code() {
        Code::Unauthenticated => Diagnosis::Unauthenticated,
        Code::PermissionDenied => Diagnosis::PermissionDenied,
        Code::Internal | Code::Unknown | Code::Unimplemented if is_http => Diagnosis::HttpExpected,
        Code::Unimplemented if words.contains("compress") => Diagnosis::EncodingNotTaken,
        Code::Unimplemented => Diagnosis::SignalNotTaken,
        Code::ResourceExhausted | Code::OutOfRange if words.contains("larger than") => {
            Diagnosis::TooLarge
        }
        Code::ResourceExhausted => Diagnosis::TooManyRequests,
        Code::DeadlineExceeded => Diagnosis::NoAnswer,
        Code::InvalidArgument | Code::FailedPrecondition | Code::OutOfRange | Code::NotFound => {
            Diagnosis::BadRequest
        }
        _ => Diagnosis::ServerError,
    }
}
