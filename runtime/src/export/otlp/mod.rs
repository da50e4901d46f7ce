//! OTLP over gRPC and HTTP.

mod advice;
mod answer;
mod backoff;
mod check;
mod credentials;
mod endpoint;
mod failure;
#[cfg(feature = "otlp-grpc")]
mod grpc;
#[cfg(feature = "otlp-http")]
mod http;
mod patience;
#[cfg(feature = "spool")]
mod setbacks;
mod signal;
mod spoken;
#[cfg(feature = "spool")]
mod spooled;
#[cfg(test)]
#[cfg(all(feature = "otlp-grpc", feature = "otlp-http"))]
mod tests;
mod tls;

#[cfg(feature = "spool")]
use std::sync::Arc;
use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::trace::SpanData;
use prost::Message as _;
use prost::bytes::Bytes;
use tokio::time::{Instant, sleep, timeout_at};

use self::answer::{Again, Answer, Partial};
use self::backoff::Backoff;
use self::credentials::Credentials;
use self::endpoint::Endpoint;
use self::patience::{Patience, Undelivered};
use self::signal::Signal;
#[cfg(feature = "spool")]
use self::spooled::Spooled;
use super::Delivery;
use super::encoded::{EncodedResource, EncodedSpans};
#[cfg(feature = "spool")]
use super::ledger::Ledger;
use super::log_record::LogRecord;
use super::request::Request;
use crate::Error;
use crate::telemetry::diagnosis::Diagnosis;
use crate::telemetry::settings::{Otlp, Protocol};

/// How we name ourselves to receivers.
const USER_AGENT: &str = concat!("OTel-OTLP-Exporter-Rust-spanline/", env!("CARGO_PKG_VERSION"));

/// How often an item is made smaller: JSON writes some characters as several.
const ROUNDS: usize = 16;
/// What says that something was cut takes room as well.
const FOR_THE_NOTE: usize = 64;

/// Sends one signal to one endpoint; a copy has the same client.
#[derive(Clone)]
pub(crate) struct OtlpExporter {
    endpoint: Endpoint,
    transport: Transport,
    settings: Otlp,
    credentials: Credentials,
    shrunk_items: u64,
    /// Through which everything goes, where there is one.
    #[cfg(feature = "spool")]
    spooled: Option<Spooled>,
}

#[derive(Clone)]
enum Transport {
    #[cfg(feature = "otlp-grpc")]
    Grpc(grpc::GrpcTransport),
    #[cfg(feature = "otlp-http")]
    Http(http::HttpTransport),
}

impl OtlpExporter {
    /// Reads certificates and checks the endpoint; connects nowhere yet. Called inside the export
    /// thread's tokio runtime.
    pub(crate) fn new(settings: &Otlp) -> Result<Self, Error> {
        let credentials = Credentials::new(settings)?;
        let headers = credentials.headers();
        let endpoint = Endpoint::parse(&settings.endpoint, &headers)?;
        let transport = match settings.protocol {
            #[cfg(feature = "otlp-grpc")]
            Protocol::Grpc => {
                Transport::Grpc(grpc::GrpcTransport::new(settings, &headers, &endpoint)?)
            }
            #[cfg(not(feature = "otlp-grpc"))]
            Protocol::Grpc => return Err(feature_off("grpc", "otlp-grpc")),
            #[cfg(feature = "otlp-http")]
            Protocol::HttpProtobuf | Protocol::HttpJson => {
                Transport::Http(http::HttpTransport::new(settings, &headers, &endpoint)?)
            }
            #[cfg(not(feature = "otlp-http"))]
            Protocol::HttpProtobuf | Protocol::HttpJson => {
                return Err(feature_off("http", "otlp-http"));
            }
        };
        Ok(Self {
            endpoint,
            transport,
            settings: settings.clone(),
            credentials,
            shrunk_items: 0,
            #[cfg(feature = "spool")]
            spooled: None,
        })
    }

    /// Opens the spool, where one is set, and sends from now on what is in it.
    #[cfg(feature = "spool")]
    pub(crate) fn with_spool(mut self, ledger: &Arc<Ledger>) -> Result<Self, Error> {
        if let Some(settings) = &self.settings.spool {
            self.spooled = Some(Spooled::open(&self, settings, ledger)?);
        }
        Ok(self)
    }

    /// Tries all that waits on disk; with `close`, leaves to the next run what nobody takes.
    #[cfg(feature = "spool")]
    pub(crate) async fn empty_spool(&self, close: bool) {
        if let Some(spooled) = &self.spooled {
            spooled.empty(close).await;
        }
    }

    /// How many items went to disk since this was last asked: what becomes of them is told from there.
    #[cfg(feature = "spool")]
    pub(crate) fn take_kept_items(&self) -> u64 {
        self.spooled.as_ref().map_or(0, Spooled::take_kept_items)
    }

    /// The same client, past the spool.
    pub(crate) fn direct(&self) -> Self {
        Self {
            #[cfg(feature = "spool")]
            spooled: None,
            ..self.clone()
        }
    }

    pub(crate) async fn export_spans(
        &mut self,
        resource: &Resource,
        spans: Vec<SpanData>,
    ) -> Delivery {
        if self.transport.is_json() {
            return self.export(Request::traces(resource, spans)).await;
        }
        let encoded = EncodedSpans::new(&spans);
        drop(spans);
        self.export_encoded(resource, &encoded).await
    }

    /// Whether spans are sent as protobuf.
    pub(crate) fn takes_encoded(&self) -> bool {
        !self.transport.is_json()
    }

    pub(crate) async fn export_encoded(
        &mut self,
        resource: &Resource,
        spans: &EncodedSpans,
    ) -> Delivery {
        let resource = EncodedResource::new(resource);
        let mut progress = Progress::new(self.settings.timeout);
        for cut in spans.cut(self.settings.max_request_bytes, &resource) {
            let mut body: Bytes = resource.request(&cut).into();
            if body.len() > self.settings.max_request_bytes && cut.items() == 1 {
                body = self.fitted(body);
            }
            self.send(Signal::Traces, body, cut.items(), &mut progress).await;
        }
        progress.delivery
    }

    pub(crate) async fn export_records(
        &mut self,
        resource: &Resource,
        records: Vec<LogRecord>,
    ) -> Delivery {
        self.export(Request::logs(resource, records)).await
    }

    pub(crate) async fn export_metrics(&mut self, metrics: &ResourceMetrics) -> Delivery {
        self.export(Request::metrics(metrics)).await
    }

    async fn export(&mut self, request: Request) -> Delivery {
        let mut progress = Progress::new(self.settings.timeout);
        let mut waiting = vec![request];
        while let Some(request) = waiting.pop() {
            let (signal, items) = (Signal::of(&request), request.items());
            if items == 0 {
                continue;
            }
            let body = match self.transport.encode(&request) {
                Ok(body) => body,
                Err(problem) => {
                    progress.lose(items, format!("cannot encode a request: {problem}"));
                    continue;
                }
            };
            let body = if body.len() > self.settings.max_request_bytes {
                match request.halves() {
                    Ok((first, second)) => {
                        waiting.extend([second, first]);
                        continue;
                    }
                    Err(whole) => self.shrunk(&whole, body.len()).unwrap_or(body),
                }
            } else {
                drop(request);
                body
            };
            self.send(signal, body, items, &mut progress).await;
        }
        progress.delivery
    }

    /// A request with one span that is too large, made smaller.
    fn fitted(&mut self, body: Bytes) -> Bytes {
        let whole = ExportTraceServiceRequest::decode(body.clone()).ok();
        let shrunk = whole.and_then(|whole| self.shrunk(&Request::Traces(whole), body.len()));
        shrunk.unwrap_or(body)
    }

    /// The one item of a request, made to fit; `None` where it cannot be: then the receiver decides, and
    /// is counted.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "a share of a length, and about right is right"
    )]
    fn shrunk(&mut self, whole: &Request, length: usize) -> Option<Bytes> {
        let most = self.settings.max_request_bytes;
        // JSON takes more for a text than the text is long.
        let share = whole.encoded_len() as f64 / length as f64;
        let mut over = 0;
        let mut excess = length.saturating_sub(most);
        for _ in 0..ROUNDS {
            over += (excess as f64 * share) as usize + FOR_THE_NOTE;
            let mut request = whole.clone();
            let gone = request.shrink(over, self.settings.cut_bytes);
            let body = self.transport.encode(&request).ok()?;
            if body.len() <= most {
                self.shrunk_items += 1;
                return Some(body);
            }
            if gone < over {
                return None;
            }
            excess = body.len() - most;
        }
        None
    }

    /// How many spans or log records were made to fit since this was last asked.
    pub(crate) fn take_shrunk_items(&mut self) -> u64 {
        std::mem::take(&mut self.shrunk_items)
    }

    /// Sends what is not OTLP in the same way: bodies, each with how many spans are inside. What their
    /// receiver answers where it takes one means nothing.
    #[cfg(feature = "zipkin")]
    pub(crate) async fn export_others(&mut self, bodies: Vec<(String, usize)>) -> Delivery {
        let mut progress = Progress::new(self.settings.timeout);
        for (body, spans) in bodies {
            let delivered = self.deliver(Signal::Traces, body.into(), &mut progress.patience).await;
            if let Err(undelivered) = delivered {
                progress.lose(spans, undelivered.reason);
            }
        }
        progress.delivery
    }

    /// Sends one request of so many items.
    async fn send(&mut self, signal: Signal, body: Bytes, items: usize, progress: &mut Progress) {
        #[cfg(feature = "spool")]
        if let Some(spooled) = &self.spooled
            && spooled.keep(&body, items).await
        {
            return;
        }
        match self.deliver(signal, body, &mut progress.patience).await {
            Ok(partial) => {
                if let Some((rejected, reason)) = self.objection(signal, partial, items) {
                    progress.lose(rejected, reason);
                }
            }
            Err(undelivered) => progress.lose(items, undelivered.reason),
        }
    }

    /// What the receiver has to say about a request that it took, and how many items it left out.
    fn objection(
        &self,
        signal: Signal,
        Partial { rejected, message, .. }: Partial,
        items: usize,
    ) -> Option<(usize, String)> {
        if rejected == 0 && message.is_empty() {
            return None;
        }
        let rejected = usize::try_from(rejected).unwrap_or(items).min(items);
        Some((rejected, self.partial_reason(signal, rejected, items, &message)))
    }

    /// Tries until the receiver takes the request, refuses it for good, or patience ends.
    async fn deliver(
        &mut self,
        signal: Signal,
        body: Bytes,
        patience: &mut Patience,
    ) -> Result<Partial, Undelivered> {
        let body = self.transport.pack(body).map_err(Undelivered::for_good)?;
        let mut backoff = Backoff::new();
        let mut is_renewed = false;
        self.renew(false);
        loop {
            let answer = timeout_at(
                patience.deadline,
                self.transport.send(&self.endpoint, signal, body.clone()),
            );
            let Ok(answer) = answer.await else {
                let timeout = self.settings.timeout;
                let reason = format!("{} did not answer within {timeout:?}", self.endpoint);
                return Err(Undelivered::for_now(reason, None));
            };
            let (diagnosis, reason, again) = match answer {
                Answer::Taken(partial) => return Ok(partial),
                // The key may have been changed since it was read.
                Answer::Refused { diagnosis: Diagnosis::Unauthenticated, .. }
                    if !is_renewed && self.renew(true) =>
                {
                    is_renewed = true;
                    continue;
                }
                Answer::Refused { diagnosis, reason, again } => (diagnosis, reason, again),
            };
            let (pause, until) = match again {
                // A key may be renewed, and then is no longer refused.
                Again::Never if diagnosis == Diagnosis::Unauthenticated => {
                    return Err(Undelivered::for_now(reason, None));
                }
                Again::Never => return Err(Undelivered::for_good(reason)),
                Again::NotSoon => return Err(Undelivered::for_now(reason, None)),
                Again::Later => (backoff.pause(), patience.deadline),
                Again::After(pause) => (pause, patience.deadline),
                Again::Unreached => (backoff.pause(), patience.unreached()),
            };
            // A receiver may ask for more patience than a clock can count.
            let has_time = pause < until.saturating_duration_since(Instant::now());
            if patience.is_for_one_try || !has_time {
                let asked = matches!(again, Again::After(_)).then_some(pause);
                return Err(Undelivered::for_now(reason, asked));
            }
            sleep(pause).await;
        }
    }

    /// Takes headers from their file anew; whether there are others now.
    fn renew(&mut self, in_any_case: bool) -> bool {
        if !self.credentials.renew(in_any_case) {
            return false;
        }
        let headers = self.credentials.headers();
        // What no header can be was refused when the file was read.
        let Ok(map) = endpoint::header_map(&headers) else { return false };
        self.endpoint.keep_secret(&headers);
        match &mut self.transport {
            #[cfg(feature = "otlp-grpc")]
            Transport::Grpc(grpc) => grpc.set_headers(map),
            #[cfg(feature = "otlp-http")]
            Transport::Http(http) => http.set_headers(map),
        }
        true
    }

    fn partial_reason(
        &self,
        signal: Signal,
        rejected: usize,
        items: usize,
        message: &str,
    ) -> String {
        let endpoint = &self.endpoint;
        let message = endpoint.quote(message);
        if rejected == 0 {
            return format!("{endpoint} warns: {message}");
        }
        let mut reason = format!("{endpoint} rejected {rejected} of {}", signal.count(items));
        if !message.is_empty() {
            reason.push_str(": ");
            reason.push_str(&message);
        }
        reason
    }
}

impl std::fmt::Debug for OtlpExporter {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("OtlpExporter")
            .field("endpoint", &format_args!("{}", self.endpoint))
            .finish_non_exhaustive()
    }
}

#[cfg_attr(
    not(feature = "otlp-http"),
    allow(clippy::unnecessary_wraps, reason = "JSON and gzip are what can fail")
)]
impl Transport {
    fn encode(&self, request: &Request) -> Result<Bytes, String> {
        match self {
            #[cfg(feature = "otlp-grpc")]
            Self::Grpc(_) => Ok(request.to_protobuf().into()),
            #[cfg(feature = "otlp-http")]
            Self::Http(http) => http.encode(request),
        }
    }

    fn is_json(&self) -> bool {
        match self {
            #[cfg(feature = "otlp-grpc")]
            Self::Grpc(_) => false,
            #[cfg(feature = "otlp-http")]
            Self::Http(http) => http.is_json(),
        }
    }

    /// Once for all tries; after the size was looked at, for limits mean the unpacked request.
    fn pack(&self, body: Bytes) -> Result<Bytes, String> {
        match self {
            // tonic compresses while it sends.
            #[cfg(feature = "otlp-grpc")]
            Self::Grpc(_) => Ok(body),
            #[cfg(feature = "otlp-http")]
            Self::Http(http) => http.pack(body),
        }
    }

    async fn send(&mut self, endpoint: &Endpoint, signal: Signal, body: Bytes) -> Answer {
        match self {
            #[cfg(feature = "otlp-grpc")]
            Self::Grpc(grpc) => grpc.send(endpoint, signal, body).await,
            #[cfg(feature = "otlp-http")]
            Self::Http(http) => http.send(endpoint, signal, body).await,
        }
    }
}

/// How far one batch has come.
struct Progress {
    delivery: Delivery,
    patience: Patience,
}

impl Progress {
    fn new(timeout: Duration) -> Self {
        Self { delivery: Delivery::complete(), patience: Patience::new(timeout) }
    }

    /// Losses add up; the first reason for a loss stays, and goes before any warning.
    fn lose(&mut self, lost: usize, reason: String) {
        let Delivery { lost: lost_before, reason: reason_before } = &mut self.delivery;
        if reason_before.is_none() || (*lost_before == 0 && lost > 0) {
            *reason_before = Some(reason);
        }
        *lost_before += lost as u64;
    }
}

#[cfg(not(all(feature = "otlp-grpc", feature = "otlp-http")))]
fn feature_off(protocol: &str, feature: &str) -> Error {
    Error::configuration(format!(
        "OTLP over {protocol} is not compiled in; expected the feature `{feature}` of `spanline`"
    ))
}
