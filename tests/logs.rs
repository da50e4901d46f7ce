//! Log records: those of other code, exceptions and other events of spans, evaluations; what a
//! receiver reads, and what is counted when it cannot.
#![cfg(test)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at what it did not expect")]

#[path = "logs/delivery.rs"]
mod delivery;
#[path = "logs/evaluations.rs"]
mod evaluations;
#[path = "logs/events.rs"]
mod events;
#[path = "logs/loss.rs"]
mod loss;
mod support;

use std::fmt::Write as _;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use spanline::{ExporterName, Protocol, Telemetry, TelemetryBuilder};
use support::receiver::{ReceivedRecord, Receiver};
use support::tree;

const PROTOCOLS: [Protocol; 3] = [Protocol::Grpc, Protocol::HttpProtobuf, Protocol::HttpJson];

/// Telemetry is one per process; the tests take turns.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Spans and log records to one place.
fn telemetry(protocol: Protocol, endpoint: &str) -> TelemetryBuilder {
    Telemetry::builder()
        .service_name("tests")
        .traces_to([ExporterName::Otlp])
        .metrics_to([])
        .logs_to([ExporterName::Otlp])
        .console(false)
        .otlp_endpoint(endpoint)
        .otlp_protocol(protocol)
        .otlp_timeout(Duration::from_secs(20))
        .shutdown_timeout(Duration::from_secs(30))
}

/// All records as text, each with the name of the span that it belongs to, in the order of arrival.
fn shown(receiver: &Receiver) -> String {
    let spans = receiver.spans();
    let mut text = String::new();
    for ReceivedRecord { record, .. } in receiver.records() {
        let span = spans
            .iter()
            .find(|it| it.span.span_id == record.span_id && it.span.trace_id == record.trace_id);
        let span = match span {
            Some(span) => format!(" of {}", span.span.name),
            None if record.span_id.is_empty() => String::new(),
            None => String::from(" of a span elsewhere"),
        };
        let severity = record.severity_number;
        let text_of_severity = &record.severity_text;
        writeln!(text, "{}{span} [{severity} {text_of_severity}]", record.event_name).unwrap();
        for attribute in tree::attributes(&record.attributes) {
            writeln!(text, "  {attribute}").unwrap();
        }
    }
    text
}

/// The names of the events of all spans.
fn span_events(receiver: &Receiver) -> Vec<String> {
    let spans = receiver.spans();
    spans.iter().flat_map(|it| &it.span.events).map(|event| event.name.clone()).collect()
}
