//! Whatever the content and the limit are.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Map, Value, json};

use super::limited;
use crate::semconv::attribute;

fn settings() -> ProptestConfig {
    ProptestConfig {
        cases: 256,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(11),
        ..ProptestConfig::default()
    }
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![".{0,60}", any::<String>(), "[a-z\"\\\\\n\u{0}é𝄞]{0,600}"]
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::vec((".{0,12}", inner), 0..8)
                .prop_map(|members| Value::from(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn part() -> impl Strategy<Value = Value> {
    prop_oneof![
        text().prop_map(|text| json!({"type": "text", "content": text})),
        json()
            .prop_map(|it| json!({"type": "tool_call", "id": "c-1", "name": "t", "arguments": it})),
        "[A-Za-z0-9+/]{0,800}"
            .prop_map(|it| json!({"type": "blob", "modality": "image", "content": it})),
    ]
}

fn messages() -> impl Strategy<Value = Value> {
    let role = prop_oneof![Just("system"), Just("user"), Just("assistant"), Just("tool")];
    let message = (role, prop::collection::vec(part(), 0..4))
        .prop_map(|(role, parts)| json!({"role": role, "parts": parts, "finish_reason": "stop"}));
    prop::collection::vec(message, 1..12).prop_map(Value::from)
}

fn documents() -> impl Strategy<Value = Value> {
    let document = ("[a-z]{1,8}", any::<i32>(), text())
        .prop_map(|(id, score, text)| json!({"id": id, "score": score, "content": text}));
    prop::collection::vec(document, 1..12).prop_map(Value::from)
}

/// The result, which is within the limit and stays the same a second time.
fn fitted(key: &str, value: &Value, limit: usize) -> Result<Value, TestCaseError> {
    let text = value.to_string();
    let seen = limited(key, &text, limit).unwrap_or(text);
    prop_assert!(seen.len() <= limit, "{} of {limit}: {seen}", seen.len());
    prop_assert_eq!(limited(key, &seen, limit), None);
    Ok(serde_json::from_str(&seen).unwrap())
}

proptest! {
    #![proptest_config(settings())]

    #[test]
    fn messages_stay_messages(value in messages(), limit in 2_usize..4000) {
        let seen = fitted(attribute::INPUT_MESSAGES, &value, limit)?;
        let (seen, whole) = (seen.as_array().unwrap(), value.as_array().unwrap());
        for message in seen {
            prop_assert!(message["role"].is_string() && message["finish_reason"].is_string());
            for part in message["parts"].as_array().unwrap() {
                prop_assert!(part["type"].is_string());
            }
        }
        if let (Some(last), Some(whole)) = (seen.last(), whole.last()) {
            let is_marker = seen.len() == 1 && last["parts"].to_string().contains("…[");
            prop_assert!(is_marker || last["role"] == whole["role"]);
        }
        if seen.len() > 1 {
            prop_assert_eq!(&seen[0]["role"], &whole[0]["role"]);
        }
        if seen.len() == whole.len() && seen.len() > 2 && limit > 1000 {
            let roles = |all: &[Value]| all.iter().map(|it| it["role"].clone()).collect::<Vec<_>>();
            prop_assert_eq!(roles(seen), roles(whole));
        }
    }

    #[test]
    fn documents_stay_documents(value in documents(), limit in 2_usize..4000) {
        let seen = fitted(attribute::RETRIEVAL_DOCUMENTS, &value, limit)?;
        let whole = value.as_array().unwrap();
        for document in seen.as_array().unwrap() {
            let id = document["id"].as_str().unwrap();
            let of = |it: &&Value| it["id"] == document["id"] && it["score"] == document["score"];
            prop_assert!(id.starts_with("…[") || whole.iter().any(|it| of(&it)));
        }
    }

    #[test]
    fn any_json_stays_json(value in json(), limit in 2_usize..2000) {
        if value.is_array() || value.is_object() {
            for key in [attribute::TOOL_CALL_ARGUMENTS, attribute::TOOL_DEFINITIONS, attribute::INPUT_MESSAGES, attribute::SYSTEM_INSTRUCTIONS] {
                fitted(key, &value, limit)?;
            }
        }
    }

    #[test]
    fn any_text_stays_within_its_limit(text in any::<String>(), limit in 0_usize..300) {
        let seen = limited(attribute::RETRIEVAL_QUERY_TEXT, &text, limit).unwrap_or(text);
        prop_assert!(seen.len() <= limit);
    }
}
