//! What becomes of a request, in the language of whoever asks.

use std::convert::Infallible;

use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use prost::Message as _;
use spanline_faults::Fault;
use tokio::sync::Notify;

use crate::message::{Status, TracesRequest, TracesResponse};
use crate::notebook::Notebook;

pub(crate) type Body = UnsyncBoxBody<Bytes, Infallible>;

const GRPC: &str = "application/grpc";
const SPANS_OF_GRPC: &str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
const SPANS_OF_HTTP: &str = "/v1/traces";
/// The flag of compression and the length, which stand before a message in gRPC.
const PREFIX: usize = 5;

/// `cut` resets the connection.
pub(crate) async fn answer(
    notebook: &Notebook,
    cut: &Notify,
    request: Request<Incoming>,
) -> Response<Body> {
    let kind = request.headers().get(header::CONTENT_TYPE);
    let is_grpc = kind.is_some_and(|kind| kind == GRPC);
    let path = request.uri().path();
    let is_of_spans = [SPANS_OF_GRPC, SPANS_OF_HTTP].contains(&path);
    let fault = if is_of_spans { notebook.next_fault() } else { notebook.last_fault() };
    if fault == Fault::Reset {
        return reset(cut).await;
    }
    // Who goes away in the middle of a request has not sent it.
    let Ok(body) = request.into_body().collect().await else { return reset(cut).await };
    let body = body.to_bytes();
    let message = if is_grpc { body.slice(PREFIX..) } else { body };
    let spans =
        if is_of_spans { TracesRequest::decode(message).unwrap().into_spans() } else { Vec::new() };
    match fault {
        Fault::Take => {
            notebook.take(&spans);
            taken(is_grpc, 0)
        }
        Fault::Reject(rejected) => {
            let rejected = rejected.min(spans.len());
            notebook.take(&spans[..spans.len() - rejected]);
            taken(is_grpc, rejected)
        }
        Fault::LoseAnswer => {
            notebook.take(&spans);
            reset(cut).await
        }
        Fault::Stall => std::future::pending().await,
        Fault::Refuse(status, retry_after) => refused(is_grpc, status, retry_after),
        Fault::AnswerOtherwise => {
            let page = Full::from("<html>It works!</html>").boxed_unsync();
            with(StatusCode::OK, "text/html", page)
        }
        Fault::Reset => unreachable!("before the request was read"),
    }
}

async fn reset(cut: &Notify) -> Response<Body> {
    cut.notify_one();
    std::future::pending().await
}

fn with(status: StatusCode, kind: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

fn taken(is_grpc: bool, rejected: usize) -> Response<Body> {
    let message = TracesResponse::rejecting(rejected).encode_to_vec();
    if !is_grpc {
        let body = Full::from(message).boxed_unsync();
        return with(StatusCode::OK, "application/x-protobuf", body);
    }
    let mut framed = vec![0];
    framed.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
    framed.extend(message);
    let trailers = HeaderMap::from_iter([(
        header::HeaderName::from_static("grpc-status"),
        HeaderValue::from_static("0"),
    )]);
    let body = Full::from(framed).with_trailers(async { Some(Ok(trailers)) }).boxed_unsync();
    with(StatusCode::OK, GRPC, body)
}

fn refused(is_grpc: bool, status: u16, retry_after: Option<u64>) -> Response<Body> {
    // What the specification of OTLP has for each other.
    let code = match status {
        400 => 3,
        429 => 8,
        503 => 14,
        other => panic!("no code of gRPC for {other}"),
    };
    let detail = Status::new(code, "not now", retry_after);
    if is_grpc {
        let mut response = with(StatusCode::OK, GRPC, Full::default().boxed_unsync());
        let headers = response.headers_mut();
        headers.insert("grpc-status", code.into());
        headers.insert("grpc-message", HeaderValue::from_static("not now"));
        let detail = base64(&detail.encode_to_vec());
        headers.insert("grpc-status-details-bin", detail.parse().unwrap());
        return response;
    }
    let body = Full::from(detail.encode_to_vec()).boxed_unsync();
    let mut response = with(StatusCode::from_u16(status).unwrap(), "application/x-protobuf", body);
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

/// Without padding, as gRPC writes bytes in headers.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits = three.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        let bits = bits << (8 * (3 - three.len()));
        for place in 0..=three.len() {
            text.push(char::from(ALPHABET[(bits >> (18 - 6 * place) & 63) as usize]));
        }
    }
    text
}
