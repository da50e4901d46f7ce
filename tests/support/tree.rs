//! Received spans as text: a tree that a test can be read against.

use std::fmt::Write as _;

use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;

use super::receiver::ReceivedSpan;

/// Each trace from its root, children in the order they started: `name (kind) status`, then
/// attributes by name, events (`*`) and links (`->`).
pub(crate) fn tree(spans: &[ReceivedSpan]) -> String {
    let mut text = String::new();
    let is_known = |id: &[u8]| spans.iter().any(|span| span.span.span_id == id);
    let mut roots: Vec<&Span> = spans
        .iter()
        .map(|span| &span.span)
        .filter(|span| !is_known(&span.parent_span_id))
        .collect();
    roots.sort_by_key(|span| span.start_time_unix_nano);
    for root in roots {
        write_span(&mut text, spans, root, 0);
    }
    text
}

fn write_span(text: &mut String, spans: &[ReceivedSpan], span: &Span, depth: usize) {
    let indent = "    ".repeat(depth);
    let kind = SpanKind::try_from(span.kind).unwrap().as_str_name();
    let kind = kind.trim_start_matches("SPAN_KIND_").to_lowercase();
    let status = span.status.clone().unwrap_or_default();
    let code = StatusCode::try_from(status.code).unwrap().as_str_name();
    let code = code.trim_start_matches("STATUS_CODE_").to_lowercase();
    let message = if status.message.is_empty() { "" } else { ": " };
    let name = &span.name;
    writeln!(text, "{indent}{name} ({kind}) {code}{message}{}", status.message).unwrap();
    for attribute in attributes(&span.attributes) {
        writeln!(text, "{indent}  {attribute}").unwrap();
    }
    for event in &span.events {
        writeln!(text, "{indent}  * {}", event.name).unwrap();
        for attribute in attributes(&event.attributes) {
            writeln!(text, "{indent}    {attribute}").unwrap();
        }
    }
    for link in &span.links {
        writeln!(text, "{indent}  -> {} {}", hex(&link.trace_id), hex(&link.span_id)).unwrap();
    }
    let mut children: Vec<&Span> = spans
        .iter()
        .map(|child| &child.span)
        .filter(|child| child.parent_span_id == span.span_id && child.trace_id == span.trace_id)
        .collect();
    children.sort_by_key(|child| child.start_time_unix_nano);
    for child in children {
        write_span(text, spans, child, depth + 1);
    }
}

/// Sorted, with their types: `"text"`, `1` is an integer, `1.0` a double.
pub(crate) fn attributes(attributes: &[KeyValue]) -> Vec<String> {
    let mut lines: Vec<_> = attributes
        .iter()
        .map(|attribute| format!("{} = {}", attribute.key, value(attribute.value.as_ref())))
        .collect();
    lines.sort();
    lines
}

fn value(any: Option<&AnyValue>) -> String {
    match any.and_then(|any| any.value.as_ref()) {
        Some(Value::StringValue(text)) => format!("{text:?}"),
        Some(Value::BoolValue(yes)) => yes.to_string(),
        Some(Value::IntValue(integer)) => integer.to_string(),
        Some(Value::DoubleValue(double)) => format!("{double:?}"),
        Some(Value::ArrayValue(array)) => {
            let values: Vec<_> = array.values.iter().map(|it| value(Some(it))).collect();
            format!("[{}]", values.join(", "))
        }
        other => format!("{other:?}"),
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}
