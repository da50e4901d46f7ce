//! The receiver's server: connections, gRPC services, HTTP routes.

use std::io::Read as _;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use opentelemetry_proto::tonic::collector::logs::v1::logs_service_server::{
    LogsService, LogsServiceServer,
};
use opentelemetry_proto::tonic::collector::logs::v1::{
    ExportLogsPartialSuccess, ExportLogsServiceRequest, ExportLogsServiceResponse,
};
use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_server::{
    MetricsService, MetricsServiceServer,
};
use opentelemetry_proto::tonic::collector::metrics::v1::{
    ExportMetricsPartialSuccess, ExportMetricsServiceRequest, ExportMetricsServiceResponse,
};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use prost::Message;
use serde_json::json;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, copy_bidirectional, duplex};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tonic::codec::CompressionEncoding;

use super::{Answer, Kind, Log, Payload};

/// Serves until it is dropped.
pub(super) async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    kind: Kind,
    log: Arc<Log>,
) {
    let address = listener.local_addr().unwrap();
    let (ready, connections) = mpsc::channel(16);
    tokio::spawn(accept(listener, tls, Arc::clone(&log), ready));
    axum::serve(Connections { connections, address }, routes(log, kind)).await.unwrap();
}

/// Each connection is carried by a task, which `Answer::Close` ends.
async fn accept(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    log: Arc<Log>,
    ready: mpsc::Sender<DuplexStream>,
) {
    while let Ok((stream, _)) = listener.accept().await {
        let (tls, log, ready) = (tls.clone(), Arc::clone(&log), ready.clone());
        tokio::spawn(async move {
            match tls {
                None => carry(stream, &log, ready).await,
                Some(tls) => {
                    if let Ok(stream) = tls.accept(stream).await {
                        carry(stream, &log, ready).await;
                    }
                }
            }
        });
    }
}

async fn carry(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    log: &Log,
    ready: mpsc::Sender<DuplexStream>,
) {
    let (mut near, far) = duplex(64 * 1024);
    if ready.send(far).await.is_ok() {
        tokio::select! {
            _ = copy_bidirectional(&mut stream, &mut near) => {}
            () = log.cut.notified() => {}
        }
    }
}

struct Connections {
    connections: mpsc::Receiver<DuplexStream>,
    address: SocketAddr,
}

impl axum::serve::Listener for Connections {
    type Io = DuplexStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (DuplexStream, SocketAddr) {
        match self.connections.recv().await {
            Some(connection) => (connection, self.address),
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        Ok(self.address)
    }
}

fn routes(log: Arc<Log>, kind: Kind) -> Router {
    let traces = TraceServiceServer::new(Grpc(Arc::clone(&log)))
        .max_decoding_message_size(usize::MAX)
        .accept_compressed(CompressionEncoding::Gzip)
        .send_compressed(CompressionEncoding::Gzip);
    let metrics = MetricsServiceServer::new(Grpc(Arc::clone(&log)))
        .max_decoding_message_size(usize::MAX)
        .accept_compressed(CompressionEncoding::Gzip)
        .send_compressed(CompressionEncoding::Gzip);
    let logs = LogsServiceServer::new(Grpc(Arc::clone(&log)))
        .max_decoding_message_size(usize::MAX)
        .accept_compressed(CompressionEncoding::Gzip)
        .send_compressed(CompressionEncoding::Gzip);
    let mut grpc = tonic::service::Routes::new(traces);
    let mut http = Router::new().route("/v1/traces", post(http_traces));
    if kind != Kind::TracesAlone {
        grpc = grpc.add_service(metrics).add_service(logs);
        http = http.route("/v1/metrics", post(http_metrics)).route("/v1/logs", post(http_logs));
    }
    let http = http.layer(DefaultBodyLimit::disable()).with_state(log);
    match kind {
        Kind::All => http.merge(grpc.into_axum_router()),
        Kind::HttpAlone => http,
        Kind::TracesAlone => http.merge(grpc.into_axum_router().fallback(missing)),
    }
}

/// In the language of whoever asks, as where each has a port of its own.
async fn missing(headers: HeaderMap) -> Response {
    if headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/grpc") {
        tonic::Status::unimplemented("unknown service").into_http::<axum::body::Body>()
    } else {
        StatusCode::NOT_FOUND.into_response()
    }
}

struct Grpc(Arc<Log>);

impl Grpc {
    async fn answer<Response: Default>(
        &self,
        headers: HeaderMap,
        payload: Payload,
        partial: impl FnOnce(i64, String) -> Response,
    ) -> Result<tonic::Response<Response>, tonic::Status> {
        match self.0.record(headers, payload) {
            Answer::Accept => Ok(tonic::Response::new(Response::default())),
            Answer::Partial(rejected, message) => {
                Ok(tonic::Response::new(partial(rejected, message.to_owned())))
            }
            Answer::Grpc(status) => Err(status),
            Answer::Http(..) | Answer::BusyFor(_) => {
                unreachable!("an HTTP answer to a gRPC request")
            }
            Answer::Stall => self.0.never().await,
            Answer::Close => {
                self.0.cut.notify_waiters();
                self.0.never().await
            }
        }
    }
}

#[tonic::async_trait]
impl TraceService for Grpc {
    async fn export(
        &self,
        request: tonic::Request<ExportTraceServiceRequest>,
    ) -> Result<tonic::Response<ExportTraceServiceResponse>, tonic::Status> {
        let (metadata, _, traces) = request.into_parts();
        self.answer(metadata.into_headers(), Payload::Traces(traces), traces_response).await
    }
}

#[tonic::async_trait]
impl MetricsService for Grpc {
    async fn export(
        &self,
        request: tonic::Request<ExportMetricsServiceRequest>,
    ) -> Result<tonic::Response<ExportMetricsServiceResponse>, tonic::Status> {
        let (metadata, _, metrics) = request.into_parts();
        self.answer(metadata.into_headers(), Payload::Metrics(metrics), metrics_response).await
    }
}

#[tonic::async_trait]
impl LogsService for Grpc {
    async fn export(
        &self,
        request: tonic::Request<ExportLogsServiceRequest>,
    ) -> Result<tonic::Response<ExportLogsServiceResponse>, tonic::Status> {
        let (metadata, _, logs) = request.into_parts();
        self.answer(metadata.into_headers(), Payload::Logs(logs), logs_response).await
    }
}

fn traces_response(rejected_spans: i64, error_message: String) -> ExportTraceServiceResponse {
    let partial_success = Some(ExportTracePartialSuccess { rejected_spans, error_message });
    ExportTraceServiceResponse { partial_success }
}

fn metrics_response(
    rejected_data_points: i64,
    error_message: String,
) -> ExportMetricsServiceResponse {
    let partial_success = Some(ExportMetricsPartialSuccess { rejected_data_points, error_message });
    ExportMetricsServiceResponse { partial_success }
}

fn logs_response(rejected_log_records: i64, error_message: String) -> ExportLogsServiceResponse {
    let partial_success = Some(ExportLogsPartialSuccess { rejected_log_records, error_message });
    ExportLogsServiceResponse { partial_success }
}

async fn http_logs(State(log): State<Arc<Log>>, headers: HeaderMap, body: Bytes) -> Response {
    let decoded = decode(&headers, &body).map(Payload::Logs);
    http_answer(&log, headers, decoded, "rejectedLogRecords", |rejected, message| {
        logs_response(rejected, message).encode_to_vec()
    })
    .await
}

async fn http_traces(State(log): State<Arc<Log>>, headers: HeaderMap, body: Bytes) -> Response {
    let decoded = decode(&headers, &body).map(Payload::Traces);
    http_answer(&log, headers, decoded, "rejectedSpans", |rejected, message| {
        traces_response(rejected, message).encode_to_vec()
    })
    .await
}

async fn http_metrics(State(log): State<Arc<Log>>, headers: HeaderMap, body: Bytes) -> Response {
    let decoded = decode(&headers, &body).map(Payload::Metrics);
    http_answer(&log, headers, decoded, "rejectedDataPoints", |rejected, message| {
        metrics_response(rejected, message).encode_to_vec()
    })
    .await
}

fn decode<Request>(headers: &HeaderMap, body: &[u8]) -> Result<Request, String>
where
    Request: Message + Default + serde::de::DeserializeOwned,
{
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let mut plain = Vec::new();
    match text(header::CONTENT_ENCODING) {
        None => plain.extend_from_slice(body),
        Some("gzip") => {
            let mut gzip = flate2::read::GzDecoder::new(body);
            gzip.read_to_end(&mut plain).map_err(|error| error.to_string())?;
        }
        Some(other) => return Err(format!("unknown encoding `{other}`")),
    }
    match text(header::CONTENT_TYPE) {
        Some("application/x-protobuf") => {
            Request::decode(plain.as_slice()).map_err(|error| error.to_string())
        }
        Some("application/json") => {
            serde_json::from_slice(&plain).map_err(|error| error.to_string())
        }
        other => Err(format!("unknown content type {other:?}")),
    }
}

async fn http_answer(
    log: &Log,
    headers: HeaderMap,
    decoded: Result<Payload, String>,
    rejected_name: &str,
    to_protobuf: impl Fn(i64, String) -> Vec<u8>,
) -> Response {
    let payload = match decoded {
        Ok(payload) => payload,
        Err(problem) => return (StatusCode::BAD_REQUEST, problem).into_response(),
    };
    let content_type = headers.get(header::CONTENT_TYPE).cloned().unwrap();
    let is_json = content_type == "application/json";
    let body = match log.record(headers, payload) {
        Answer::Accept if is_json => b"{}".to_vec(),
        Answer::Accept => Vec::new(),
        Answer::Partial(rejected, message) if is_json => {
            // 64-bit integers are strings in the JSON mapping.
            let rejected = rejected.to_string();
            let partial = json!({ rejected_name: rejected, "errorMessage": message });
            json!({ "partialSuccess": partial }).to_string().into_bytes()
        }
        Answer::Partial(rejected, message) => to_protobuf(rejected, message.to_owned()),
        Answer::Http(status, headers, body) => {
            let mut response = (StatusCode::from_u16(status).unwrap(), body).into_response();
            response.headers_mut().remove(header::CONTENT_TYPE);
            for (name, value) in headers {
                response.headers_mut().insert(name, value.parse().unwrap());
            }
            return response;
        }
        Answer::Grpc(_) | Answer::BusyFor(_) => unreachable!("no answer to an HTTP request"),
        Answer::Stall => log.never().await,
        Answer::Close => {
            log.cut.notify_waiters();
            log.never().await
        }
    };
    ([(header::CONTENT_TYPE, content_type)], body).into_response()
}
