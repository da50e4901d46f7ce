//! The content of one span that may leave the process.

use opentelemetry::{KeyValue, Value as AttributeValue};
use serde_json::Value;

/// Attributes with content, each in the structure that it has as JSON.
pub(crate) type Values = Vec<(&'static str, Value)>;

/// The content of one span, masked, and where it goes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Captured {
    pub(crate) on_span: bool,
    pub(crate) on_event: bool,
    pub(crate) values: Values,
}

impl Captured {
    /// Writes it among the first `own` attributes of a span, where that has a place for it: JSON as text,
    /// for attributes have no maps. Returns how many are the span's own now.
    pub(crate) fn put_on(&self, attributes: &mut Vec<KeyValue>, own: usize) -> usize {
        let mut own = own;
        for (key, value) in self.values.iter().filter(|_| self.on_span) {
            let value = attribute(value);
            let mut owned = attributes.iter_mut().take(own);
            if let Some(known) = owned.find(|known| known.key.as_str() == *key) {
                known.value = value;
            } else {
                attributes.insert(own, KeyValue::new(*key, value));
                own += 1;
            }
        }
        own
    }

    /// What the event with the details of the inference has of it.
    pub(crate) fn into_details(self) -> Values {
        if self.on_event { self.values } else { Values::new() }
    }
}

fn attribute(value: &Value) -> AttributeValue {
    match value {
        Value::Bool(flag) => AttributeValue::Bool(*flag),
        Value::String(text) => AttributeValue::String(text.clone().into()),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(number), _) => AttributeValue::I64(number),
            (None, Some(number)) => AttributeValue::F64(number),
            (None, None) => AttributeValue::String(number.to_string().into()),
        },
        other => AttributeValue::String(other.to_string().into()),
    }
}
