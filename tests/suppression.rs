//! The exporters' own transport makes no telemetry, else exports would feed themselves.
#![cfg(test)]

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use spanline::opentelemetry::global;
use spanline::opentelemetry::logs::{Logger as _, LoggerProvider as _};
use spanline::opentelemetry::trace::{Span as _, Tracer as _};
use spanline::{ExporterName, Protocol, Stage, Telemetry};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

mod support;

use support::receiver::Receiver;

/// Turns every `tracing` span of the export thread into one of OpenTelemetry, and every event into a
/// log record, as bridges do.
struct Bridge;

static BRIDGED: AtomicU64 = AtomicU64::new(0);
static LOGGED: AtomicU64 = AtomicU64::new(0);
/// Writes one log record.
static LOG: OnceLock<Box<dyn Fn() + Send + Sync>> = OnceLock::new();

impl Subscriber for Bridge {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        if std::thread::current().name() == Some("spanline-export") {
            BRIDGED.fetch_add(1, Ordering::Relaxed);
            global::tracer("bridge").start(attributes.metadata().name()).end();
        }
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, _: &Event<'_>) {
        if std::thread::current().name() == Some("spanline-export")
            && let Some(log) = LOG.get()
        {
            LOGGED.fetch_add(1, Ordering::Relaxed);
            log();
        }
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[test]
fn spans_and_log_records_of_the_transport_are_not_exported() {
    tracing::subscriber::set_global_default(Bridge).unwrap();
    let receiver = Receiver::start();
    let telemetry = Telemetry::builder()
        .traces_to([ExporterName::Otlp])
        .metrics_to([])
        .logs_to([ExporterName::Otlp])
        .console(false)
        .otlp_endpoint(receiver.url())
        .otlp_protocol(Protocol::Grpc)
        .init()
        .unwrap();
    let logger = telemetry.logger_provider().logger("bridge");
    let _ = LOG.set(Box::new(move || logger.emit(logger.create_log_record())));
    for _ in 0..3 {
        Stage::new("work").run_blocking_with(|| (), |(), _| {});
        telemetry.flush().unwrap();
    }
    // A bridge outside the export thread is none of our business: its spans arrive.
    global::tracer("bridge").start("outside").end();
    LOG.get().unwrap()();
    telemetry.shutdown().unwrap();

    assert!(BRIDGED.load(Ordering::Relaxed) > 0, "the transport made no spans to suppress");
    assert!(LOGGED.load(Ordering::Relaxed) > 0, "the transport had nothing to say");
    assert_eq!(receiver.records().len(), 1);
    let names: Vec<_> = receiver.spans().into_iter().map(|it| it.span.name).collect();
    assert_eq!(names, ["work", "work", "work", "outside"]);
}
