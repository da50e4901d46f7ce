//! Errors where a reply was expected, and replies that break off.

use serde_json::{Value, json};

use super::{NOTHING, told};
use crate::semconv::attribute;
use crate::usage::reply::Reply;

#[test]
fn an_error_that_came_as_a_success_tells_nothing() {
    for body in [
        json!({"error": {"message": "quota", "type": "insufficient_quota", "code": "429"}}),
        json!({"error": {"code": 502, "message": "Provider returned error", "metadata": {}}}),
        json!({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}),
        json!({"error": {"code": 400, "status": "INVALID_ARGUMENT", "message": "no", "details": []}}),
        json!([{"error": {"code": 400, "status": "INVALID_ARGUMENT", "message": "no"}}]),
        json!({"error": "model 'a' not found"}),
        json!({"id": "c-1", "message": "invalid api token"}),
        json!({"message": "The security token included in the request is invalid."}),
        json!({"object": "error", "message": "no such model", "type": "NotFoundError", "code": 404}),
    ] {
        assert_eq!(told(&[body]), NOTHING);
    }
}

#[test]
fn an_error_amid_a_stream_leaves_what_was_told_before() {
    let chunk = |finish: Value| {
        json!({"id": "gen-1", "object": "chat.completion.chunk", "model": "m",
            "choices": [{"index": 0, "delta": {"content": "a"}, "finish_reason": finish}]})
    };
    let mut last = chunk(json!("error"));
    last["error"] = json!({"code": "server_error", "message": "Provider disconnected"});
    assert_eq!(
        told(&[chunk(Value::Null), last]),
        ["model=m", "id=gen-1", "finish_reasons=[\"error\"]", "openai.api.type=chat_completions"]
    );
    let failed = json!({"type": "response.failed", "response": {"id": "resp_1", "object": "response",
        "model": "m", "status": "failed", "output": [], "usage": null,
        "error": {"code": "server_error", "message": "no"}}});
    assert_eq!(
        told(&[failed]),
        ["model=m", "id=resp_1", "finish_reasons=[\"failed\"]", "openai.api.type=responses"]
    );
    assert_eq!(told(&[json!({"type": "error", "code": "rate_limit", "message": "no"})]), NOTHING);
}

#[test]
fn a_stream_that_breaks_off_tells_what_came() {
    let start = json!({"type": "message_start", "message": {"id": "msg_1", "type": "message",
        "role": "assistant", "content": [], "model": "claude-a", "stop_reason": null,
        "usage": {"input_tokens": 9, "output_tokens": 1}}});
    let delta = json!({"type": "content_block_delta", "index": 0,
        "delta": {"type": "text_delta", "text": "a"}});
    assert_eq!(
        told(&[start, delta]),
        ["model=claude-a", "id=msg_1", "input_tokens=9", "output_tokens=1"]
    );
}

#[test]
fn a_prompt_that_was_blocked_has_no_candidates() {
    let blocked = json!({"promptFeedback": {"blockReason": "SAFETY", "safetyRatings": []},
        "usageMetadata": {"promptTokenCount": 4, "totalTokenCount": 4}, "modelVersion": "gemini-a"});
    assert_eq!(told(&[blocked]), ["model=gemini-a", "input_tokens=4"]);
}

#[test]
fn members_that_are_null_or_missing_tell_nothing() {
    let reply = json!({"id": null, "object": "chat.completion", "model": null, "choices": [
        {"index": null, "message": {"role": "assistant", "content": null, "tool_calls": null,
            "function_call": null, "audio": null, "annotations": null, "refusal": null},
         "finish_reason": null, "logprobs": null}],
        "usage": null, "service_tier": null, "system_fingerprint": null});
    assert_eq!(told(&[reply]), ["openai.api.type=chat_completions"]);
    let reply = json!({"candidates": [{"content": {"parts": null, "role": "model"},
        "finishReason": null}], "usageMetadata": {"promptTokenCount": null,
        "candidatesTokenCount": null, "totalTokenCount": null}});
    assert_eq!(told(&[reply]), NOTHING);
    let reply = json!({"model": "a", "done": true, "message": {"role": "assistant",
        "content": null, "tool_calls": null}, "done_reason": null, "eval_count": null});
    assert_eq!(told(&[reply]), ["model=a"]);
}

/// What each provider's reply tells, whole and streamed, where its usage is missing or `null`.
#[test]
#[allow(clippy::too_many_lines, reason = "a row for each provider")]
fn a_reply_without_usage_tells_the_rest() {
    let stopped = |model: &str, id: &str, reason: &str| {
        let tell = |key: &str, value: &str| (!value.is_empty()).then(|| format!("{key}={value}"));
        let reason = tell("finish_reasons", &format!("[\"{reason}\"]"));
        [tell("model", model), tell("id", id), reason].into_iter().flatten().collect()
    };
    let cases: [(&str, Vec<Value>, Vec<String>); 12] = [
        (
            "usage",
            vec![json!({"id": "c", "object": "chat.completion", "model": "gpt-a", "choices": [
                {"index": 0, "message": {"role": "assistant", "content": "a"},
                 "finish_reason": "stop"}]})],
            stopped("gpt-a", "c", "stop"),
        ),
        (
            "usage",
            vec![json!({"object": "list", "model": "e",
                "data": [{"object": "embedding", "index": 0, "embedding": [0.1]}]})],
            vec!["model=e".into()],
        ),
        (
            "usage",
            vec![json!({"id": "r", "object": "response", "model": "gpt-a", "status": "completed",
                "output": []})],
            stopped("gpt-a", "r", "completed"),
        ),
        (
            "usage",
            vec![
                json!({"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-a",
                "content": [], "stop_reason": "end_turn"}),
            ],
            stopped("claude-a", "msg_1", "end_turn"),
        ),
        (
            "usage",
            vec![
                json!({"type": "message_start", "message": {"id": "msg_1", "type": "message",
                    "role": "assistant", "model": "claude-a", "content": [], "stop_reason": null}}),
                json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}}),
            ],
            stopped("claude-a", "msg_1", "end_turn"),
        ),
        (
            "usageMetadata",
            vec![json!({"candidates": [{"content": {"parts": [{"text": "a"}], "role": "model"},
                "finishReason": "STOP"}], "modelVersion": "gemini-a", "responseId": "g"})],
            stopped("gemini-a", "g", "STOP"),
        ),
        (
            "prompt_eval_count",
            vec![json!({"model": "llama", "message": {"role": "assistant", "content": "a"},
                "done": true, "done_reason": "stop"})],
            stopped("llama", "", "stop"),
        ),
        (
            "prompt_eval_count",
            vec![json!({"model": "minilm", "embeddings": [[0.1]], "total_duration": 14_143_917})],
            vec!["model=minilm".into()],
        ),
        (
            "usage",
            vec![json!({"id": "co", "finish_reason": "COMPLETE",
                "message": {"role": "assistant", "content": []}})],
            stopped("", "co", "COMPLETE"),
        ),
        (
            "usage",
            vec![
                json!({"type": "message-start", "id": "co", "delta": {"message": {
                    "role": "assistant"}}}),
                json!({"type": "message-end", "delta": {"finish_reason": "ERROR", "error": "no"}}),
            ],
            stopped("", "co", "ERROR"),
        ),
        (
            "usage",
            vec![json!({"output": {"message": {"role": "assistant", "content": []}},
                "stopReason": "end_turn"})],
            stopped("", "", "end_turn"),
        ),
        (
            "usage",
            vec![json!({"messageStop": {"stopReason": "end_turn"}})],
            stopped("", "", "end_turn"),
        ),
    ];
    for (key, mut chunks, wanted) in cases {
        let told = |chunks: &[Value]| {
            let mut told = told(chunks);
            told.retain(|said| !said.starts_with("openai.api.type="));
            told
        };
        assert_eq!(told(&chunks), wanted, "{chunks:?}");
        for chunk in &mut chunks {
            let members = chunk.as_object_mut().unwrap();
            members.insert(key.into(), Value::Null);
            for nested in ["message", "delta"] {
                if let Some(Value::Object(nested)) = members.get_mut(nested) {
                    nested.insert(key.into(), Value::Null);
                }
            }
        }
        assert_eq!(told(&chunks), wanted, "{chunks:?}");
    }
}

/// The reasons to stop, where each choice is to have one.
fn reasons(chunk: &Value) -> Option<String> {
    let mut reply = Reply::default();
    reply.read(chunk);
    let mut told = reply.attributes(true);
    let (_, reasons) = told.find(|(key, _)| *key == attribute::RESPONSE_FINISH_REASONS)?;
    Some(reasons.into_value().to_string())
}

#[test]
fn a_stream_that_breaks_off_has_begun_a_choice_that_did_not_stop() {
    let message = json!({"id": "m", "type": "message", "role": "assistant", "model": "m",
        "content": [], "stop_reason": null, "usage": {"input_tokens": 5, "output_tokens": 1}});
    let response = |status: &str| {
        json!({"type": "response.created", "response": {
            "id": "r", "object": "response", "status": status, "model": "m", "output": []
        }})
    };
    for beginning in [
        json!({"id": "c", "object": "chat.completion.chunk", "model": "m", "choices": [
            {"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": null}
        ]}),
        response("in_progress"),
        json!({"type": "message_start", "message": message}),
        json!({"candidates": [{"content": {"parts": [{"text": "a"}], "role": "model"}}]}),
        json!({"model": "m", "message": {"role": "assistant", "content": "a"}, "done": false}),
        json!({"type": "message-start", "id": "c", "delta": {"message": {"role": "assistant"}}}),
        json!({"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"text": "a"}}}),
    ] {
        assert_eq!(reasons(&beginning).as_deref(), Some("[\"error\"]"), "{beginning}");
        assert!(!told(&[beginning]).iter().any(|line| line.starts_with("finish_reasons")));
    }
    let embeddings = json!({"object": "list", "model": "m", "usage": {"prompt_tokens": 3},
        "data": [{"object": "embedding", "index": 0, "embedding": [0.5]}]});
    let of_ollama = json!({"model": "m", "embeddings": [[0.5]], "prompt_eval_count": 3});
    for other in [response("queued"), embeddings, of_ollama] {
        assert_eq!(reasons(&other), None, "{other}");
    }
}
