//! What the console keeps of a span: short, safe to print, and of bounded size.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use opentelemetry::trace::{SpanId, SpanKind, Status, TraceId};
use opentelemetry::{Key, KeyValue, Value};
use opentelemetry_sdk::trace::SpanData;

use super::failure::Failure;
use super::ink::{Piece, Tone};
use super::quantity::{self, Usage};
use super::screen::Glyphs;
use super::text::printable;
use crate::semconv::{attribute, error_type, event, operation};
use crate::usage::money::Money;

/// Columns of a name.
const NAME: usize = 120;
/// Columns of an attribute's value.
const VALUE: usize = 60;
/// Attributes that are listed.
const ATTRIBUTES: usize = 24;
/// Event names that are listed.
const EVENTS: usize = 3;

/// Shown in a column of their own, or what was asked for rather than what happened, or ids that one
/// searches for in a backend.
const NOT_LISTED: &[&str] = &[
    attribute::ERROR_TYPE,
    attribute::SESSION_ID,
    attribute::USER_ID,
    attribute::AGENT_DESCRIPTION,
    attribute::AGENT_ID,
    attribute::AGENT_NAME,
    attribute::AGENT_VERSION,
    attribute::CONVERSATION_ID,
    attribute::DATA_SOURCE_ID,
    attribute::EMBEDDINGS_DIMENSION_COUNT,
    // Content has no room in a tree.
    attribute::INPUT_MESSAGES,
    attribute::OUTPUT_MESSAGES,
    attribute::SYSTEM_INSTRUCTIONS,
    attribute::TOOL_DEFINITIONS,
    attribute::TOOL_CALL_ARGUMENTS,
    attribute::TOOL_CALL_RESULT,
    attribute::RETRIEVAL_DOCUMENTS,
    attribute::RETRIEVAL_QUERY_TEXT,
    attribute::OPERATION_NAME,
    attribute::OUTPUT_TYPE,
    attribute::PROVIDER_NAME,
    attribute::REQUEST_CHOICE_COUNT,
    attribute::REQUEST_ENCODING_FORMATS,
    attribute::REQUEST_FREQUENCY_PENALTY,
    attribute::REQUEST_MAX_TOKENS,
    attribute::REQUEST_MODEL,
    attribute::REQUEST_PRESENCE_PENALTY,
    attribute::REQUEST_PREVIOUS_RESPONSE_ID,
    attribute::REQUEST_REASONING_LEVEL,
    attribute::REQUEST_SEED,
    attribute::REQUEST_STOP_SEQUENCES,
    attribute::REQUEST_STREAM,
    attribute::REQUEST_TEMPERATURE,
    attribute::REQUEST_TOP_K,
    attribute::REQUEST_TOP_P,
    attribute::RESPONSE_FINISH_REASONS,
    attribute::RESPONSE_ID,
    attribute::RESPONSE_MODEL,
    attribute::RESPONSE_TIME_TO_FIRST_CHUNK,
    attribute::TOOL_CALL_ID,
    attribute::TOOL_DESCRIPTION,
    attribute::TOOL_NAME,
    attribute::TOOL_TYPE,
    attribute::USAGE_CACHE_READ_INPUT_TOKENS,
    attribute::USAGE_INPUT_TOKENS,
    attribute::USAGE_OUTPUT_TOKENS,
    attribute::USAGE_REASONING_OUTPUT_TOKENS,
    attribute::WORKFLOW_NAME,
    attribute::AGENT_INFERENCE_CALLS,
    attribute::AGENT_TOOL_CALLS,
    attribute::ATTEMPTS,
    attribute::BUDGET_EXCEEDED,
    attribute::BUDGET_MAX_COST_USD,
    attribute::BUDGET_MAX_TOTAL_TOKENS,
    attribute::COST_SOURCE,
    attribute::COST_USD,
    attribute::FAILED_ATTEMPTS_CACHE_CREATION_INPUT_TOKENS,
    attribute::FAILED_ATTEMPTS_CACHE_READ_INPUT_TOKENS,
    attribute::FAILED_ATTEMPTS_COST_USD,
    attribute::FAILED_ATTEMPTS_INPUT_TOKENS,
    attribute::FAILED_ATTEMPTS_OUTPUT_TOKENS,
    attribute::FAILED_ATTEMPTS_REASONING_OUTPUT_TOKENS,
    attribute::PIPELINE_ID,
    attribute::RUN_ID,
    attribute::STAGE_ID,
    attribute::STAGE_KIND,
    attribute::STAGE_NAME,
    attribute::STREAM_CHUNKS,
    attribute::STREAM_TIME_TO_FIRST_CHUNK,
    attribute::SINK_ITEMS,
    attribute::TAGS,
    attribute::TENANT_ID,
    attribute::USAGE_CACHE_CREATION_1H_INPUT_TOKENS,
];

/// Where in the source, and on which thread, a span was made: what `tracing`'s bridge puts on each.
/// And the totals, of which tokens and cost have a column.
const NOT_LISTED_GROUPS: &[&str] = &["code.", "thread.", attribute::TOTALS];

/// What models answer when they simply came to an end.
const PLAIN_FINISH: &[&str] = &["stop", "end_turn", "completed"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Ok,
    Error,
    Cancelled,
    Abandoned,
    Panicked,
}

impl Outcome {
    pub(super) fn show(self) -> Piece {
        match self {
            Self::Ok => Piece::new("ok", Tone::Good),
            Self::Error => Piece::new("error", Tone::Failed),
            Self::Cancelled => Piece::new("cancelled", Tone::Cancelled),
            Self::Abandoned => Piece::new("abandoned", Tone::Cancelled),
            Self::Panicked => Piece::new("panicked", Tone::Panicked),
        }
    }
}

#[derive(Debug)]
pub(super) struct Shown {
    pub(super) trace: TraceId,
    pub(super) id: SpanId,
    /// The parent in this process; a remote one is none.
    pub(super) parent: Option<SpanId>,
    pub(super) remote_parent: bool,
    pub(super) start: SystemTime,
    pub(super) name: String,
    pub(super) detail: String,
    pub(super) duration: String,
    pub(super) outcome: Outcome,
    pub(super) usage: Usage,
    pub(super) error: Option<String>,
    /// What comes after the tokens.
    pub(super) items: Vec<Piece>,
    /// What gets lines of its own: the error's sources, other errors.
    pub(super) below: Vec<Piece>,
}

impl Shown {
    pub(super) fn new(span: &SpanData, glyphs: Glyphs) -> Self {
        let find =
            |name: &str| span.attributes.iter().find(|attribute| attribute.key.as_str() == name);
        let text = |name: &str| find(name).map(|attribute| attribute.value.as_str());
        let count = |name: &str| match find(name) {
            Some(KeyValue { value: Value::I64(count), .. }) => Some(*count),
            _ => None,
        };

        let money = |name: &str| match find(name) {
            Some(KeyValue { value: Value::F64(dollars), .. }) => Money::of_dollars(*dollars),
            _ => None,
        };

        let told =
            text(attribute::OPERATION_NAME).and_then(|operation| told(&span.name, &operation));
        let kind = match span.span_kind {
            SpanKind::Client => "client",
            SpanKind::Server => "server",
            SpanKind::Producer => "producer",
            SpanKind::Consumer => "consumer",
            SpanKind::Internal => "",
        };
        let detail = told
            .map(|(_, detail)| detail.into())
            .filter(|detail: &Cow<'_, str>| !detail.is_empty())
            .or_else(|| text(attribute::STAGE_KIND))
            .or_else(|| text(attribute::PROVIDER_NAME))
            .unwrap_or(kind.into());

        let has_parent = span.parent_span_id != SpanId::INVALID;
        // Clocks are set back; a span never takes less than no time.
        let duration = span.end_time.duration_since(span.start_time).unwrap_or(Duration::ZERO);
        let outcome = outcome(span, text(attribute::ERROR_TYPE).as_deref());
        let Failure { error, below } = Failure::new(span, outcome, glyphs);

        Self {
            trace: span.span_context.trace_id(),
            id: span.span_context.span_id(),
            parent: (has_parent && !span.parent_span_is_remote).then_some(span.parent_span_id),
            remote_parent: has_parent && span.parent_span_is_remote,
            start: span.start_time,
            name: match told.map_or(&*span.name, |(name, _)| name) {
                "" => "(no name)".to_owned(),
                name => printable(name, NAME, glyphs),
            },
            detail: printable(&detail, VALUE, glyphs),
            duration: quantity::duration(duration, glyphs),
            outcome,
            usage: Usage {
                input: count(attribute::TOTAL_INPUT_TOKENS)
                    .or_else(|| count(attribute::USAGE_INPUT_TOKENS)),
                output: count(attribute::TOTAL_OUTPUT_TOKENS)
                    .or_else(|| count(attribute::USAGE_OUTPUT_TOKENS)),
                cost: money(attribute::TOTAL_COST_USD).or_else(|| money(attribute::COST_USD)),
            },
            error,
            items: items(span, &find, glyphs),
            below,
        }
    }

    /// With its tree complete nothing else is waited for.
    pub(super) fn is_local_root(&self) -> bool {
        self.parent.is_none()
    }
}

/// A name without the operation that it starts with, and the word for that operation in the column
/// of details; a pipeline needs none.
fn told<'name>(name: &'name str, operation: &str) -> Option<(&'name str, &'static str)> {
    let detail = match operation {
        operation::INVOKE_WORKFLOW => "",
        operation::INVOKE_AGENT => "agent",
        operation::EXECUTE_TOOL => "tool",
        operation::RETRIEVAL => "retrieval",
        _ => return None,
    };
    let rest = name.strip_prefix(operation);
    if rest == Some("") {
        return None;
    }
    Some((rest.and_then(|rest| rest.strip_prefix(' ')).unwrap_or(name), detail))
}

fn outcome(span: &SpanData, error_type: Option<&str>) -> Outcome {
    match error_type {
        Some(error_type::CANCELLED) => Outcome::Cancelled,
        Some(error_type::ABANDONED) => Outcome::Abandoned,
        Some(error_type::PANIC) => Outcome::Panicked,
        Some(_) => Outcome::Error,
        None if matches!(span.status, Status::Error { .. }) => Outcome::Error,
        None => Outcome::Ok,
    }
}

/// The attributes and everything else that follows the tokens.
fn items<'span>(
    span: &'span SpanData,
    find: &impl Fn(&str) -> Option<&'span KeyValue>,
    glyphs: Glyphs,
) -> Vec<Piece> {
    let mut items = Vec::new();
    let number = |name| match find(name).map(|attribute| &attribute.value) {
        Some(Value::I64(count)) if *count > 0 => Some(*count),
        _ => None,
    };
    if let Some(cached) = number(attribute::USAGE_CACHE_READ_INPUT_TOKENS) {
        items.push(Piece::plain(format!("{cached} cached")));
    }
    if let Some(reasoning) = number(attribute::USAGE_REASONING_OUTPUT_TOKENS) {
        items.push(Piece::plain(format!("{reasoning} reasoning")));
    }
    if let Some(attempts) = number(attribute::ATTEMPTS) {
        items.push(Piece::plain(format!("{attempts} attempts")));
    }
    if let Some(KeyValue { value: Value::Bool(true), .. }) = find(attribute::BUDGET_EXCEEDED) {
        items.push(Piece::new("over budget", Tone::Failed));
    }
    let mut calls = Vec::new();
    for (key, noun) in
        [(attribute::AGENT_INFERENCE_CALLS, "LLM call"), (attribute::AGENT_TOOL_CALLS, "tool call")]
    {
        if let Some(count) = number(key) {
            calls.push(format!("{count} {}", plural(usize::try_from(count).unwrap_or(0), noun)));
        }
    }
    if !calls.is_empty() {
        items.push(Piece::plain(calls.join(", ")));
    }
    let first = find(attribute::RESPONSE_TIME_TO_FIRST_CHUNK)
        .or_else(|| find(attribute::STREAM_TIME_TO_FIRST_CHUNK));
    if let Some(KeyValue { value: Value::F64(wait), .. }) = first {
        items.push(Piece::plain(format!("first chunk {}", quantity::seconds(*wait, glyphs))));
    }
    for (key, noun) in [(attribute::STREAM_CHUNKS, "chunk"), (attribute::SINK_ITEMS, "item")] {
        if let Some(count) = number(key) {
            let noun = plural(usize::try_from(count).unwrap_or(0), noun);
            let sent = if key == attribute::SINK_ITEMS { " sent" } else { "" };
            items.push(Piece::plain(format!("{count} {noun}{sent}")));
        }
    }
    let model = |name| find(name).map(|attribute| attribute.value.as_str());
    if let (Some(asked), Some(answered)) =
        (model(attribute::REQUEST_MODEL), model(attribute::RESPONSE_MODEL))
        // Providers answer with the dated version of the model that was asked for.
        && !answered.starts_with(&*asked)
    {
        items.push(Piece::plain(format!("answered by {}", printable(&answered, VALUE, glyphs))));
    }
    if let Some(reasons) = find(attribute::RESPONSE_FINISH_REASONS) {
        let reasons = reasons.value.as_str();
        let mut unusual: Vec<_> = reasons
            .split(['[', ']', ',', '"', ' '])
            .filter(|reason| !reason.is_empty())
            .filter(|reason| !PLAIN_FINISH.iter().any(|plain| plain.eq_ignore_ascii_case(reason)))
            .collect();
        unusual.dedup();
        if !unusual.is_empty() {
            let unusual = printable(&unusual.join(", "), VALUE, glyphs);
            items.push(Piece::plain(format!("finished by {unusual}")));
        }
    }

    let mut listed = span.attributes.iter().filter(|attribute| is_listed(&attribute.key));
    for attribute in listed.by_ref().take(ATTRIBUTES) {
        items.push(Piece::plain(pair(attribute, glyphs)));
    }
    let more = listed.count();
    if more > 0 {
        items.push(Piece::faint(format!("{more} more {}", plural(more, "attribute"))));
    }
    let dropped = span.dropped_attributes_count as usize;
    if dropped > 0 {
        items.push(Piece::faint(format!("{dropped} {} dropped", plural(dropped, "attribute"))));
    }
    items.extend(events(span, glyphs));
    let links = span.links.len();
    if links > 0 {
        items.push(Piece::faint(format!("{links} {}", plural(links, "link"))));
    }
    items
}

fn is_listed(key: &Key) -> bool {
    let key = key.as_str();
    !NOT_LISTED.contains(&key) && !NOT_LISTED_GROUPS.iter().any(|group| key.starts_with(group))
}

/// `key=value`, with quotes where the value's ends would not be seen.
pub(super) fn pair(attribute: &KeyValue, glyphs: Glyphs) -> String {
    let key = printable(attribute.key.as_str(), VALUE, glyphs);
    let value = printable(&attribute.value.as_str(), VALUE, glyphs);
    let is_text = matches!(attribute.value, Value::String(_));
    if is_text && (value.is_empty() || value.contains(char::is_whitespace)) {
        format!("{key}=\"{value}\"")
    } else {
        format!("{key}={value}")
    }
}

/// Events that are told with the error, the attempts and the budget.
const TOLD_EVENTS: &[&str] = &[event::EXCEPTION, event::ATTEMPT_FAILED, event::BUDGET_EXCEEDED];

/// The names of the other events.
fn events(span: &SpanData, glyphs: Glyphs) -> Option<Piece> {
    let mut names: Vec<(&str, usize)> = Vec::new();
    for event in span.events.iter().filter(|event| !TOLD_EVENTS.contains(&&*event.name)) {
        match names.iter_mut().find(|(name, _)| *name == event.name) {
            Some((_, times)) => *times += 1,
            None => names.push((&event.name, 1)),
        }
    }
    if names.is_empty() {
        return None;
    }
    let mut listed: Vec<_> = names
        .iter()
        .take(EVENTS)
        .map(|(name, times)| match times {
            1 => printable(name, VALUE, glyphs),
            _ => format!("{} {}{times}", printable(name, VALUE, glyphs), glyphs.times()),
        })
        .collect();
    let more: usize = names.iter().skip(EVENTS).map(|(_, times)| times).sum();
    if more > 0 {
        listed.push(format!("{more} more"));
    }
    Some(Piece::faint(format!("events: {}", listed.join(", "))))
}

pub(super) fn plural(count: usize, noun: &str) -> String {
    if count == 1 { noun.to_owned() } else { format!("{noun}s") }
}
