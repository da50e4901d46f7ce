//! The spans of a trace, and the tree that they make.

use std::fmt::Write as _;

use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;

/// The span that [`watch`](crate::telemetry::watch) puts around what it watches.
pub const ROOT: &str = "test";

/// The exported spans of one trace.
#[derive(Clone, Debug)]
pub struct Trace {
    pub spans: Vec<Span>,
}

impl Trace {
    #[must_use]
    pub fn new(spans: Vec<Span>) -> Self {
        Self { spans }
    }

    /// The tree below the root of the test, two spaces a level, siblings in the order of the
    /// alphabet: name, kind unless internal, status unless unset, and `error.type`.
    #[must_use]
    pub fn tree(&self) -> String {
        self.tree_with(&["error.type"])
    }

    /// The tree with these attributes.
    #[must_use]
    pub fn tree_with(&self, keys: &[&str]) -> String {
        let mut text = String::new();
        let roots = self.spans.iter().filter(|span| self.parent(span).is_none());
        let mut blocks = Vec::new();
        for span in roots {
            if span.name == ROOT && span.parent_span_id.is_empty() {
                blocks.extend(self.children(span, 0, keys));
            } else if span.parent_span_id.is_empty() {
                blocks.push(self.block(span, 0, keys));
            } else {
                // A parent elsewhere, or one that was lost.
                blocks.push(format!("… {}", self.block(span, 0, keys)));
            }
        }
        blocks.sort();
        for block in blocks {
            text.push_str(&block);
        }
        text
    }

    fn block(&self, span: &Span, depth: usize, keys: &[&str]) -> String {
        let mut text = format!("{}{}\n", "  ".repeat(depth), line(span, keys));
        for child in self.children(span, depth + 1, keys) {
            text.push_str(&child);
        }
        text
    }

    fn children(&self, of: &Span, depth: usize, keys: &[&str]) -> Vec<String> {
        let mut blocks: Vec<String> = self
            .spans
            .iter()
            .filter(|span| span.parent_span_id == of.span_id)
            .map(|span| self.block(span, depth, keys))
            .collect();
        blocks.sort();
        blocks
    }

    #[must_use]
    pub fn parent(&self, of: &Span) -> Option<&Span> {
        self.spans.iter().find(|span| span.span_id == of.parent_span_id)
    }

    /// The one span of that name.
    #[must_use]
    pub fn span(&self, name: &str) -> &Span {
        let mut named = self.spans.iter().filter(|span| span.name == name);
        match (named.next(), named.next()) {
            (Some(span), None) => span,
            (None, _) => panic!("no span `{name}` in\n{}", self.tree()),
            (Some(_), Some(_)) => panic!("more than one span `{name}` in\n{}", self.tree()),
        }
    }

    /// All attributes of the span of that name but `spanline.stage.name`, as written: strings in quotes.
    #[must_use]
    pub fn attributes(&self, name: &str) -> String {
        let of = self.span(name);
        of.attributes
            .iter()
            .filter(|attribute| attribute.key != "spanline.stage.name")
            .map(|attribute| format!("{}={}\n", attribute.key, written(attribute.value.as_ref())))
            .collect()
    }

    /// One attribute as written; empty when it is not set.
    #[must_use]
    pub fn attribute(&self, name: &str, key: &str) -> String {
        attribute(self.span(name), key).unwrap_or_default()
    }

    /// The names of the spans that the span of that name is linked to, in the order of its links.
    #[must_use]
    pub fn links(&self, name: &str) -> Vec<&str> {
        let linked = |id: &[u8]| self.spans.iter().find(|span| span.span_id == id);
        let links = self.span(name).links.iter();
        links.map(|link| linked(&link.span_id).map_or("elsewhere", |span| &span.name)).collect()
    }

    /// The events of the span of that name, a line each.
    #[must_use]
    pub fn events(&self, name: &str) -> String {
        let events = &self.span(name).events;
        events.iter().map(|event| format!("{}{}\n", event.name, pairs(&event.attributes))).collect()
    }
}

/// One attribute of a span as written.
#[must_use]
pub fn attribute(span: &Span, key: &str) -> Option<String> {
    let found = span.attributes.iter().find(|attribute| attribute.key == key)?;
    Some(written(found.value.as_ref()))
}

fn line(span: &Span, keys: &[&str]) -> String {
    let mut line = span.name.clone();
    let kind = span.kind();
    if kind != SpanKind::Internal {
        let _ = write!(
            line,
            " <{}>",
            kind.as_str_name().trim_start_matches("SPAN_KIND_").to_lowercase()
        );
    }
    let status = span.status.clone().unwrap_or_default();
    match status.code() {
        StatusCode::Unset => {}
        StatusCode::Ok => line.push_str(" ok"),
        StatusCode::Error => {
            let _ = write!(line, " error {:?}", status.message);
        }
    }
    for key in keys {
        if let Some(value) = attribute(span, key) {
            let _ = write!(line, " {key}={value}");
        }
    }
    line
}

fn pairs(attributes: &[KeyValue]) -> String {
    attributes
        .iter()
        .map(|attribute| format!(" {}={}", attribute.key, written(attribute.value.as_ref())))
        .collect()
}

/// A value such that its type can be told: `5` is an integer, `5.0` a double, `"5"` a string.
#[must_use]
pub fn written(value: Option<&AnyValue>) -> String {
    match value.and_then(|value| value.value.as_ref()) {
        None => String::from("nothing"),
        Some(Value::StringValue(text)) => format!("{text:?}"),
        Some(Value::BoolValue(flag)) => flag.to_string(),
        Some(Value::IntValue(number)) => number.to_string(),
        Some(Value::DoubleValue(number)) => format!("{number:?}"),
        Some(Value::ArrayValue(array)) => {
            let items: Vec<String> = array.values.iter().map(|item| written(Some(item))).collect();
            format!("[{}]", items.join(", "))
        }
        Some(other) => format!("{other:?}"),
    }
}
