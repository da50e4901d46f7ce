//! The exporters' own transport makes no telemetry, else exports would feed themselves.
#![cfg(test)]

use std::sync::atomic::{AtomicU64, Ordering};

use spanline::opentelemetry::global;
use spanline::opentelemetry::trace::{Span as _, Tracer as _};
use spanline::{ExporterName, Protocol, Stage, Telemetry};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

mod support;

use support::receiver::Receiver;

/// Turns every `tracing` span of the export thread into one of OpenTelemetry, as bridges do.
struct Bridge;

static BRIDGED: AtomicU64 = AtomicU64::new(0);

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
    fn event(&self, _: &Event<'_>) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[test]
fn spans_of_the_transport_are_not_exported() {
    tracing::subscriber::set_global_default(Bridge).unwrap();
    let receiver = Receiver::start();
    let telemetry = Telemetry::builder()
        .traces_to([ExporterName::Otlp])
        .metrics_to([])
        .console(false)
        .otlp_endpoint(receiver.url())
        .otlp_protocol(Protocol::Grpc)
        .init()
        .unwrap();
    for _ in 0..3 {
        Stage::new("work").run_blocking_with(|| (), |(), _| {});
        telemetry.flush().unwrap();
    }
    // A bridge outside the export thread is none of our business: its spans arrive.
    global::tracer("bridge").start("outside").end();
    telemetry.shutdown().unwrap();

    assert!(BRIDGED.load(Ordering::Relaxed) > 0, "the transport made no spans to suppress");
    let names: Vec<_> = receiver.spans().into_iter().map(|it| it.span.name).collect();
    assert_eq!(names, ["work", "work", "work", "outside"]);
}
