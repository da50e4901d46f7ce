//! More than an exporter takes: what stays, what goes, and where that is said.
#![cfg(test)]
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::fs::File;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use spanline::{DropFirst, ExporterHealth, ExporterName, Stage, Telemetry, TelemetryBuilder};
use spanline_tests::lines::Lines;
use spanline_tests::process::Process;
use spanline_tests::trace::written;
use tokio::sync::Semaphore;

/// Telemetry is one per process; the tests of this file take turns.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes its first batch and stays with it until it is let go on.
#[derive(Clone, Debug)]
struct Stalled {
    exported: Arc<Mutex<Vec<String>>>,
    arrived: Arc<Semaphore>,
    go_on: Arc<Semaphore>,
}

impl Stalled {
    fn new() -> Self {
        let closed = || Arc::new(Semaphore::new(0));
        Self { exported: Arc::default(), arrived: closed(), go_on: closed() }
    }

    /// Waits until it has something.
    fn wait(&self) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(self.arrived.acquire()).unwrap().forget();
    }

    /// What arrived, in order.
    fn exported(&self) -> Vec<String> {
        self.exported.lock().unwrap().clone()
    }
}

impl SpanExporter for Stalled {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.arrived.add_permits(1);
        self.go_on.acquire().await.unwrap().forget();
        self.exported.lock().unwrap().extend(batch.iter().map(|span| span.name.to_string()));
        Ok(())
    }
}

fn set_up(exporter: &Stalled) -> TelemetryBuilder {
    Telemetry::builder()
        .service_name("overload")
        .span_exporter(exporter.clone())
        .traces_to([])
        .metrics_to([])
        .queue_size(10)
        .batch_size(2)
        // Whole batches alone are sent: those of two.
        .batch_delay(Duration::from_secs(600))
        .batch_timeout(Duration::from_secs(600))
        .shutdown_timeout(Duration::from_secs(60))
}

/// Ends stages with these numbers as their names, one within an operation of its own: none is a root.
fn end(numbers: std::ops::RangeInclusive<u32>) {
    let parent = Stage::new("around").start();
    let around = parent.handle();
    for number in numbers {
        let stage = Stage::new(number.to_string()).parent(around.clone()).start();
        if number.is_multiple_of(5) {
            stage.fail(&std::fmt::Error);
        } else {
            stage.end();
        }
    }
    // It ends where nobody looks.
    std::mem::forget(parent);
}

fn exporter(telemetry: &Telemetry) -> ExporterHealth {
    let exporters = telemetry.health().exporters;
    exporters.into_iter().find(|it| it.destination == "traces to Stalled").unwrap()
}

/// Waits until the exporter's queue has decided about so many spans.
fn wait_until_decided(telemetry: &Telemetry, spans: u64) {
    loop {
        let health = exporter(telemetry);
        if health.queued_spans as u64 + health.lost_spans >= spans {
            return;
        }
        std::thread::yield_now();
    }
}

/// What arrives of forty spans where there is room for ten, the first of which are under way.
fn arrives_of_forty(drop_first: DropFirst) -> Vec<String> {
    let _turn = turn();
    let stalled = Stalled::new();
    let telemetry = set_up(&stalled).drop_first(drop_first).init().unwrap();
    end(1..=2);
    stalled.wait();
    // Few at a time: what the thread's own ring has no room for is another matter.
    for first in (3..=39).step_by(2) {
        end(first..=first + 1);
        wait_until_decided(&telemetry, u64::from(first) + 1);
    }
    assert_eq!(exporter(&telemetry).queued_spans, 10);
    stalled.go_on.add_permits(100);
    telemetry.flush().unwrap_err();
    let health = exporter(&telemetry);
    assert_eq!((health.exported_spans, health.lost_spans, health.queued_spans), (10, 30, 0));
    let [(reason, 30)] = &health.reasons[..] else { panic!("{:?}", health.reasons) };
    assert!(reason.ends_with("queue of 10 spans full"), "{reason}");
    telemetry.shutdown().unwrap_err();
    stalled.exported()
}

#[test]
fn the_oldest_go_where_that_is_wanted_but_for_what_is_under_way() {
    let expected = [1, 2].into_iter().chain(33..=40).map(|number| number.to_string());
    assert_eq!(arrives_of_forty(DropFirst::Oldest), expected.collect::<Vec<_>>());
}

#[test]
fn errors_stay_where_the_least_valuable_goes_first() {
    let expected = [1, 2, 5, 10, 15, 20, 25, 30, 35, 40].map(|number| number.to_string());
    assert_eq!(arrives_of_forty(DropFirst::LeastValuable), expected);
}

#[test]
fn by_default_the_newest_go_before_any_exporter_has_them() {
    let _turn = turn();
    let stalled = Stalled::new();
    let telemetry = set_up(&stalled).init().unwrap();
    end(1..=2);
    stalled.wait();
    end(3..=60);
    let dropped = || telemetry.health().dropped_spans + exporter(&telemetry).lost_spans;
    assert!(dropped() > 0, "58 spans find room for 20");
    stalled.go_on.add_permits(100);
    telemetry.flush().unwrap_err();
    let dropped = dropped();
    let exported = stalled.exported();
    assert_eq!(exported.len() as u64 + dropped, 60);
    let numbers: Vec<u32> = exported.iter().map(|name| name.parse().unwrap()).collect();
    assert_eq!(numbers[..10], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    assert!(numbers.is_sorted(), "{numbers:?}");
    let health = telemetry.health();
    let reasons: Vec<_> = health.drop_reasons.iter().map(|(reason, _)| reason.as_str()).collect();
    assert_eq!(reasons, ["spans found the queue full"]);
    telemetry.shutdown().unwrap_err();
}

#[test]
fn text_that_waits_is_bounded_by_its_bytes_wherever_it_waits() {
    let _turn = turn();
    let stalled = Stalled::new();
    let bytes = 256 * 1024;
    let telemetry =
        set_up(&stalled).queue_size(10_000).queue_bytes(bytes).batch_size(1).init().unwrap();
    end(1..=1);
    stalled.wait();
    for _ in 0..100 {
        Stage::new("large").attribute("app.text", "x".repeat(32 * 1024)).start().end();
    }
    stalled.go_on.add_permits(200);
    telemetry.flush().unwrap_err();
    let health = telemetry.health();
    let arrived = stalled.exported().len() as u64;
    assert_eq!(arrived + health.lost_spans(), 101);
    // Once in the queue of the exporter and once before it.
    let room = 2 * bytes as u64 / (32 * 1024) + 1;
    assert!(arrived <= room, "{arrived} of {room}");
    let dropped: Vec<&str> = health.drop_reasons.iter().map(|(why, _)| why.as_str()).collect();
    assert_eq!(dropped, ["spans found the memory of the queue full"]);
    telemetry.shutdown().unwrap_err();
}

#[test]
fn what_is_dropped_is_in_the_programs_metrics_and_nothing_is_there_before() {
    let _turn = turn();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("metrics.jsonl");
    let stalled = Stalled::new();
    let telemetry = set_up(&stalled)
        .drop_first(DropFirst::Oldest)
        .metrics_to([ExporterName::File])
        .file(&path)
        .init()
        .unwrap();
    let mut lines = Lines::new(File::open(&path).unwrap());
    stalled.go_on.add_permits(1);
    end(1..=2);
    telemetry.flush().unwrap();
    lines.read();
    let before = lines.metrics();
    assert!(before.names().iter().all(|name| !name.starts_with("otel.")), "{:?}", before.names());
    stalled.wait();
    end(3..=4);
    stalled.wait();
    for first in (5..=39).step_by(2) {
        end(first..=first + 1);
        let decided = || {
            let spans = exporter(&telemetry);
            spans.queued_spans as u64 + spans.lost_spans + spans.exported_spans
        };
        while decided() < u64::from(first) + 1 {
            std::thread::yield_now();
        }
    }
    stalled.go_on.add_permits(100);
    telemetry.flush().unwrap_err();
    // What is collected has what was exported before.
    telemetry.flush().unwrap();
    lines.read();
    let metrics = lines.metrics();
    let points = |name: &str| -> Vec<String> {
        let (_, _, metric) = metrics.metric(name);
        let Some(Data::Sum(sum)) = &metric.data else { panic!("no sum") };
        assert!(sum.is_monotonic);
        let mut points: Vec<String> = sum
            .data_points
            .iter()
            .map(|point| {
                let Some(Value::AsInt(count)) = point.value else { panic!("no count") };
                let mut of: Vec<String> = point
                    .attributes
                    .iter()
                    .map(|it| format!("{}={}", it.key, written(it.value.as_ref())))
                    .collect();
                of.sort();
                format!("{count} {}", of.join(" "))
            })
            // The file has an account of its own.
            .filter(|point| point.contains("Stalled"))
            .collect();
        points.sort();
        points
    };
    let queue = "otel.component.name=\"batching_span_processor/traces to Stalled\" \
                 otel.component.type=\"batching_span_processor\"";
    assert_eq!(
        points("otel.sdk.processor.span.processed"),
        [format!("12 {queue}"), format!("28 error.type=\"queue_full\" {queue}")]
    );
    assert_eq!(
        points("otel.sdk.exporter.span.exported"),
        ["12 otel.component.name=\"traces to Stalled\""]
    );
    telemetry.shutdown().unwrap_err();
}

#[test]
fn one_warning_on_stderr_says_that_spans_are_lost_and_it_is_not_repeated() {
    let lose = |level: &str| {
        // Nobody listens there.
        let port = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
        Process::new(env!("CARGO_BIN_EXE_program"), "overload")
            .env("OTEL_TRACES_EXPORTER", "otlp")
            .env("OTEL_METRICS_EXPORTER", "none")
            .env("OTEL_EXPORTER_OTLP_ENDPOINT", &format!("http://{port}"))
            .env("OTEL_BSP_SCHEDULE_DELAY", "1")
            .env("OTEL_BSP_EXPORT_TIMEOUT", "10")
            .env("OTEL_LOG_LEVEL", level)
            .run()
    };
    let ended = lose("warn");
    assert!(ended.success, "{}", ended.stderr);
    let warnings: Vec<&str> =
        ended.stderr.lines().filter(|line| line.contains("lost so far")).collect();
    let [warning] = warnings[..] else { panic!("{}", ended.stderr) };
    assert!(warning.starts_with("spanline: warning: "), "{warning}");
    assert!(warning.contains("lastly: traces: no answer within"), "{warning}");
    let silent = lose("error");
    assert!(silent.success && !silent.stderr.contains("lost so far"), "{}", silent.stderr);
}
