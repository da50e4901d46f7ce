//! Spans written in the names of other conventions.

mod content;
mod events;
mod limits;
mod openinference;
mod sets;
mod tables;

use std::borrow::Cow;
use std::sync::Arc;

use opentelemetry::trace::{Event, SpanKind};
use opentelemetry::{Array, KeyValue, StringValue, Value};
use opentelemetry_sdk::trace::SpanData;

use super::Naming;
use crate::content::captured::Captured;
use crate::export::event::Events;
use crate::export::outgoing::Outgoing;
use crate::export::pending::{Batch, Form, Pending, Spans};
use crate::export::queue::Amount;
use crate::export::record::Record;
use crate::export::span_data::Renderer;
use crate::span::record::{Exit, Head, Identity, Kind, OperationKind};
use crate::telemetry::settings::{Convention, ExceptionSignal, Limits};

const LIMITS: Limits = Limits::USUAL;

/// A span as it was recorded.
fn record(operation: OperationKind, attributes: &[(&'static str, Value)]) -> Record {
    let kind = match operation {
        OperationKind::Chat
        | OperationKind::TextCompletion
        | OperationKind::GenerateContent
        | OperationKind::Embeddings
        | OperationKind::Retrieval => Kind::Client,
        _ => Kind::Internal,
    };
    let head = Head {
        words: 0,
        asides: 0,
        operation,
        kind,
        exit: Exit::Ok,
        trace_flags: 1,
        parent_is_remote: false,
        is_cost_told_inside: false,
    };
    let identity = Identity { trace_id: 1, span_id: 1, parent_span_id: 0, start: 0, duration: 1 };
    let mut record = Record::new();
    record.start(head, identity, attributes.len());
    if matches!(operation, OperationKind::Stage | OperationKind::Span) {
        record.name = Cow::Borrowed("work");
    }
    for (key, value) in attributes {
        record.set(Cow::Borrowed(*key), value.clone());
    }
    record.finish();
    record
}

fn render(conventions: &[Convention], prefix: &str, limits: Limits, mut record: Record) -> Spans {
    let mut spans = pending();
    let mut renderer = renderer(conventions, prefix, limits);
    renderer.render(&mut record, Captured::default(), &mut spans, &mut Vec::new());
    spans.take(true).unwrap()
}

/// For the console and another.
fn pending() -> Pending {
    let size = Amount { items: 2, bytes: usize::MAX };
    Pending::new([Form::Plain, Form::Data].into_iter(), size)
}

/// The only span, as the console gets it or as others do.
fn only(spans: &Spans, console: bool) -> SpanData {
    let form = if console { Form::Plain } else { Form::Data };
    let Ok([Batch::Data { spans, .. }]) =
        <[_; 1]>::try_from(spans.clone().into_batches([form].into_iter()))
    else {
        panic!("not one batch of spans")
    };
    let [span]: [SpanData; 1] = spans.try_into().unwrap();
    span
}

fn renderer(conventions: &[Convention], prefix: &str, limits: Limits) -> Renderer {
    let outgoing = Outgoing::new(Arc::default(), limits, Arc::default());
    let events = Events { exceptions: ExceptionSignal::Spans, details: false };
    Renderer::new(limits, outgoing, false, events, Naming::new(conventions, prefix), true)
}

fn written(conventions: &[Convention], record: Record) -> SpanData {
    only(&render(conventions, "spanline", LIMITS, record), false)
}

/// A text that is JSON with its members in the order of the alphabet: what order they are written in,
/// a feature of serde_json decides, which any crate may turn on.
fn in_order(text: &str) -> String {
    fn sorted(value: serde_json::Value) -> serde_json::Value {
        match value {
            serde_json::Value::Object(members) => {
                let members: std::collections::BTreeMap<_, _> =
                    members.into_iter().map(|(key, value)| (key, sorted(value))).collect();
                members.into_iter().collect()
            }
            serde_json::Value::Array(values) => values.into_iter().map(sorted).collect(),
            other => other,
        }
    }

    match serde_json::from_str(text) {
        Ok(value @ (serde_json::Value::Object(_) | serde_json::Value::Array(_))) => {
            sorted(value).to_string()
        }
        _ => text.to_owned(),
    }
}

/// Attributes in the order of the alphabet, such that their types can be told.
fn lines(attributes: &[KeyValue]) -> Vec<String> {
    let mut lines: Vec<String> = attributes
        .iter()
        .map(|attribute| {
            let value = match &attribute.value {
                Value::F64(number) => format!("{number:?}"),
                Value::String(text) => format!("{:?}", in_order(text.as_str())),
                Value::Array(Array::String(texts)) => {
                    let texts: Vec<&str> = texts.iter().map(StringValue::as_str).collect();
                    format!("{texts:?}")
                }
                other => other.to_string(),
            };
            format!("{}={value}", attribute.key)
        })
        .collect();
    lines.sort();
    lines
}

/// The attributes of a span of this operation in the names of these conventions.
fn attributes(
    conventions: &[Convention],
    operation: OperationKind,
    recorded: &[(&'static str, Value)],
) -> Vec<String> {
    lines(&written(conventions, record(operation, recorded)).attributes)
}

fn texts(texts: &[&'static str]) -> Value {
    Value::Array(Array::String(texts.iter().map(|text| (*text).into()).collect()))
}

fn remote(mut record: Record) -> Record {
    record.head.kind = Kind::Client;
    record
}

fn event(name: &'static str, attributes: Vec<KeyValue>) -> Event {
    Event::new(name, std::time::SystemTime::UNIX_EPOCH, attributes, 0)
}

fn kind_of(span: &SpanData) -> SpanKind {
    span.span_kind.clone()
}
