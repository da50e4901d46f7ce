//! The content of one span, as the program's own functions see it on the export thread.

use std::borrow::Cow;
use std::fmt;

use opentelemetry::trace::{SpanId, TraceId};
use opentelemetry::{StringValue, Value as AttributeValue};
use serde_json::Value;

use super::captured::Values;
use crate::export::record::Record;
use crate::identity::Associations;
use crate::span::record::operation_name;

/// The content of one span that has ended, on its way out: what
/// [`content_hook`](crate::TelemetryBuilder::content_hook) is given.
///
/// Each piece goes by the attribute that it becomes, such as `gen_ai.input.messages`, and is JSON in the
/// shape of the conventions.
pub struct SpanContent<'a> {
    record: &'a Record,
    values: Values,
    attributes: Vec<(Cow<'static, str>, AttributeValue)>,
}

/// Whom a span is for, as its scope and its pipeline said.
#[derive(Clone, Copy)]
pub struct SpanAssociations<'a>(Option<&'a Associations>);

impl fmt::Debug for SpanContent<'_> {
    /// Without the content.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SpanContent")
            .field("trace_id", &self.trace_id())
            .field("span_id", &self.span_id())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for SpanAssociations<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SpanAssociations").finish_non_exhaustive()
    }
}

impl<'a> SpanContent<'a> {
    pub(super) fn new(record: &'a Record, values: Values) -> Self {
        Self { record, values, attributes: Vec::new() }
    }

    pub(super) fn into_parts(self) -> (Values, Vec<(Cow<'static, str>, AttributeValue)>) {
        (self.values, self.attributes)
    }

    /// The trace's id in 32 hexadecimal digits.
    pub fn trace_id(&self) -> String {
        TraceId::from(self.record.identity.trace_id).to_string()
    }

    /// The span's id in 16 hexadecimal digits.
    pub fn span_id(&self) -> String {
        SpanId::from(self.record.identity.span_id).to_string()
    }

    /// Whether the span itself is exported.
    pub fn is_sampled(&self) -> bool {
        self.record.head.trace_flags & 1 == 1
    }

    /// What was done: `chat`, `execute_tool`, `retrieval` and so on.
    pub fn operation(&self) -> &str {
        operation_name(self.record.head.operation)
    }

    /// Whom it was for.
    pub fn associations(&self) -> SpanAssociations<'_> {
        SpanAssociations::new(self.record.associations.as_deref())
    }

    /// Each piece under its attribute.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.values.iter().map(|(key, value)| (*key, value))
    }

    /// The piece of this attribute.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.values.iter().find(|(known, _)| *known == key).map(|(_, value)| value)
    }

    /// The piece of this attribute, to be changed.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        self.values.iter_mut().find(|(known, _)| *known == key).map(|(_, value)| value)
    }

    /// Takes a piece out: it is on no span and on no event.
    pub fn take(&mut self, key: &str) -> Option<Value> {
        let place = self.values.iter().position(|(known, _)| *known == key)?;
        Some(self.values.remove(place).1)
    }

    /// Sets an attribute of the span: a reference to where the content is now, say. `None` sets
    /// nothing.
    #[allow(clippy::needless_pass_by_value, reason = "takes values and references to them alike")]
    pub fn set(&mut self, key: impl Into<Cow<'static, str>>, value: impl crate::AttributeValue) {
        if let Some(value) = value.value() {
            self.attributes.push((key.into(), value.into_value()));
        }
    }
}

impl<'a> SpanAssociations<'a> {
    pub(super) fn new(associations: Option<&'a Associations>) -> Self {
        Self(associations)
    }

    /// The session.
    pub fn session(&self) -> Option<&'a str> {
        self.0?.session().map(StringValue::as_str)
    }

    /// The user.
    pub fn user(&self) -> Option<&'a str> {
        self.0?.user().map(StringValue::as_str)
    }

    /// The tenant.
    pub fn tenant(&self) -> Option<&'a str> {
        self.0?.tenant().map(StringValue::as_str)
    }

    /// The conversation.
    pub fn conversation(&self) -> Option<&'a str> {
        self.0?.conversation().map(StringValue::as_str)
    }

    /// A property as text, whatever it was given as.
    pub fn property(&self, key: &str) -> Option<Cow<'a, str>> {
        self.0?.property(key).map(AttributeValue::as_str)
    }
}
