//! One request by the exporter's own way, and what its answer means.

use std::time::Duration;

use prost::bytes::Bytes;
use tokio::time::{Instant, timeout_at};

use super::OtlpExporter;
use super::answer::{Answer, Partial};
use super::failure;
use super::signal::Signal;
use super::spoken::{self, Spoken};
use super::tls::Certificates;
use crate::export::request::Request;
use crate::telemetry::diagnosis::{Diagnosis, Finding};
use crate::telemetry::settings::Protocol;

/// A connection that was kept open may have ended meanwhile: the second attempt has a new one.
const ATTEMPTS: usize = 2;

impl OtlpExporter {
    /// Sends one request within `patience`. What the receiver says to what it took is no finding.
    pub(crate) async fn check(
        &mut self,
        request: Request,
        patience: Duration,
    ) -> Result<Option<String>, Finding> {
        let signal = Signal::of(&request);
        let items = request.items();
        let body = self.transport.encode(&request).and_then(|body| self.transport.pack(body));
        let body = body.map_err(|problem| {
            let message = format!("cannot encode a request: {problem}");
            self.finding(Diagnosis::ExporterFailed, message, signal)
        })?;
        match self.attempt(signal, body, self.settings.timeout.min(patience)).await {
            Ok(partial) => self.taken(partial, signal, items),
            Err((diagnosis, reason)) => {
                let (diagnosis, reason) = self.listen(diagnosis, reason).await;
                Err(self.finding(diagnosis, reason, signal))
            }
        }
    }

    async fn attempt(
        &mut self,
        signal: Signal,
        body: Bytes,
        patience: Duration,
    ) -> Result<Partial, (Diagnosis, String)> {
        let deadline = Instant::now() + patience;
        let mut attempts = 0;
        let mut is_renewed = false;
        self.renew(false);
        loop {
            attempts += 1;
            let sending = self.transport.send(&self.endpoint, signal, body.clone());
            let Ok(answer) = timeout_at(deadline, sending).await else {
                let reason = format!("{} did not answer within {patience:?}", self.endpoint);
                return Err((Diagnosis::NoAnswer, reason));
            };
            match answer {
                Answer::Taken(partial) => return Ok(partial),
                Answer::Refused { diagnosis: Diagnosis::Unauthenticated, .. }
                    if !is_renewed && self.renew(true) =>
                {
                    is_renewed = true;
                }
                Answer::Refused { diagnosis: Diagnosis::ConnectionBroken, .. }
                    if attempts < ATTEMPTS => {}
                Answer::Refused { diagnosis, reason, .. } => return Err((diagnosis, reason)),
            }
        }
    }

    fn taken(
        &self,
        partial: Partial,
        signal: Signal,
        items: usize,
    ) -> Result<Option<String>, Finding> {
        let Partial { rejected, message, is_foreign } = partial;
        if rejected == 0 && message.is_empty() {
            return Ok(None);
        }
        let rejected = usize::try_from(rejected).unwrap_or(items).min(items);
        let reason = self.partial_reason(signal, rejected, items, &message);
        if is_foreign {
            Err(self.finding(Diagnosis::NotOtlp, reason, signal))
        } else if rejected > 0 {
            Err(self.finding(Diagnosis::Rejected, reason, signal))
        } else {
            Ok(Some(reason))
        }
    }

    /// What broke off, or stalled, may have been spoken to in the wrong language.
    async fn listen(&self, diagnosis: Diagnosis, reason: String) -> (Diagnosis, String) {
        let is_unclear = matches!(diagnosis, Diagnosis::ConnectionBroken | Diagnosis::NoAnswer);
        let Some((host, port)) = self.endpoint.address().filter(|_| is_unclear) else {
            return (diagnosis, reason);
        };
        let endpoint = &self.endpoint;
        let is_grpc = self.settings.protocol == Protocol::Grpc;
        let spoken = spoken::at(host, port).await;
        let (is_tls, is_http1, is_http2) = (
            spoken.contains(&Spoken::Tls),
            spoken.contains(&Spoken::Http1),
            spoken.contains(&Spoken::Http2),
        );
        if is_tls && endpoint.is_https() {
            // An answer that the end of the connection overtook.
            let Ok(certificates) = Certificates::read(&self.settings) else {
                return (diagnosis, reason);
            };
            let Ok(config) = certificates.into_rustls() else { return (diagnosis, reason) };
            return match spoken::refusal(host, port, config).await {
                Some(error) => {
                    let message = format!("{endpoint} could not be reached: {error}");
                    (failure::of_connection(&error), message)
                }
                None => (diagnosis, reason),
            };
        }
        if is_tls {
            return (Diagnosis::TlsExpected, format!("{endpoint} speaks TLS"));
        }
        if endpoint.is_https() && (is_http1 || is_http2) {
            let message = format!("{endpoint} speaks plain text, not TLS");
            return (Diagnosis::PlainTextExpected, message);
        }
        match (is_http1, is_http2) {
            (true, false) if is_grpc => {
                (Diagnosis::HttpExpected, format!("{endpoint} speaks HTTP/1, not gRPC"))
            }
            (false, true) if !is_grpc => {
                (Diagnosis::GrpcExpected, format!("{endpoint} speaks gRPC, or HTTP/2 alone"))
            }
            _ => (diagnosis, reason),
        }
    }

    fn finding(&self, diagnosis: Diagnosis, reason: String, signal: Signal) -> Finding {
        let has_identity = self.settings.client_certificate.is_some();
        let diagnosis = match diagnosis {
            Diagnosis::ClientCertificateRequired if has_identity => {
                Diagnosis::ClientCertificateRefused
            }
            other => other,
        };
        Finding::new(diagnosis, reason, self.advice(diagnosis, signal))
    }
}
