//! A log record on its way to the backends.

use std::borrow::Cow;
use std::time::SystemTime;

use opentelemetry::logs::{AnyValue, Severity};
use opentelemetry::trace::{SpanId, TraceFlags, TraceId};
use opentelemetry::{Array, InstrumentationScope, Key, StringValue, Value};

use super::span_data::shorten_text;
use crate::content::mask::Masks;
use crate::semconv;
use crate::telemetry::settings::RecordLimits;

/// A log record; one with a name is an event.
#[derive(Clone, Debug)]
#[cfg_attr(
    not(any(feature = "file", feature = "otlp-grpc", feature = "otlp-http")),
    allow(dead_code, reason = "the console alone shows less")
)]
pub(crate) struct LogRecord {
    /// When it happened, where that is known.
    pub(crate) time: Option<SystemTime>,
    /// When it was seen.
    pub(crate) observed: SystemTime,
    pub(crate) severity: Option<Severity>,
    pub(crate) severity_text: Option<&'static str>,
    /// Empty where the record is no event.
    pub(crate) event_name: &'static str,
    pub(crate) body: Option<AnyValue>,
    pub(crate) attributes: Vec<(Key, AnyValue)>,
    pub(crate) dropped_attributes: u32,
    /// The span that it belongs to; invalid ids for none.
    pub(crate) trace_id: TraceId,
    pub(crate) span_id: SpanId,
    pub(crate) trace_flags: TraceFlags,
    pub(crate) scope: InstrumentationScope,
}

impl LogRecord {
    /// Masks what other threads hand over: what follows from spans is masked with these.
    pub(crate) fn mask(&mut self, masks: &Masks) {
        if let Some(body) = &mut self.body {
            mask(masks, None, body, true);
        }
        for (key, value) in &mut self.attributes {
            if !semconv::is_identifier(key.as_str()) {
                let is_content = semconv::is_content(key.as_str());
                mask(masks, Some(key.as_str()), value, is_content);
            }
        }
    }

    /// The memory that it takes, about.
    pub(crate) fn bytes(&self) -> usize {
        let values = self.attributes.iter().map(|(_, value)| value).chain(&self.body);
        size_of::<Self>()
            + size_of_val(self.attributes.as_slice())
            + values.map(bytes).sum::<usize>()
    }

    /// The last thing that is done to every record, whoever made it, before it is sent.
    pub(crate) fn limit(&mut self, limits: RecordLimits) {
        let over = self.attributes.len().saturating_sub(limits.attributes);
        self.attributes.truncate(limits.attributes);
        self.dropped_attributes += u32::try_from(over).unwrap_or(u32::MAX);
        if let Some(length) = limits.value_length {
            for (_, value) in &mut self.attributes {
                shorten(value, length);
            }
        }
    }
}

/// What a value has beside itself.
fn bytes(value: &AnyValue) -> usize {
    match value {
        AnyValue::String(text) => text.as_str().len(),
        AnyValue::Bytes(bytes) => bytes.len(),
        AnyValue::ListAny(values) => {
            values.iter().map(|it| size_of::<AnyValue>() + bytes(it)).sum()
        }
        AnyValue::Map(members) => {
            let of = |(key, value): (&Key, &AnyValue)| {
                size_of::<(Key, AnyValue)>() + key.as_str().len() + bytes(value)
            };
            members.iter().map(of).sum()
        }
        _ => 0,
    }
}

/// Masks each text, however deep it is.
fn mask(masks: &Masks, key: Option<&str>, value: &mut AnyValue, is_content: bool) {
    match value {
        AnyValue::String(text) => {
            if let Cow::Owned(masked) = masks.member(key, text.as_str(), is_content) {
                *text = StringValue::from(masked);
            }
        }
        AnyValue::ListAny(values) => {
            values.iter_mut().for_each(|value| mask(masks, key, value, is_content));
        }
        AnyValue::Map(members) => {
            for (key, other) in masks.keys(&members.keys().map(Key::as_str), is_content) {
                if let Some(value) = members.remove(&Key::new(key)) {
                    members.insert(Key::new(other), value);
                }
            }
            for (key, value) in members.iter_mut() {
                mask(masks, Some(key.as_str()), value, is_content);
            }
        }
        _ => {}
    }
}

/// Keeps at most `length` characters of each text, however deep it is.
fn shorten(value: &mut AnyValue, length: usize) {
    match value {
        AnyValue::String(text) => shorten_text(text, length),
        AnyValue::ListAny(values) => values.iter_mut().for_each(|value| shorten(value, length)),
        AnyValue::Map(members) => members.values_mut().for_each(|value| shorten(value, length)),
        _ => {}
    }
}

/// A span's value as log records have it.
pub(crate) fn of_value(value: Value) -> AnyValue {
    fn list<T: Into<AnyValue>>(values: Vec<T>) -> AnyValue {
        values.into_iter().collect()
    }

    match value {
        Value::Bool(value) => AnyValue::Boolean(value),
        Value::I64(value) => AnyValue::Int(value),
        Value::F64(value) => AnyValue::Double(value),
        Value::String(value) => AnyValue::String(value),
        Value::Array(Array::Bool(values)) => list(values),
        Value::Array(Array::I64(values)) => list(values),
        Value::Array(Array::F64(values)) => list(values),
        Value::Array(Array::String(values)) => list(values),
        other => AnyValue::from(other.as_str().into_owned()),
    }
}

/// JSON as maps and lists. Log records have no null: in an object it is left out.
pub(crate) fn of_json(value: serde_json::Value) -> AnyValue {
    match value {
        serde_json::Value::Null => AnyValue::from("null"),
        serde_json::Value::Bool(value) => AnyValue::Boolean(value),
        serde_json::Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => AnyValue::Int(whole),
            (None, Some(part)) => AnyValue::Double(part),
            (None, None) => AnyValue::from(number.to_string()),
        },
        serde_json::Value::String(text) => AnyValue::from(text),
        serde_json::Value::Array(values) => values.into_iter().map(of_json).collect(),
        serde_json::Value::Object(members) => members
            .into_iter()
            .filter(|(_, member)| !member.is_null())
            .map(|(key, member)| (key, of_json(member)))
            .collect(),
    }
}

/// A text as an attribute of a log record.
pub(crate) fn text(value: impl Into<Cow<'static, str>>) -> AnyValue {
    match value.into() {
        Cow::Borrowed(text) => AnyValue::from(text),
        Cow::Owned(text) => AnyValue::from(text),
    }
}

#[cfg(any(feature = "file", feature = "otlp-grpc", feature = "otlp-http"))]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::request::sample;

    #[test]
    fn what_is_over_the_limits_is_cut_and_counted_to_the_bottom_of_lists_and_maps() {
        let mut record = sample::records(1).remove(0);
        let deep = serde_json::json!({"texts": ["äbcd", {"n": 1, "none": null}]});
        record.attributes = vec![
            (Key::new("deep"), of_json(deep)),
            (Key::new("short"), text("ab")),
            (Key::new("over"), text("x")),
        ];
        record.dropped_attributes = 1;
        record.limit(RecordLimits { attributes: 2, value_length: Some(3) });
        let kept = of_json(serde_json::json!({"texts": ["äbc", {"n": 1}]}));
        let expected = [(Key::new("deep"), kept), (Key::new("short"), text("ab"))];
        assert_eq!(record.attributes, expected);
        assert_eq!(record.dropped_attributes, 2);
    }
}
