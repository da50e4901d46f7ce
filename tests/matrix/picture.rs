//! Spans as trees and metrics as lines, the same for what is expected and for what was exported.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use spanline_tests::metric::Metrics;
use spanline_tests::trace::{attribute, written};

/// A span and what is below it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) is_client: bool,
    /// The message of the error status; without one the status is unset.
    pub(crate) error: Option<String>,
    /// Values as written: strings in quotes.
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) events: Vec<String>,
    pub(crate) children: Vec<Node>,
}

impl Node {
    pub(crate) fn set(&mut self, key: &str, value: &str) {
        self.attributes.insert(key.to_owned(), format!("{value:?}"));
    }

    pub(crate) fn set_raw(&mut self, key: &str, value: &impl ToString) {
        self.attributes.insert(key.to_owned(), value.to_string());
    }

    /// One line a span, two spaces a level, siblings in the order of the alphabet.
    fn lines(&self, depth: usize) -> String {
        let mut text = format!("{}{}", "  ".repeat(depth), self.name);
        if self.is_client {
            text.push_str(" <client>");
        }
        if let Some(message) = &self.error {
            let _ = write!(text, " error {message:?}");
        }
        for (key, value) in &self.attributes {
            let _ = write!(text, " {key}={value}");
        }
        for event in &self.events {
            let _ = write!(text, " [{event}]");
        }
        text.push('\n');
        let mut children: Vec<String> =
            self.children.iter().map(|child| child.lines(depth + 1)).collect();
        children.sort();
        text + &children.concat()
    }
}

/// Trees as text.
pub(crate) fn picture(roots: &[Node]) -> String {
    let mut blocks: Vec<String> = roots.iter().map(|root| root.lines(0)).collect();
    blocks.sort();
    blocks.concat()
}

/// Spans by their ids, and by their parents'.
struct Family<'a> {
    by_id: HashMap<&'a [u8], &'a Span>,
    children: HashMap<&'a [u8], Vec<&'a Span>>,
}

/// The trees that were exported, by the cell that their spans name.
pub(crate) fn exported(spans: &[Span]) -> BTreeMap<String, String> {
    let mut family = Family { by_id: HashMap::new(), children: HashMap::new() };
    for span in spans {
        let before = family.by_id.insert(&span.span_id, span);
        assert!(before.is_none(), "an id twice");
        family.children.entry(&span.parent_span_id).or_default().push(span);
    }
    let mut roots: BTreeMap<String, Vec<Node>> = BTreeMap::new();
    for span in spans {
        let parent = family.by_id.get(&*span.parent_span_id);
        if parent.is_none_or(|parent| parent.trace_id != span.trace_id) {
            let mut node = family.node(span);
            if !span.parent_span_id.is_empty() {
                node.name = format!("(lost parent) {}", node.name);
            }
            roots.entry(cell(span)).or_default().push(node);
        }
    }
    roots.into_iter().map(|(cell, roots)| (cell, picture(&roots))).collect()
}

/// The id of the cell; of a span that names none, what it is called.
fn cell(span: &Span) -> String {
    attribute(span, "cell").unwrap_or_else(|| format!("span {:?}", span.name))
}

impl Family<'_> {
    fn node(&self, span: &Span) -> Node {
        let mut node = described(span);
        let children = self.children.get(&*span.span_id).into_iter().flatten();
        for child in children.filter(|child| child.trace_id == span.trace_id) {
            let mut below = self.node(child);
            if cell(child) != cell(span) {
                below.name.push_str(" (of another cell)");
            }
            node.children.push(below);
        }
        node
    }
}

fn described(span: &Span) -> Node {
    let status = span.status.clone().unwrap_or_default();
    let mut node = Node {
        name: span.name.clone(),
        is_client: span.kind() == SpanKind::Client,
        ..Node::default()
    };
    match status.code() {
        StatusCode::Unset => {}
        StatusCode::Ok => node.name.push_str(" (status ok)"),
        StatusCode::Error => node.error = Some(status.message),
    }
    if !matches!(span.kind(), SpanKind::Client | SpanKind::Internal) {
        node.name.push_str(span.kind().as_str_name());
    }
    for pair in &span.attributes {
        let value = match pair.key.as_str() {
            "cell" => continue,
            // `costs/recount.rs` holds them against trees.
            key if key.starts_with("spanline.total.") => continue,
            "gen_ai.response.time_to_first_chunk" | "spanline.stream.time_to_first_chunk" => {
                "…".to_owned()
            }
            _ => written(pair.value.as_ref()),
        };
        let before = node.attributes.insert(pair.key.clone(), value);
        assert!(before.is_none(), "`{}` twice on {}", pair.key, span.name);
    }
    for event in &span.events {
        node.events.push(format!("{} {}", event.name, sorted(&event.attributes)));
    }
    node
}

fn sorted(attributes: &[KeyValue]) -> String {
    let mut pairs: Vec<String> = attributes
        .iter()
        .map(|pair| format!("{}={}", pair.key, written(pair.value.as_ref())))
        .collect();
    pairs.sort();
    pairs.join(" ")
}

/// How often something was measured, and the sum where it is no time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Point {
    pub(crate) count: u64,
    pub(crate) sum: u64,
}

/// Points by metric, unit and attributes.
pub(crate) type Points = BTreeMap<String, Point>;

/// How a point is called.
pub(crate) fn point_name(metric: &str, attributes: &BTreeMap<String, String>) -> String {
    let pairs: Vec<String> =
        attributes.iter().map(|(key, value)| format!("{key}={value}")).collect();
    format!("{metric} {}", pairs.join(" "))
}

pub(crate) fn measured(metrics: &Metrics) -> Points {
    let mut points = Points::new();
    for name in metrics.names() {
        let (_, _, metric) = metrics.metric(name);
        let Some(Data::Histogram(histogram)) = &metric.data else {
            panic!("`{name}` is no histogram");
        };
        for point in &histogram.data_points {
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a sum of small counts"
            )]
            let sum = if metric.unit == "s" { 0 } else { point.sum.unwrap_or_default() as u64 };
            let name = format!("{name} {} {}", metric.unit, sorted(&point.attributes));
            let before = points.insert(name, Point { count: point.count, sum });
            assert!(before.is_none(), "the same point twice");
        }
    }
    points
}
