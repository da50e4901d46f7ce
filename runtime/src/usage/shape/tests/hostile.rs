//! JSON that is nobody's reply, or means no good.

use serde_json::{Value, json};

use super::{NOTHING, told};

#[test]
fn an_unknown_shape_tells_nothing() {
    for unknown in [
        json!(null),
        json!(true),
        json!(7),
        json!("text"),
        json!([]),
        json!({}),
        json!({"usage": {"prompt_tokens": 1, "completion_tokens": 2}}),
        json!({"usage": {"input_tokens": 1, "output_tokens": 2}}),
        json!({"model": "m", "id": "i"}),
        json!({"object": "chat.completion", "usage": {"prompt_tokens": 1}}),
        json!({"choices": [{"name": "red"}, {"name": "blue"}], "model": "m"}),
        json!({"choices": ["red", "blue"], "id": "poll-1"}),
        json!({"type": "message", "text": "hello", "id": "slack"}),
        json!({"type": "message", "role": "user", "content": []}),
        json!({"type": "message_delta", "delta": {}}),
        json!({"type": "message_delta", "delta": {"stop_reason": null}, "usage": null}),
        json!({"type": "message-end", "delta": {"error": "no"}}),
        json!({"message": {"role": "assistant", "content": "hi"}, "finish_reason": null, "id": "i"}),
        json!({"model": "m", "embeddings": [[0.1]]}),
        json!({"candidates": [{"name": "Ada"}], "responseId": "election"}),
        json!({"done": true, "model": "T"}),
        json!({"output": {"message": "ok"}, "stopReason": "x"}),
        json!({"metadata": {"usage": {"inputTokens": 1, "outputTokens": 2}}}),
        json!({"error": {"type": "invalid_request_error", "message": "no"}}),
        json!({"object": "response", "status": "completed"}),
        json!({"type": "response.completed"}),
    ] {
        assert_eq!(told(std::slice::from_ref(&unknown)), NOTHING, "{unknown}");
    }
}

/// A reply whose counts and texts are this.
fn filled(with: &Value) -> [Value; 5] {
    [
        json!({"object": "chat.completion", "id": with, "model": with, "service_tier": with,
            "choices": [{"index": with, "message": {}, "finish_reason": with}, with],
            "usage": {"prompt_tokens": with, "completion_tokens": with, "total_tokens": with,
                "prompt_tokens_details": {"cached_tokens": with, "audio_tokens": with},
                "completion_tokens_details": {"reasoning_tokens": with}}}),
        json!({"object": "response", "id": with, "model": with, "status": "completed",
            "incomplete_details": with, "output": [],
            "usage": {"input_tokens": with, "input_tokens_details": with,
                "output_tokens": with, "output_tokens_details": with}}),
        json!({"type": "message", "role": "assistant", "content": [], "id": with, "model": with,
            "stop_reason": with, "usage": {"input_tokens": with, "cache_read_input_tokens": with,
                "cache_creation_input_tokens": with, "output_tokens": with}}),
        json!({"candidates": [{"content": {"parts": []}, "finishReason": with, "index": with}],
            "usageMetadata": {"promptTokenCount": with, "candidatesTokenCount": with,
                "thoughtsTokenCount": with, "toolUsePromptTokenCount": with,
                "promptTokensDetails": [{"modality": "TEXT", "tokenCount": with}, with]}}),
        json!({"output": {"message": {}}, "stopReason": "end_turn", "usage": {"inputTokens": with,
            "outputTokens": with, "cacheReadInputTokens": with, "cacheWriteInputTokens": with}}),
    ]
}

#[test]
fn what_is_no_count_and_no_name_is_passed_over() {
    let deep = (0..100).fold(json!("bottom"), |value, _| json!([{ "usage": value }]));
    for with in [
        json!(-1),
        json!(1.5),
        json!(-0.5),
        json!(1e300),
        json!("12"),
        json!(true),
        json!([1]),
        json!({"tokens": 1}),
        json!(null),
        json!("x".repeat(5000)),
        deep,
    ] {
        for reply in filled(&with) {
            let told = told(&[reply]);
            let is_made_of_it = |said: &&String| {
                !said.starts_with("openai.api.type=")
                    && !said.starts_with("finish_reasons=[\"completed\"]")
                    && !said.starts_with("finish_reasons=[\"end_turn\"]")
            };
            let names: Vec<&String> = told.iter().filter(is_made_of_it).collect();
            // Text of a name's length is a name, where a name belongs.
            let is_name = with.as_str().is_some_and(|text| text.len() < 100);
            let is_number = names.iter().any(|said| said.contains("tokens="));
            assert!(!is_number && (is_name || names.is_empty()), "{names:?}");
        }
    }
}

#[test]
fn the_largest_numbers_add_up_to_no_overflow() {
    for with in [json!(u64::MAX), json!(i64::MAX), json!(9_007_199_254_740_992.0)] {
        for reply in filled(&with) {
            drop(told(&[reply.clone(), reply]));
        }
    }
    let [.., anthropic, _, _] = filled(&json!(i64::MAX));
    assert!(told(&[anthropic])[0].starts_with("input_tokens=9223372036854775807"));
}

#[test]
fn many_choices_are_not_kept() {
    let choices: Vec<Value> = (0..10_000)
        .map(|index| json!({"index": index, "message": {}, "finish_reason": "stop"}))
        .collect();
    let reasons = told(&[json!({"object": "chat.completion", "choices": choices})]);
    assert_eq!(reasons[0].matches("stop").count(), 128);
}
