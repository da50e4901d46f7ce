//! What is said of spans.

use std::collections::BTreeSet;

use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;

use super::content;
use super::table::{ADDED, ATTRIBUTES, OPERATIONS, SPANS, Set, SpanRule, Type, type_of};

const OURS: &str = "spanline.";
/// May stand on every span: the conventions have them outside GenAI.
const EVERYWHERE: [&str; 5] =
    ["error.type", "server.address", "server.port", "session.id", "user.id"];

/// An agent of which no provider is said: `docs/conventions.md` tells of it.
const WITHOUT_PROVIDER: &str = "invoke_agent bare";

pub(crate) fn value<'a>(attributes: &'a [KeyValue], key: &str) -> Option<&'a Value> {
    let found = attributes.iter().find(|attribute| attribute.key == key)?;
    found.value.as_ref()?.value.as_ref()
}

pub(crate) fn text<'a>(attributes: &'a [KeyValue], key: &str) -> Option<&'a str> {
    match value(attributes, key)? {
        Value::StringValue(text) => Some(text),
        _ => None,
    }
}

pub(crate) fn is_of(value: Option<&Value>, wanted: Type) -> bool {
    match (wanted, value) {
        (Type::Text, Some(Value::StringValue(_)))
        | (Type::Int, Some(Value::IntValue(_)))
        | (Type::Double, Some(Value::DoubleValue(_)))
        | (Type::Flag, Some(Value::BoolValue(_))) => true,
        (Type::Texts, Some(Value::ArrayValue(array))) => array
            .values
            .iter()
            .all(|item| matches!(item.value.as_ref(), Some(Value::StringValue(_)))),
        _ => false,
    }
}

/// What is wrong with these attributes, whatever they are on. Of several sets the first that has a name
/// says what it is.
pub(crate) fn mistyped(sets: &[Set], attributes: &[KeyValue]) -> Vec<String> {
    let mut mistakes = Vec::new();
    let mut keys = BTreeSet::new();
    for attribute in attributes {
        let key = &attribute.key;
        if !keys.insert(key) {
            mistakes.push(format!("{key} is there twice"));
        }
        let value = attribute.value.as_ref().and_then(|value| value.value.as_ref());
        match sets.iter().find_map(|set| (set.type_of)(key)) {
            Some(wanted) if is_of(value, wanted) => {}
            Some(wanted) => mistakes.push(format!("{key} is {value:?} and not {wanted:?}")),
            None if key.starts_with(OURS) => {}
            None => mistakes.push(format!("{key} is in no table")),
        }
    }
    mistakes
}

pub(crate) fn kind(span: &Span) -> String {
    span.kind().as_str_name().trim_start_matches("SPAN_KIND_").to_lowercase()
}

fn mistakes(sets: &[Set], span: &Span) -> Vec<String> {
    let attributes = &span.attributes;
    let mut mistakes = mistyped(sets, attributes);
    for event in &span.events {
        mistakes.extend(mistyped(sets, &event.attributes));
    }
    for attribute in attributes.iter().filter(|attribute| content::is_json(&attribute.key)) {
        let json = text(attributes, &attribute.key).map(serde_json::from_str);
        mistakes.extend(match json {
            Some(Ok(json)) => content::mistakes(&attribute.key, &json),
            _ => vec![format!("{} is no JSON", attribute.key)],
        });
    }
    let failed = span.status.as_ref().is_some_and(|status| status.code() == StatusCode::Error);
    if failed && text(attributes, "error.type").is_none_or(str::is_empty) {
        mistakes.push("failed without error.type".into());
    }
    if value(attributes, "server.address").is_some() != value(attributes, "server.port").is_some() {
        mistakes.push("server.address and server.port are not together".into());
    }
    let Some(operation) = text(attributes, "gen_ai.operation.name") else {
        let genai = attributes.iter().filter(|attribute| attribute.key.starts_with("gen_ai."));
        mistakes.extend(genai.map(|of| format!("{} on a span without operation", of.key)));
        return mistakes;
    };
    if !OPERATIONS.contains(&operation) {
        mistakes.push(format!("no such operation: {operation}"));
    }
    let kind = kind(span);
    let is_for = |rule: &&SpanRule| {
        rule.operations.contains(&operation) && rule.kinds.contains(&kind.as_str())
    };
    let rules: Vec<&SpanRule> =
        sets.iter().filter_map(|set| set.spans.iter().find(is_for)).collect();
    if rules.len() != sets.len() {
        mistakes.push(format!("no rule for spans of {operation}"));
        return mistakes;
    }
    for rule in &rules {
        let target = text(attributes, rule.target);
        let name =
            target.map_or_else(|| operation.into(), |target| format!("{operation} {target}"));
        if span.name != name {
            mistakes.push(format!("is named {:?} and not {name:?}", span.name));
        }
        for required in rule.required {
            let is_exempt = *required == "gen_ai.provider.name" && span.name == WITHOUT_PROVIDER;
            if value(attributes, required).is_none() && !is_exempt {
                mistakes.push(format!("lacks {required}"));
            }
        }
    }
    for attribute in attributes {
        let key = attribute.key.as_str();
        let is_allowed =
            rules.iter().any(|rule| rule.required.contains(&key) || rule.allowed.contains(&key))
                || EVERYWHERE.contains(&key)
                || key.starts_with(OURS);
        if !is_allowed && sets.iter().any(|set| (set.type_of)(key).is_some()) {
            mistakes.push(format!("{key} does not belong to {operation}"));
        }
    }
    mistakes
}

/// Every span against its rule in each of these sets.
pub(crate) fn check(sets: &[Set], spans: &[Span]) {
    let mut found = String::new();
    for span in spans {
        for mistake in mistakes(sets, span) {
            found.push_str(&format!("{} <{}>: {mistake}\n", span.name, kind(span)));
        }
    }
    assert_eq!(found, "");
}

/// The operations and the attributes of the conventions that these spans show.
pub(crate) fn shown(spans: &[Span]) -> (BTreeSet<String>, BTreeSet<String>) {
    let operations = spans
        .iter()
        .filter_map(|span| text(&span.attributes, "gen_ai.operation.name").map(ToOwned::to_owned));
    let attributes = spans.iter().flat_map(|span| {
        let events = span.events.iter().flat_map(|event| &event.attributes);
        span.attributes.iter().chain(events).map(|attribute| attribute.key.clone())
    });
    (operations.collect(), attributes.collect())
}

#[test]
fn the_tables_name_nothing_twice() {
    let names: BTreeSet<&str> = ATTRIBUTES.iter().chain(ADDED).map(|(name, _)| *name).collect();
    assert_eq!(names.len(), ATTRIBUTES.len() + ADDED.len());
    for rule in SPANS {
        for key in rule.required.iter().chain(rule.allowed) {
            assert!(type_of(key).is_some(), "{key}");
        }
    }
}
