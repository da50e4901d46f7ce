//! One ended span of a trace that is not decided yet.

use std::borrow::Cow;
use std::sync::Arc;

use opentelemetry::trace::{Event, Link, SpanId, Status, TraceState};
use opentelemetry::{Array, KeyValue, StringValue, Value};
use serde_json::Value as Json;

use crate::content::captured::{Captured, Values};
use crate::export::log_record::LogRecord;
use crate::export::pending::Pending;
use crate::export::record::Record;
use crate::export::ring::Foreign;
use crate::export::span_data::Renderer;
use crate::semconv::attribute;
use crate::span::record::Exit;

/// A span as it was read, for what is dropped need not be rendered.
#[derive(Debug)]
pub(super) enum HeldSpan {
    Own(Box<(Record, Captured)>),
    /// Of other OpenTelemetry code.
    Foreign(Box<Foreign>),
}

/// How it ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ending {
    /// Its status is an error.
    pub(super) is_error: bool,
    pub(super) is_cancelled: bool,
    pub(super) is_panicked: bool,
}

impl HeldSpan {
    pub(super) fn trace_id(&self) -> u128 {
        match self {
            Self::Own(own) => own.0.identity.trace_id,
            Self::Foreign(foreign) => {
                u128::from_be_bytes(foreign.span.span_context.trace_id().to_bytes())
            }
        }
    }

    /// The name that it has by default.
    pub(super) fn name(&self, renderer: &mut Renderer) -> Cow<'static, str> {
        match self {
            Self::Own(own) => renderer.name_of(&own.0),
            Self::Foreign(foreign) => foreign.span.name.clone(),
        }
    }

    /// Whether it has no parent anywhere.
    pub(super) fn is_root(&self) -> bool {
        match self {
            Self::Own(own) => own.0.identity.parent_span_id == 0,
            Self::Foreign(foreign) => foreign.span.parent_span_id == SpanId::INVALID,
        }
    }

    /// Whether its parent is in another process.
    pub(super) fn has_remote_parent(&self) -> bool {
        match self {
            Self::Own(own) => own.0.head.parent_is_remote,
            Self::Foreign(foreign) => foreign.span.parent_span_is_remote,
        }
    }

    pub(super) fn is_local_root(&self) -> bool {
        self.is_root() || self.has_remote_parent()
    }

    pub(super) fn ending(&self, cancelled_is_error: bool) -> Ending {
        match self {
            Self::Own(own) => {
                let record = &own.0;
                let exit = record.head.exit;
                let is_cancelled = matches!(exit, Exit::Cancelled | Exit::Abandoned);
                let is_panicked = exit == Exit::Panicked;
                let is_said = exit == Exit::Ok && matches!(record.status, Some(Err(_)));
                let is_error = exit == Exit::Error
                    || is_panicked
                    || is_said
                    || (is_cancelled && cancelled_is_error);
                Ending { is_error, is_cancelled, is_panicked }
            }
            Self::Foreign(foreign) => {
                let is_error = matches!(foreign.span.status, Status::Error { .. });
                Ending { is_error, ..Ending::default() }
            }
        }
    }

    /// Says on it why its trace is kept.
    pub(super) fn tell_rule(&mut self, rule: &Arc<str>, renderer: &Renderer) {
        let value = Value::String(StringValue::from(Arc::clone(rule)));
        match self {
            Self::Own(own) => own.0.set(attribute::SAMPLING_RULE.into(), value),
            Self::Foreign(foreign) => {
                // What is on it is others', and is renamed by nobody.
                let key = renderer.own_name(attribute::SAMPLING_RULE);
                foreign.span.attributes.push(KeyValue::new(key, value));
            }
        }
    }

    pub(super) fn render(
        self,
        renderer: &mut Renderer,
        spans: &mut Pending,
        records: &mut Vec<LogRecord>,
    ) {
        match self {
            Self::Own(own) => {
                let (mut record, captured) = *own;
                renderer.render(&mut record, captured, spans, records);
            }
            Self::Foreign(foreign) => renderer.render_foreign(*foreign, spans),
        }
    }

    /// About how many bytes it takes.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Own(own) => {
                let (record, captured) = &**own;
                let description = record.status.as_ref().and_then(|said| said.as_ref().err());
                size_of::<(Record, Captured)>()
                    + record.name.len()
                    + record.attributes.capacity() * size_of::<KeyValue>()
                    + texts(&record.attributes)
                    + record.events.iter().map(event_bytes).sum::<usize>()
                    + record.links.iter().map(link_bytes).sum::<usize>()
                    + state_bytes(&record.trace_state)
                    + description.map_or(0, |description| description.len())
                    + values_bytes(&captured.values)
            }
            Self::Foreign(foreign) => {
                let span = &foreign.span;
                let description = match &span.status {
                    Status::Error { description } => description.len(),
                    Status::Unset | Status::Ok => 0,
                };
                size_of::<Foreign>()
                    + span.name.len()
                    + list_bytes(&span.attributes)
                    + span.events.iter().map(event_bytes).sum::<usize>()
                    + span.links.iter().map(link_bytes).sum::<usize>()
                    + state_bytes(span.span_context.trace_state())
                    + description
            }
        }
    }
}

fn event_bytes(event: &Event) -> usize {
    size_of::<Event>() + event.name.len() + list_bytes(&event.attributes)
}

fn link_bytes(link: &Link) -> usize {
    let state = state_bytes(link.span_context.trace_state());
    size_of::<Link>() + state + list_bytes(&link.attributes)
}

fn state_bytes(state: &TraceState) -> usize {
    if *state == TraceState::NONE {
        return 0;
    }
    let header = state.header();
    header.len() + header.split(',').count() * size_of::<(String, String)>()
}

fn list_bytes(attributes: &[KeyValue]) -> usize {
    size_of_val(attributes) + texts(attributes)
}

fn texts(attributes: &[KeyValue]) -> usize {
    // Nobody says whether a key is owned.
    let bytes = |it: &KeyValue| it.key.as_str().len() + text_bytes(&it.value);
    attributes.iter().map(bytes).sum()
}

fn text_bytes(value: &Value) -> usize {
    match value {
        Value::String(text) => text.as_str().len(),
        Value::Array(Array::Bool(values)) => size_of_val(values.as_slice()),
        Value::Array(Array::I64(values)) => size_of_val(values.as_slice()),
        Value::Array(Array::F64(values)) => size_of_val(values.as_slice()),
        Value::Array(Array::String(texts)) => {
            texts.iter().map(|text| size_of::<StringValue>() + text.as_str().len()).sum()
        }
        _ => 0,
    }
}

fn values_bytes(values: &Values) -> usize {
    values.iter().map(|(_, value)| size_of::<(&str, Json)>() + json_bytes(value)).sum()
}

fn json_bytes(value: &Json) -> usize {
    match value {
        Json::String(text) => text.len(),
        Json::Array(values) => {
            values.iter().map(|value| size_of::<Json>() + json_bytes(value)).sum()
        }
        Json::Object(members) => {
            let member = |(key, value): (&String, &Json)| {
                size_of::<(String, Json)>() + key.len() + json_bytes(value)
            };
            members.iter().map(member).sum()
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => 0,
    }
}
