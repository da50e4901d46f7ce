//! Spans, log records and metrics that use every corner of OTLP, for tests.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use opentelemetry::logs::{AnyValue, Severity};
use opentelemetry::metrics::MeterProvider as _;
use opentelemetry::trace::{
    Event, Link, SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState,
};
use opentelemetry::{Array, InstrumentationScope, Key, KeyValue, Value};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::reader::MetricReader;
use opentelemetry_sdk::metrics::{ManualReader, SdkMeterProvider};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};

use crate::export::log_record::{LogRecord, of_json, of_value, text};
use crate::export::reader::SharedReader;

pub(crate) fn resource() -> Resource {
    Resource::builder_empty().with_attribute(KeyValue::new("service.name", "sample")).build()
}

/// Spans of two scopes in turn, each with its number as its id.
pub(crate) fn spans(count: u64) -> Vec<SpanData> {
    (1..=count).map(span).collect()
}

fn span(number: u64) -> SpanData {
    let scope = if number.is_multiple_of(2) { "even" } else { "odd" };
    let mut events = SpanEvents::default();
    let event_time = UNIX_EPOCH + Duration::from_nanos(1_700_000_000_000_000_002);
    events.events =
        vec![Event::new("exception", event_time, vec![KeyValue::new("handled", false)], 0)];
    let mut links = SpanLinks::default();
    let linked = SpanContext::new(
        TraceId::from(99),
        SpanId::from(98),
        TraceFlags::SAMPLED,
        true,
        TraceState::default(),
    );
    links.links = vec![Link::new(linked, vec![KeyValue::new("reason", "retry")], 0)];
    let strings = Value::Array(Array::String(vec!["a".into(), "b".into()]));
    SpanData {
        span_context: SpanContext::new(
            TraceId::from(0xabc),
            SpanId::from(number),
            TraceFlags::SAMPLED,
            false,
            TraceState::default(),
        ),
        parent_span_id: SpanId::from(number - 1),
        parent_span_is_remote: false,
        span_kind: SpanKind::Client,
        name: format!("span {number}").into(),
        start_time: UNIX_EPOCH + Duration::from_nanos(1_700_000_000_000_000_001),
        end_time: UNIX_EPOCH + Duration::from_nanos(1_700_000_000_000_000_003),
        attributes: vec![
            KeyValue::new("text", "ä\"\n"),
            KeyValue::new("whole", i64::MAX),
            KeyValue::new("part", 0.5),
            KeyValue::new("yes", true),
            KeyValue::new("list", strings),
        ],
        dropped_attributes_count: 1,
        events,
        links,
        status: Status::error("went wrong"),
        instrumentation_scope: InstrumentationScope::builder(scope).with_version("1").build(),
    }
}

/// Log records of two scopes in turn, each with its number as its span's id.
pub(crate) fn records(count: u64) -> Vec<LogRecord> {
    (1..=count).map(record).collect()
}

fn record(number: u64) -> LogRecord {
    let scope = if number.is_multiple_of(2) { "even" } else { "odd" };
    let time = UNIX_EPOCH + Duration::from_nanos(1_700_000_000_000_000_001);
    let strings = Value::Array(Array::String(vec!["a".into(), "b".into()]));
    LogRecord {
        time: Some(time),
        observed: time + Duration::from_nanos(1),
        severity: Some(Severity::Warn),
        severity_text: Some("WARN"),
        event_name: "sample.event",
        body: Some(AnyValue::from("ä\"\n")),
        attributes: vec![
            (Key::new("text"), text("ä\"\n")),
            (Key::new("whole"), AnyValue::Int(i64::MAX)),
            (Key::new("part"), AnyValue::Double(0.5)),
            (Key::new("yes"), AnyValue::Boolean(true)),
            (Key::new("list"), of_value(strings)),
            (Key::new("map"), of_json(serde_json::json!({"a": [1]}))),
        ],
        dropped_attributes: 1,
        trace_id: TraceId::from(0xabc),
        span_id: SpanId::from(number),
        trace_flags: TraceFlags::SAMPLED,
        scope: InstrumentationScope::builder(scope).with_version("1").build(),
    }
}

/// A counter with three points, a gauge with one and a histogram with two.
pub(crate) fn metrics() -> ResourceMetrics {
    let reader = Arc::new(ManualReader::builder().build());
    let provider = SdkMeterProvider::builder()
        .with_resource(resource())
        .with_reader(SharedReader(Arc::clone(&reader)))
        .build();
    let meter = provider.meter("odd");
    let counter = meter.u64_counter("count").with_unit("{thing}").build();
    for place in ["a", "b", "c"] {
        counter.add(7, &[KeyValue::new("place", place)]);
    }
    provider.meter("even").i64_gauge("level").build().record(-3, &[]);
    let histogram = meter.f64_histogram("duration").with_boundaries(vec![0.1, 1.0]).build();
    for place in ["a", "b"] {
        histogram.record(0.25, &[KeyValue::new("place", place)]);
    }
    let mut metrics = ResourceMetrics::default();
    reader.collect(&mut metrics).unwrap();
    metrics
}
