//! Spans that go to Zipkin, as its server gets them.
#![cfg(test)]
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;
use spanline::{ExporterName, LlmCall, Stage, Telemetry};

/// Telemetry is one per process; the tests of this file take turns.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Debug)]
struct Received {
    method: String,
    path: String,
    headers: HeaderMap,
    body: Value,
}

/// Answers with these, one after the other, then as Zipkin does.
fn zipkin(answers: &[StatusCode]) -> (SocketAddr, Receiver<Received>) {
    let answers = Arc::new(Mutex::new(VecDeque::from(answers.to_vec())));
    let (sent, received) = channel();
    let (bound, address) = channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            bound.send(listener.local_addr().unwrap()).unwrap();
            let take = move |request: Request| async move {
                let (parts, body) = request.into_parts();
                let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
                let received = Received {
                    method: parts.method.to_string(),
                    path: parts.uri.to_string(),
                    headers: parts.headers,
                    body: serde_json::from_slice(&body).unwrap(),
                };
                // Whoever asked may have seen enough.
                let _ = sent.send(received);
                let status = answers.lock().unwrap().pop_front().unwrap_or(StatusCode::ACCEPTED);
                (status, if status.is_success() { "thanks" } else { "no" })
            };
            axum::serve(listener, axum::Router::new().fallback(take)).await.unwrap();
        });
    });
    (address.recv().unwrap(), received)
}

fn telemetry(address: SocketAddr) -> Telemetry {
    Telemetry::builder()
        .service_name("shop")
        .traces_to([ExporterName::Zipkin])
        .metrics_to([])
        .zipkin_endpoint(format!("http://{address}/api/v2/spans"))
        .shutdown_timeout(Duration::from_secs(30))
        .init()
        .unwrap()
}

fn work() {
    Stage::new("outer").run_blocking_with(
        || LlmCall::new("openai", "gpt-4o-mini").run_blocking_with(|| (), |(), _| ()),
        |(), outcome| outcome.fail("refused", "went wrong"),
    );
}

#[test]
fn spans_arrive_as_one_array_of_json() {
    let _turn = turn();
    let (address, received) = zipkin(&[]);
    let telemetry = telemetry(address);
    work();
    telemetry.flush().unwrap();
    let received = received.try_recv().unwrap();
    assert_eq!((received.method.as_str(), received.path.as_str()), ("POST", "/api/v2/spans"));
    assert_eq!(received.headers["content-type"], "application/json");
    assert!(received.headers["user-agent"].to_str().unwrap().starts_with("spanline/"));
    let spans = received.body.as_array().unwrap();
    assert_eq!(spans.len(), 2);
    let named = |name: &str| spans.iter().find(|span| span["name"] == name).unwrap();
    let (outer, call) = (named("outer"), named("chat gpt-4o-mini"));
    assert_eq!(call["parentId"], outer["id"]);
    assert_eq!(call["traceId"], outer["traceId"]);
    assert_eq!(call["kind"], "CLIENT");
    assert_eq!(call["tags"]["gen_ai.provider.name"], "openai");
    assert_eq!(call["tags"]["otel.scope.name"], "spanline");
    assert_eq!(outer["tags"]["error"], "went wrong");
    assert_eq!(outer["localEndpoint"]["serviceName"], "shop");
    let health = telemetry.health();
    let [exporter] = health.exporters.as_slice() else { panic!("{health}") };
    assert_eq!(exporter.destination, format!("traces to zipkin http://{address}/api/v2/spans"));
    assert_eq!((exporter.exported_spans, exporter.remarks.len()), (2, 0), "{exporter:?}");
    telemetry.shutdown().unwrap();
}

#[test]
fn who_is_busy_is_asked_again_and_who_refuses_is_not() {
    let _turn = turn();
    let (address, received) = zipkin(&[StatusCode::SERVICE_UNAVAILABLE]);
    let busy = telemetry(address);
    work();
    busy.shutdown().unwrap();
    assert_eq!(received.try_iter().count(), 2);

    let (address, received) = zipkin(&[StatusCode::BAD_REQUEST]);
    let refusing = telemetry(address);
    work();
    let error = refusing.shutdown().unwrap_err();
    assert_eq!(error.lost_spans(), 2, "{error}");
    let reason = format!("traces: http://{address}/api/v2/spans answered 400 Bad Request: no");
    assert!(error.to_string().contains(&reason), "{error}");
    assert_eq!(received.try_iter().count(), 1);
}
