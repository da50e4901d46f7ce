//! An OTLP receiver on loopback: gRPC, HTTP/protobuf and HTTP/JSON on one port.

mod server;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use axum::http::HeaderMap;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::InstrumentationScope;
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::metrics::v1::Metric;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::Span;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::{Notify, oneshot};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

/// Longer than anything here takes, shorter than a test runner's patience.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the receiver does with a request.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Accept,
    /// Takes the request but for so many; with none rejected it is a warning.
    Partial(i64, &'static str),
    /// Over HTTP: status, headers and body.
    Http(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// Over gRPC.
    Grpc(tonic::Status),
    /// Reads the request and says nothing, ever.
    Stall,
    /// Reads the request and closes all connections.
    Close,
    /// Over HTTP: busy for a request with a span of this name, and accepts all others.
    BusyFor(&'static str),
}

/// What a receiver has at its port.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    All,
    HttpAlone,
    TracesAlone,
}

/// What a request carried.
#[derive(Clone, Debug)]
pub(crate) enum Payload {
    Traces(ExportTraceServiceRequest),
    Metrics(ExportMetricsServiceRequest),
    Logs(ExportLogsServiceRequest),
}

/// One request, and what it was answered.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) headers: HeaderMap,
    pub(crate) payload: Payload,
    pub(crate) answer: Answer,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    fn is_taken(&self) -> bool {
        matches!(self.answer, Answer::Accept | Answer::Partial(..))
    }
}

/// A span with what stood around it.
#[derive(Clone, Debug)]
pub(crate) struct ReceivedSpan {
    pub(crate) resource: Resource,
    pub(crate) scope: InstrumentationScope,
    pub(crate) schema_url: String,
    pub(crate) span: Span,
}

/// A metric with what stood around it.
#[derive(Clone, Debug)]
pub(crate) struct ReceivedMetric {
    pub(crate) resource: Resource,
    pub(crate) scope: InstrumentationScope,
    pub(crate) schema_url: String,
    pub(crate) metric: Metric,
}

/// A log record with what stood around it.
#[derive(Clone, Debug)]
pub(crate) struct ReceivedRecord {
    pub(crate) resource: Resource,
    pub(crate) scope: InstrumentationScope,
    pub(crate) schema_url: String,
    pub(crate) record: LogRecord,
}

#[derive(Default)]
struct Log {
    received: Mutex<(Vec<Received>, VecDeque<Answer>, Option<Answer>)>,
    changed: Condvar,
    cut: Notify,
}

impl Log {
    fn record(&self, headers: HeaderMap, payload: Payload) -> Answer {
        let mut guard = self.received.lock().unwrap();
        let (received, next, always) = &mut *guard;
        let answer = next.pop_front().or_else(|| always.clone()).unwrap_or(Answer::Accept);
        let answer = match answer {
            Answer::BusyFor(name) if payload.has_span(name) => {
                Answer::Http(503, Vec::new(), b"busy".to_vec())
            }
            Answer::BusyFor(_) => Answer::Accept,
            answer => answer,
        };
        received.push(Received { headers, payload, answer: answer.clone() });
        self.changed.notify_all();
        answer
    }

    async fn never(&self) -> ! {
        loop {
            std::future::pending::<()>().await;
        }
    }
}

/// Runs on a thread of its own, so that tests may block; stops when dropped.
pub(crate) struct Receiver {
    address: SocketAddr,
    scheme: &'static str,
    log: Arc<Log>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Payload {
    fn has_span(&self, name: &str) -> bool {
        let Self::Traces(traces) = self else { return false };
        let scopes = traces.resource_spans.iter().flat_map(|it| &it.scope_spans);
        scopes.flat_map(|scope| &scope.spans).any(|span| span.name == name)
    }
}

impl Receiver {
    pub(crate) fn start() -> Self {
        Self::run(None, Kind::All, None)
    }

    /// Listens where nobody listened so far.
    pub(crate) fn start_at(refusing: Refusing) -> Self {
        Self::run(None, Kind::All, Some(refusing.bound))
    }

    pub(crate) fn start_tls(config: ServerConfig) -> Self {
        Self::run(Some(TlsAcceptor::from(Arc::new(config))), Kind::All, None)
    }

    /// OTLP over HTTP alone.
    pub(crate) fn start_without_grpc() -> Self {
        Self::run(None, Kind::HttpAlone, None)
    }

    /// As backends that keep spans and nothing else.
    pub(crate) fn start_for_traces_alone() -> Self {
        Self::run(None, Kind::TracesAlone, None)
    }

    fn run(tls: Option<TlsAcceptor>, kind: Kind, bound: Option<TcpSocket>) -> Self {
        let scheme = if tls.is_some() { "https" } else { "http" };
        let log = Arc::new(Log::default());
        let (stop, stopped) = oneshot::channel();
        let (tell, told) = std::sync::mpsc::channel();
        let server_log = Arc::clone(&log);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(async move {
                let listener = match bound {
                    Some(bound) => bound.listen(128).unwrap(),
                    None => TcpListener::bind("127.0.0.1:0").await.unwrap(),
                };
                let address = listener.local_addr().unwrap();
                tell.send(address).unwrap();
                tokio::select! {
                    _ = stopped => {}
                    () = server::serve(listener, tls, kind, server_log) => {}
                }
            });
        });
        let address = told.recv().unwrap();
        Self { address, scheme, log, stop: Some(stop), thread: Some(thread) }
    }

    /// Scheme, host and port: the endpoint of gRPC, and the base of HTTP's.
    pub(crate) fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// Answers the next request so; called again, the one after it.
    pub(crate) fn answer_next(&self, answer: Answer) {
        self.log.received.lock().unwrap().1.push_back(answer);
    }

    /// Answers all requests so that no `answer_next` speaks of.
    pub(crate) fn answer_always(&self, answer: Answer) {
        self.log.received.lock().unwrap().2 = Some(answer);
    }

    /// All requests so far.
    pub(crate) fn requests(&self) -> Vec<Received> {
        self.log.received.lock().unwrap().0.clone()
    }

    /// The spans of all requests taken so far.
    pub(crate) fn spans(&self) -> Vec<ReceivedSpan> {
        spans(&self.log.received.lock().unwrap().0)
    }

    /// The metrics of all requests taken so far.
    pub(crate) fn metrics(&self) -> Vec<ReceivedMetric> {
        metrics(&self.log.received.lock().unwrap().0)
    }

    /// The log records of all requests taken so far.
    pub(crate) fn records(&self) -> Vec<ReceivedRecord> {
        records(&self.log.received.lock().unwrap().0)
    }

    /// Waits until `count` spans were taken; more than that is for the test to judge.
    pub(crate) fn wait_for_spans(&self, count: usize) -> Vec<ReceivedSpan> {
        self.wait_until(&format!("{count} spans"), |received| {
            Some(spans(received)).filter(|spans| spans.len() >= count)
        })
    }

    /// The same for log records.
    pub(crate) fn wait_for_records(&self, count: usize) -> Vec<ReceivedRecord> {
        self.wait_until(&format!("{count} log records"), |received| {
            Some(records(received)).filter(|records| records.len() >= count)
        })
    }

    /// Waits for the metric of that name.
    pub(crate) fn wait_for_metric(&self, name: &str) -> ReceivedMetric {
        self.wait_until(&format!("the metric `{name}`"), |received| {
            metrics(received).into_iter().find(|metric| metric.metric.name == name)
        })
    }

    /// Waits until `find` finds something in what was received.
    pub(crate) fn wait_until<T>(
        &self,
        what: &str,
        mut find: impl FnMut(&[Received]) -> Option<T>,
    ) -> T {
        let deadline = Instant::now() + PATIENCE;
        let mut guard = self.log.received.lock().unwrap();
        loop {
            if let Some(found) = find(&guard.0) {
                return found;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "no {what} in {:#?}", guard.0);
            guard = self.log.changed.wait_timeout(guard, left).unwrap().0;
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A port of our own on which nobody listens.
pub(crate) struct Refusing {
    bound: TcpSocket,
    address: SocketAddr,
}

impl Refusing {
    pub(crate) fn new() -> Self {
        let bound = TcpSocket::new_v4().unwrap();
        bound.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = bound.local_addr().unwrap();
        Self { bound, address }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

fn spans(received: &[Received]) -> Vec<ReceivedSpan> {
    let mut spans = Vec::new();
    for received in received.iter().filter(|received| received.is_taken()) {
        let Payload::Traces(traces) = &received.payload else { continue };
        for resource in &traces.resource_spans {
            for scope in &resource.scope_spans {
                spans.extend(scope.spans.iter().map(|span| ReceivedSpan {
                    resource: resource.resource.clone().unwrap_or_default(),
                    scope: scope.scope.clone().unwrap_or_default(),
                    schema_url: scope.schema_url.clone(),
                    span: span.clone(),
                }));
            }
        }
    }
    spans
}

fn metrics(received: &[Received]) -> Vec<ReceivedMetric> {
    let mut metrics = Vec::new();
    for received in received.iter().filter(|received| received.is_taken()) {
        let Payload::Metrics(request) = &received.payload else { continue };
        for resource in &request.resource_metrics {
            for scope in &resource.scope_metrics {
                metrics.extend(scope.metrics.iter().map(|metric| ReceivedMetric {
                    resource: resource.resource.clone().unwrap_or_default(),
                    scope: scope.scope.clone().unwrap_or_default(),
                    schema_url: scope.schema_url.clone(),
                    metric: metric.clone(),
                }));
            }
        }
    }
    metrics
}

fn records(received: &[Received]) -> Vec<ReceivedRecord> {
    let mut records = Vec::new();
    for received in received.iter().filter(|received| received.is_taken()) {
        let Payload::Logs(request) = &received.payload else { continue };
        for resource in &request.resource_logs {
            for scope in &resource.scope_logs {
                records.extend(scope.log_records.iter().map(|record| ReceivedRecord {
                    resource: resource.resource.clone().unwrap_or_default(),
                    scope: scope.scope.clone().unwrap_or_default(),
                    schema_url: scope.schema_url.clone(),
                    record: record.clone(),
                }));
            }
        }
    }
    records
}
