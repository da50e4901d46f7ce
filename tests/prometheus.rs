//! Metrics that Prometheus fetches: what is answered, and to whom.
#![cfg(test)]
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test stops at what it did not expect")]

#[path = "prometheus/scraped.rs"]
mod scraped;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use opentelemetry::{KeyValue, global};
use scraped::{address, builder, work};
use spanline::{ExporterName, Stage};

/// Telemetry is one per process; the tests of this file take turns.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sends what is given, and reads to the end.
fn conversation(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn get(address: SocketAddr, accept: &str) -> String {
    let head = format!("GET /metrics?x=1 HTTP/1.1\r\nHost: h\r\nAccept: {accept}\r\n\r\n");
    conversation(address, &head)
}

#[test]
fn what_has_ended_is_there_at_once_and_counted() {
    let _turn = turn();
    let telemetry = builder().init().unwrap();
    let address = address(&telemetry);
    let place = format!("metrics to prometheus http://{address}/metrics");
    let health = telemetry.health();
    let places: Vec<&str> = health.exporters.iter().map(|it| it.destination.as_str()).collect();
    assert_eq!(places, [place.as_str()]);

    work();
    let answer = get(address, "text/plain");
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    assert!(head.contains("content-type: text/plain; version=0.0.4; charset=utf-8"), "{head}");
    let line = "gen_ai_client_token_usage_sum{gen_ai_operation_name=\"chat\",\
                gen_ai_provider_name=\"openai\",gen_ai_request_model=\"gpt-4o-mini\",\
                gen_ai_token_type=\"input\",otel_scope_name=\"spanline\",";
    let line = body.lines().find(|it| it.starts_with(line)).unwrap_or_else(|| panic!("{body}"));
    assert!(line.ends_with("} 24"), "{line}");
    assert!(body.contains("# TYPE gen_ai_client_operation_duration_seconds histogram\n"), "{body}");
    assert!(body.contains("service_name=\"scraped\""), "{body}");

    let exporter = &telemetry.health().exporters[0];
    assert!(exporter.exported_points >= 3, "{exporter:?}");
    assert_eq!(exporter.lost_points, 0);
    telemetry.shutdown().unwrap();
    assert!(TcpStream::connect(address).is_err(), "nobody listens after shutdown");
}

#[test]
fn values_add_up_whatever_temporality_others_prefer() {
    let _turn = turn();
    let telemetry = builder().delta_temporality(true).init().unwrap();
    let counter = global::meter("theirs").u64_counter("orders").build();
    for total in [2, 4] {
        counter.add(2, &[KeyValue::new("kind", "a")]);
        let body = get(address(&telemetry), "*/*");
        let line = format!("orders_total{{kind=\"a\",otel_scope_name=\"theirs\"}} {total}\n");
        assert!(body.contains(&line), "{body}");
    }
    telemetry.shutdown().unwrap();
}

#[test]
fn open_metrics_is_given_to_who_asks_for_it() {
    let _turn = turn();
    let telemetry = builder().init().unwrap();
    work();
    let answer = get(address(&telemetry), "application/openmetrics-text;version=1.0.0");
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("application/openmetrics-text; version=1.0.0; charset=utf-8"), "{head}");
    assert!(body.contains("# TYPE target info\n"), "{body}");
    assert!(body.contains("# UNIT gen_ai_client_operation_duration_seconds seconds\n"), "{body}");
    assert!(body.ends_with("\n# EOF\n"), "{body}");
    telemetry.shutdown().unwrap();
}

#[test]
fn other_requests_are_told_what_was_expected() {
    let _turn = turn();
    let telemetry = builder().init().unwrap();
    let address = address(&telemetry);
    let ask = |line: &str| conversation(address, &format!("{line} HTTP/1.1\r\nHost: h\r\n\r\n"));
    let answer = ask("GET /");
    assert!(answer.starts_with("HTTP/1.1 404 Not Found\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\nmetrics are at /metrics\n"), "{answer}");
    let answer = ask("DELETE /metrics");
    assert!(answer.starts_with("HTTP/1.1 405 Method Not Allowed\r\n"), "{answer}");
    assert!(answer.contains("allow: GET, HEAD\r\n"), "{answer}");
    let answer = ask("HEAD /metrics");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\n"), "no body: {answer}");
    let answer = conversation(address, "nonsense\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{answer}");
    let long = format!("GET /metrics HTTP/1.1\r\nLong: {}\r\n\r\n", "x".repeat(64 * 1024));
    let mut stream = TcpStream::connect(address).unwrap();
    // It may stop reading before everything is written.
    let _ = stream.write_all(long.as_bytes());
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    assert!(!String::from_utf8_lossy(&answer).contains("200 OK"));
    telemetry.shutdown().unwrap();
}

#[test]
fn who_says_nothing_holds_nobody_up() {
    let _turn = turn();
    let telemetry = builder().init().unwrap();
    let address = address(&telemetry);
    let silent: Vec<TcpStream> = (0..100)
        .map(|_| {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.write_all(b"GET /metrics HTTP/1.1\r\n").unwrap();
            stream
        })
        .collect();
    let answer = get(address, "*/*");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    // The oldest have made room for the others.
    let mut oldest = &silent[0];
    assert_eq!(oldest.read(&mut [0; 16]).unwrap_or(0), 0);
    telemetry.shutdown().unwrap();
    drop(silent);
}

#[test]
fn a_flush_that_waits_for_another_exporter_holds_nobody_up() {
    let _turn = turn();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let telemetry = builder()
        .traces_to([ExporterName::Otlp])
        .otlp_endpoint(format!("http://{}", silent.local_addr().unwrap()))
        .otlp_timeout(Duration::from_secs(600))
        .batch_timeout(Duration::from_secs(600))
        .shutdown_timeout(Duration::from_secs(600))
        .init()
        .unwrap();
    work();
    std::thread::scope(|scope| {
        let flush = scope.spawn(|| telemetry.flush());
        // It has begun to send, and gets no answer.
        let connection = silent.accept().unwrap();
        let answer = get(address(&telemetry), "*/*");
        assert!(answer.contains("gen_ai_client_token_usage_count{"), "{answer}");
        assert!(!flush.is_finished());
        drop((connection, silent));
        assert_eq!(flush.join().unwrap().unwrap_err().lost_spans(), 2);
    });
    telemetry.shutdown().unwrap_err();
}

#[test]
fn a_callback_that_panics_is_an_error_and_a_loss() {
    let _turn = turn();
    let telemetry = builder().init().unwrap();
    let _gauge = global::meter("theirs")
        .u64_observable_gauge("level")
        .with_callback(|_| panic!("no level"))
        .build();
    let answer = get(address(&telemetry), "*/*");
    assert!(answer.starts_with("HTTP/1.1 500 Internal Server Error\r\n"), "{answer}");
    assert!(answer.contains("metrics: cannot be collected: a callback panicked: no level"));
    assert_eq!(telemetry.health().lost_points(), 1);
    telemetry.shutdown().unwrap_err();
}

#[test]
fn a_port_that_is_taken_fails_with_what_was_expected() {
    let _turn = turn();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let error = builder().prometheus_address("127.0.0.1", port).init().unwrap_err();
    assert!(error.is_configuration());
    let start = format!("OTEL_EXPORTER_PROMETHEUS_PORT: cannot listen on 127.0.0.1:{port}: ");
    let message = error.to_string();
    assert!(message.to_lowercase().starts_with(&start.to_lowercase()), "{message}");
    assert!(message.contains("; expected a port of this machine that nobody listens on"));
    // Nothing is left of the attempt.
    drop(taken);
    let telemetry = builder().prometheus_address("127.0.0.1", port).init().unwrap();
    assert_eq!(address(&telemetry).port(), port);
    telemetry.shutdown().unwrap();
}

#[test]
fn what_is_sent_goes_on_beside_it() {
    let _turn = turn();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("metrics.jsonl");
    let telemetry = builder()
        .metrics_to([ExporterName::Prometheus, ExporterName::File])
        .file(&path)
        .delta_temporality(true)
        .init()
        .unwrap();
    Stage::new("stage").run_blocking_with(|| (), |(), _| ());
    let body = get(address(&telemetry), "*/*");
    let count = "spanline_stage_duration_seconds_count{";
    assert!(body.contains(count), "{body}");
    telemetry.shutdown().unwrap();
    let sent = std::fs::read_to_string(path).unwrap();
    assert!(sent.contains("spanline.stage.duration"), "{sent}");
    assert!(sent.contains("\"aggregationTemporality\":1"), "{sent}");
}
