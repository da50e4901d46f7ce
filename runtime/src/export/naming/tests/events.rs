//! Events, whose attributes may be of any type.

use opentelemetry::Key;

use super::*;
use crate::semconv::attribute;
use crate::semconv::rule::Subject;

/// Stands for the values of log records.
#[derive(Clone, Debug, PartialEq)]
enum Any {
    Double(f64),
    Whole,
    Text(&'static str),
}

fn keys(conventions: &[Convention], prefix: &str) -> Vec<String> {
    let recorded = [
        (attribute::REQUEST_TOP_K, Any::Double(40.0)),
        (attribute::USAGE_CACHE_CREATION_INPUT_TOKENS, Any::Text("64")),
        (attribute::COST_USD, Any::Text("cost")),
        ("mine", Any::Text("mine")),
    ];
    let recorded = recorded.map(|(key, value)| (Key::from_static_str(key), value)).to_vec();
    let integer = |value| match value {
        Any::Double(_) => Any::Whole,
        other => other,
    };
    let written = Naming::new(conventions, prefix).of_event(Subject::Inference, recorded, integer);
    written.into_iter().map(|(key, value)| format!("{key} {value:?}")).collect()
}

#[test]
fn the_attributes_of_events_follow_the_sets_of_opentelemetry() {
    let default = [
        "gen_ai.request.top_k Double(40.0)",
        "gen_ai.usage.cache_creation.input_tokens Text(\"64\")",
        "acme.cost.usd Text(\"cost\")",
        "mine Text(\"mine\")",
    ];
    assert_eq!(keys(&[Convention::V1_41], "acme"), default);
    assert_eq!(keys(&[Convention::OpenInference], "acme"), default);
    assert_eq!(
        keys(&[Convention::GenAiMain], "spanline"),
        [
            "gen_ai.request.top_k Whole",
            "gen_ai.usage.cache_write.input_tokens Text(\"64\")",
            "spanline.cost.usd Text(\"cost\")",
            "mine Text(\"mine\")",
        ]
    );
    assert_eq!(
        keys(&[Convention::V1_41, Convention::GenAiMain], "spanline"),
        [
            "gen_ai.request.top_k Double(40.0)",
            "gen_ai.usage.cache_creation.input_tokens Text(\"64\")",
            "gen_ai.usage.cache_write.input_tokens Text(\"64\")",
            "spanline.cost.usd Text(\"cost\")",
            "mine Text(\"mine\")",
        ]
    );
}
