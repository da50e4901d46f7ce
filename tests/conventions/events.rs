//! What is said of events that are log records.

use std::collections::BTreeSet;

use opentelemetry_proto::tonic::common::v1::any_value;
use opentelemetry_proto::tonic::logs::v1::LogRecord;

use super::content;
use super::names::constants;
use super::spans::mistyped;
use super::table::{EVENTS, EventRule, SPANS, V1_41};

/// Rules of our own: exceptions of what is no client operation.
const OURS: [&str; 5] = [
    "spanline.agent.exception",
    "spanline.pipeline.exception",
    "spanline.span.exception",
    "spanline.stage.exception",
    "spanline.tool.exception",
];
/// What spans have as text and events in its own structure.
const CONTENT: [&str; 4] = [
    "gen_ai.input.messages",
    "gen_ai.output.messages",
    "gen_ai.system_instructions",
    "gen_ai.tool.definitions",
];
/// Names of span events, which are no log records.
const OF_SPANS: [&str; 3] = ["exception", "spanline.attempt.failed", "spanline.budget.exceeded"];

fn rule(name: &str) -> Option<&'static EventRule> {
    let name = if OURS.contains(&name) { "gen_ai.client.operation.exception" } else { name };
    EVENTS.iter().find(|rule| rule.name == name)
}

fn mistakes(record: &LogRecord) -> Vec<String> {
    let (content, others): (Vec<_>, Vec<_>) = record
        .attributes
        .iter()
        .cloned()
        .partition(|attribute| CONTENT.contains(&attribute.key.as_str()));
    let mut mistakes = mistyped(&[V1_41], &others);
    for attribute in content {
        let value = attribute.value.and_then(|value| value.value);
        match value {
            Some(array @ any_value::Value::ArrayValue(_)) => {
                mistakes.extend(content::mistakes(&attribute.key, &content::json(Some(array))));
            }
            other => mistakes.push(format!("{} is {other:?} and no structure", attribute.key)),
        }
    }
    let Some(rule) = rule(&record.event_name) else {
        mistakes.push(String::from("is in no table"));
        return mistakes;
    };
    if record.severity_number != rule.severity {
        mistakes.push(format!("has severity {}", record.severity_number));
    }
    if record.span_id.is_empty() || record.trace_id.is_empty() {
        mistakes.push(String::from("belongs to no span"));
    }
    let has = |key: &str| record.attributes.iter().any(|attribute| attribute.key == key);
    mistakes.extend(rule.required.iter().filter(|key| !has(key)).map(|key| format!("lacks {key}")));
    // The details are those of the inference, but for two.
    let of_span = SPANS.iter().find(|span| rule.as_span.is_some_and(|it| span.operations == it));
    for attribute in &record.attributes {
        let key = attribute.key.as_str();
        let is_of_span = of_span.is_some_and(|span| {
            (span.required.contains(&key) || span.allowed.contains(&key))
                && !["gen_ai.provider.name", "gen_ai.request.top_k"].contains(&key)
        });
        let is_of_event = rule.required.contains(&key) || rule.allowed.contains(&key);
        if !is_of_span && !is_of_event {
            mistakes.push(format!("{key} does not belong to it"));
        }
    }
    mistakes
}

/// Every record against its rule; every event occurs.
pub(crate) fn check(records: &[LogRecord]) {
    let mut found = String::new();
    for record in records {
        for mistake in mistakes(record) {
            found.push_str(&format!("{}: {mistake}\n", record.event_name));
        }
    }
    assert_eq!(found, "");
    let names: BTreeSet<&str> = records.iter().map(|record| record.event_name.as_str()).collect();
    let expected: BTreeSet<&str> = EVENTS.iter().map(|rule| rule.name).chain(OURS).collect();
    assert_eq!(names, expected);
}

/// The attributes that these records show.
pub(crate) fn shown(records: &[LogRecord]) -> impl Iterator<Item = String> {
    records.iter().flat_map(|record| &record.attributes).map(|attribute| attribute.key.clone())
}

#[test]
fn every_event_is_in_the_table_or_under_our_prefix() {
    let strangers: Vec<String> = constants("semconv.rs", "event")
        .into_iter()
        .filter(|name| rule(name).is_none() && !OF_SPANS.contains(&name.as_str()))
        .collect();
    assert_eq!(strangers, Vec::<String>::new());
}
