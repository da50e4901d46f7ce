//! What spans, log records, evaluations and the console say of the same: one content, one error, one set
//! of names, masked and within limits.
#![cfg(test)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at what it did not expect")]

#[path = "signals/content.rs"]
mod content;
#[path = "signals/errors.rs"]
mod errors;
#[path = "signals/hook.rs"]
mod hook;
#[path = "signals/names.rs"]
mod names;
#[path = "signals/replies.rs"]
mod replies;
mod support;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::trace::v1::Span;
use serde_json::{Value, json};
use spanline::{ExporterName, Protocol, Telemetry, TelemetryBuilder};
use support::receiver::Receiver;

/// Looks like a key, and is none.
const KEY: &str = "sk-aB3dE5gH7jK9mN1pQ3sT5vW7";
const MASKED: &str = "[masked:openai-key]";

const INPUT: &str = "gen_ai.input.messages";
const OUTPUT: &str = "gen_ai.output.messages";
const INSTRUCTIONS: &str = "gen_ai.system_instructions";
const TOOLS: &str = "gen_ai.tool.definitions";
const CONTENT: [&str; 4] = [INPUT, OUTPUT, INSTRUCTIONS, TOOLS];
const CUT_BYTES: &str = "spanline.content.cut_bytes";

/// Telemetry is one per process; the tests take turns.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Spans and log records to one place.
fn telemetry(receiver: &Receiver) -> TelemetryBuilder {
    Telemetry::builder()
        .traces_to([ExporterName::Otlp])
        .metrics_to([])
        .logs_to([ExporterName::Otlp])
        .console(false)
        .otlp_endpoint(receiver.url())
        .otlp_protocol(Protocol::HttpProtobuf)
        .otlp_timeout(Duration::from_secs(20))
        .shutdown_timeout(Duration::from_secs(30))
}

/// What is sent when this runs under these settings.
fn sent(set: impl FnOnce(TelemetryBuilder) -> TelemetryBuilder, run: impl FnOnce()) -> Receiver {
    let receiver = Receiver::start();
    let telemetry = set(telemetry(&receiver)).init().unwrap();
    run();
    telemetry.shutdown().unwrap();
    receiver
}

/// The one span.
fn span(receiver: &Receiver) -> Span {
    let spans = receiver.spans();
    let [span] = spans.as_slice() else { panic!("{spans:?}") };
    span.span.clone()
}

/// The one log record.
fn record(receiver: &Receiver) -> LogRecord {
    let records = receiver.records();
    let [record] = records.as_slice() else { panic!("{records:?}") };
    record.record.clone()
}

/// A value in its structure; null where there is none.
fn attribute(attributes: &[KeyValue], key: &str) -> Value {
    let found = attributes.iter().find(|attribute| attribute.key == key);
    found.map_or(Value::Null, |attribute| structure(attribute.value.as_ref()))
}

fn structure(value: Option<&AnyValue>) -> Value {
    match value.and_then(|value| value.value.as_ref()) {
        Some(Any::StringValue(text)) => json!(text),
        Some(Any::BoolValue(flag)) => json!(flag),
        Some(Any::IntValue(number)) => json!(number),
        Some(Any::DoubleValue(number)) => json!(number),
        Some(Any::ArrayValue(array)) => {
            array.values.iter().map(|value| structure(Some(value))).collect()
        }
        Some(Any::KvlistValue(map)) => map
            .values
            .iter()
            .map(|member| (member.key.clone(), structure(member.value.as_ref())))
            .collect(),
        other => panic!("{other:?}"),
    }
}

/// A span's attribute that is JSON; null where there is none.
fn json_of(span: &Span, key: &str) -> Value {
    match attribute(&span.attributes, key) {
        Value::String(text) => serde_json::from_str(&text).unwrap(),
        other => other,
    }
}

/// One message of one text.
fn message(role: &str, text: impl Into<Value>) -> Value {
    let part = json!({"type": "text", "content": text.into()});
    let mut message = json!({"role": role, "parts": [part]});
    if role == "assistant" {
        message["finish_reason"] = json!("");
    }
    json!([message])
}
