//! What stays, what goes first, and that it is JSON.

mod random;

use serde_json::{Value, json};

use super::{limited, share};
use crate::semconv::attribute;

fn fitted(key: &str, value: &Value, limit: usize) -> Value {
    let text = limited(key, &value.to_string(), limit).unwrap();
    assert!(text.len() <= limit, "{} of {limit}: {text}", text.len());
    serde_json::from_str(&text).unwrap()
}

fn message(role: &str, text: &str) -> Value {
    json!({"role": role, "parts": [{"type": "text", "content": text}]})
}

#[test]
fn what_is_within_the_limit_stays() {
    let text = r#" [ {"b": 1, "a": 2.0} ] "#;
    assert_eq!(limited(attribute::INPUT_MESSAGES, text, text.len()), None);
    // Spaces go before anything else.
    let short = limited(attribute::INPUT_MESSAGES, text, r#"[{"a":2.0,"b":1}]"#.len()).unwrap();
    assert!(!short.contains(' '), "{short}");
    assert_eq!(serde_json::from_str::<Value>(&short).unwrap(), json!([{"a": 2.0, "b": 1}]));
}

#[test]
fn long_texts_end_in_the_number_of_bytes_that_are_missing() {
    let long = "é".repeat(1000);
    let messages = json!([message("system", "Be kind."), message("user", &long)]);
    let seen = fitted(attribute::INPUT_MESSAGES, &messages, 1000);
    assert_eq!(seen[0], messages[0]);
    let text = seen[1]["parts"][0]["content"].as_str().unwrap();
    let (kept, rest) = text.split_once('…').unwrap();
    assert!(long.starts_with(kept) && kept.len() > 800, "{text}");
    assert_eq!(rest, format!("[{} bytes]", long.len() - kept.len()));
    assert_eq!(limited(attribute::RETRIEVAL_QUERY_TEXT, &long, 24).unwrap(), "éééé…[1992 bytes]");
    assert_eq!(limited(attribute::RETRIEVAL_QUERY_TEXT, &long, 5).unwrap(), "éé");
}

#[test]
fn of_several_long_texts_each_keeps_as_much() {
    let messages = json!([
        message("user", &"a".repeat(5000)),
        message("user", &"b".repeat(3000)),
        message("user", "short")
    ]);
    let seen = fitted(attribute::INPUT_MESSAGES, &messages, 2000);
    let kept = |at: usize| {
        let text = seen[at]["parts"][0]["content"].as_str().unwrap();
        text.find('…').unwrap_or(text.len())
    };
    assert_eq!(kept(0), kept(1));
    assert_eq!(kept(2), 5);
    assert!(seen.to_string().len() > 1980);
}

#[test]
fn base64_goes_before_any_text() {
    let messages = json!([{"role": "user", "parts": [
        {"type": "text", "content": "t".repeat(500)},
        {"type": "blob", "modality": "image", "mime_type": "image/png", "content": "A".repeat(5000)},
        {"type": "uri", "modality": "image", "uri": format!("data:image/png;base64,{}", "B".repeat(5000))},
    ]}]);
    let seen = fitted(attribute::INPUT_MESSAGES, &messages, 1500);
    let parts = &seen[0]["parts"];
    assert_eq!(parts[0], messages[0]["parts"][0]);
    assert_eq!(
        parts[1],
        json!({"type": "blob", "modality": "image", "mime_type": "image/png", "content": "…[5000 bytes]"})
    );
    assert_eq!(parts[2]["uri"], "data:image/png;base64,…[5000 bytes]");
    // Only as many as have to.
    let seen = fitted(attribute::INPUT_MESSAGES, &messages, 6500);
    let whole = ["content", "uri"].map(|key| {
        seen[0]["parts"]
            .as_array()
            .unwrap()
            .iter()
            .any(|part| part[key].as_str().is_some_and(|text| text.len() >= 5000))
    });
    assert_eq!(whole.iter().filter(|whole| **whole).count(), 1, "{seen}");
}

#[test]
fn the_middle_of_a_long_conversation_is_left_out() {
    let mut messages = vec![message("system", "Be kind.")];
    for turn in 0..40 {
        messages.push(message("user", &format!("question {turn}")));
        messages.push(message("assistant", &format!("answer {turn}")));
    }
    let messages = Value::from(messages);
    let seen = fitted(attribute::INPUT_MESSAGES, &messages, 1000);
    let seen = seen.as_array().unwrap();
    assert_eq!(seen[0], messages[0]);
    assert_eq!(seen.last(), messages.as_array().unwrap().last());
    let marker = seen[1]["parts"][0]["content"].as_str().unwrap();
    let missing = 81 - (seen.len() - 1);
    assert!(marker.starts_with(&format!("…[{missing} messages, ")), "{marker}");
    assert_eq!(seen[1]["role"], "user");
    assert!(seen[2..].iter().all(|kept| messages.as_array().unwrap().contains(kept)));
    assert!(seen.len() > 8, "{}", seen.len());
}

#[test]
fn an_output_still_says_why_the_model_stopped() {
    let output = |text: &str| json!({"role": "assistant", "parts": [{"type": "text", "content": text}], "finish_reason": "stop"});
    let outputs = Value::from(vec![output(&"x".repeat(200)); 50]);
    let seen = fitted(attribute::OUTPUT_MESSAGES, &outputs, 900);
    assert!(seen.as_array().unwrap().iter().all(|it| it["finish_reason"].is_string()), "{seen}");
}

#[test]
fn documents_keep_their_ids_and_scores() {
    let document =
        |id: usize| json!({"id": format!("d-{id}"), "score": 0.5, "content": "c".repeat(4000)});
    let documents: Value = (0..5).map(document).collect();
    let seen = fitted(attribute::RETRIEVAL_DOCUMENTS, &documents, 1200);
    for (seen, whole) in seen.as_array().unwrap().iter().zip(documents.as_array().unwrap()) {
        assert_eq!((&seen["id"], &seen["score"]), (&whole["id"], &whole["score"]));
        assert!(seen["content"].as_str().unwrap().ends_with(" bytes]"));
    }
    assert_eq!(seen.as_array().unwrap().len(), 5);
}

#[test]
fn arguments_keep_their_keys() {
    let arguments = json!({"query": "short", "body": "b".repeat(4000), "numbers": vec![1; 2000], "deep": {"er": "d".repeat(4000)}});
    let seen = fitted(attribute::TOOL_CALL_ARGUMENTS, &arguments, 5000);
    assert_eq!(seen["query"], "short");
    assert_eq!(seen["numbers"], arguments["numbers"]);
    assert!(seen["deep"]["er"].as_str().unwrap().ends_with(" bytes]"));
    let seen = fitted(attribute::TOOL_CALL_ARGUMENTS, &arguments, 200);
    let mut keys: Vec<&String> = seen.as_object().unwrap().keys().collect();
    keys.sort();
    assert_eq!(keys, ["body", "deep", "numbers", "query"]);
    assert_eq!(seen["numbers"], "…[4001 bytes]");
}

#[test]
fn roles_stay_when_nothing_else_can() {
    let call = json!({"type": "tool_call", "name": "sum", "arguments": vec![1; 5000]});
    let messages =
        json!([{"role": "user", "parts": [call]}, {"role": "assistant", "parts": [call]}]);
    let seen = fitted(attribute::INPUT_MESSAGES, &messages, 300);
    assert_eq!((&seen[0]["role"], &seen[1]["role"]), (&json!("user"), &json!("assistant")));
    assert_eq!(seen[0]["parts"][0]["name"], "sum");
    let seen = fitted(attribute::INPUT_MESSAGES, &messages, 160);
    assert_eq!((&seen[0]["role"], &seen[1]["role"]), (&json!("user"), &json!("assistant")));
}

#[test]
fn a_limit_without_room_leaves_an_empty_list() {
    let messages = json!([message("user", &"x".repeat(500))]);
    for limit in 2..40 {
        fitted(attribute::INPUT_MESSAGES, &messages, limit);
        fitted(attribute::TOOL_CALL_ARGUMENTS, &json!({"a": "x".repeat(500)}), limit);
    }
    assert_eq!(fitted(attribute::INPUT_MESSAGES, &messages, 2), json!([]));
    assert_eq!(limited(attribute::INPUT_MESSAGES, &messages.to_string(), 1).as_deref(), Some(""));
}

#[test]
fn json_deeper_than_can_be_read_is_summed_up() {
    let deep = format!("{}{}", "[".repeat(500_000), "]".repeat(500_000));
    let seen = limited(attribute::TOOL_CALL_RESULT, &deep, 100).unwrap();
    assert_eq!(seen, r#"["…[1000000 bytes]"]"#);
    let broken = "[".repeat(500_000);
    let seen = limited(attribute::TOOL_CALL_RESULT, &broken, 100).unwrap();
    assert!(seen.len() <= 100 && seen.starts_with("[[[["));
}

#[test]
fn the_attributes_of_a_span_share_what_there_is() {
    assert_eq!(share(&[10, 20, 30], 100), 100);
    assert_eq!(share(&[100; 4], 100), 100);
    assert_eq!(share(&[100; 5], 100), 80);
    assert_eq!(share(&[1000, 1000, 1000, 1000, 10], 100), 97);
    assert_eq!(share(&[], 100), 100);
}
