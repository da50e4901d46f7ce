//! Attributes as JSON, and JSON as attributes.

use opentelemetry::{Array, StringValue, Value};
use serde_json::Value as Json;

use crate::semconv::openinference::mime_type;

/// An attribute's value as a member of an object.
pub(in crate::export) fn of_value(value: &Value) -> Json {
    match value {
        Value::Bool(flag) => Json::from(*flag),
        Value::I64(number) => Json::from(*number),
        Value::F64(number) => Json::from(*number),
        Value::Array(Array::Bool(flags)) => Json::from(flags.as_slice()),
        Value::Array(Array::I64(numbers)) => Json::from(numbers.as_slice()),
        Value::Array(Array::F64(numbers)) => Json::from(numbers.as_slice()),
        Value::Array(Array::String(texts)) => texts.iter().map(StringValue::as_str).collect(),
        other => Json::from(other.as_str()),
    }
}

/// An attribute's value as text: as it is, and of an array its JSON.
#[cfg(any(feature = "prometheus", feature = "zipkin"))]
pub(in crate::export) fn plain(value: &Value) -> String {
    match value {
        Value::Array(_) => of_value(value).to_string(),
        other => other.as_str().into_owned(),
    }
}

/// What structured attributes hold, if it is whole.
pub(super) fn parsed(value: &Value) -> Option<Json> {
    match value {
        Value::String(text) => serde_json::from_str(text.as_str()).ok(),
        _ => None,
    }
}

/// Text as it is, anything else as JSON.
pub(super) fn text(json: &Json) -> String {
    match json {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// What kind of text this is.
pub(super) fn mime_type(text: &str) -> &'static str {
    let is_json =
        text.trim_start().starts_with(['{', '[']) && serde_json::from_str::<Json>(text).is_ok();
    if is_json { mime_type::JSON } else { mime_type::TEXT }
}
