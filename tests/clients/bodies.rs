//! What providers send: a call of a tool, after a thought and a sentence.
#![allow(clippy::needless_pass_by_value, reason = "bodies are written where they are used")]

use serde_json::{Value, json};

use crate::provider::{Framing, Provider};

const MODEL: &str = "gpt-4o-mini-2024-07-18";

pub(crate) async fn openai() -> Provider {
    Provider::start(openai_whole(), openai_chunks(), Framing::EventsAndDone).await
}

pub(crate) async fn anthropic() -> Provider {
    Provider::start(anthropic_whole(), anthropic_events(), Framing::NamedEvents).await
}

pub(crate) async fn ollama() -> Provider {
    Provider::start(ollama_whole(), ollama_chunks(), Framing::Lines).await
}

fn openai_usage() -> Value {
    json!({"prompt_tokens": 30, "completion_tokens": 9, "total_tokens": 39,
        "prompt_tokens_details": {"cached_tokens": 20, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 4, "audio_tokens": 0,
            "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0}})
}

fn openai_whole() -> Value {
    let call = json!({"id": "call_1", "type": "function",
        "function": {"name": "weather", "arguments": "{\"city\":\"Bern\"}"}});
    json!({
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": MODEL,
        "choices": [{"index": 0, "logprobs": null, "finish_reason": "tool_calls", "message": {
            "role": "assistant", "content": "Look.", "refusal": null, "tool_calls": [call],
            "annotations": []}}],
        "usage": openai_usage(), "service_tier": "default", "system_fingerprint": "fp_1"
    })
}

fn openai_chunks() -> Vec<Value> {
    let chunk = |choices: Value, usage: Value| {
        json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1,
            "model": MODEL, "service_tier": "default", "system_fingerprint": "fp_1",
            "choices": choices, "usage": usage})
    };
    let delta = |delta: Value, reason: Value| {
        let choice = json!({"index": 0, "delta": delta, "logprobs": null, "finish_reason": reason});
        chunk(json!([choice]), Value::Null)
    };
    let call = |call: Value| json!({"tool_calls": [call]});
    vec![
        delta(json!({"role": "assistant", "content": "", "refusal": null}), Value::Null),
        delta(json!({"content": "Lo"}), Value::Null),
        delta(json!({"content": "ok."}), Value::Null),
        delta(
            call(json!({"index": 0, "id": "call_1", "type": "function",
                "function": {"name": "weather", "arguments": ""}})),
            Value::Null,
        ),
        delta(
            call(json!({"index": 0, "function": {"arguments": "{\"city\":\"Bern\"}"}})),
            Value::Null,
        ),
        delta(json!({}), json!("tool_calls")),
        chunk(json!([]), openai_usage()),
    ]
}

fn anthropic_usage() -> Value {
    json!({"input_tokens": 10, "cache_read_input_tokens": 20, "cache_creation_input_tokens": 5,
        "output_tokens": 9})
}

fn anthropic_whole() -> Value {
    json!({"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5",
        "content": [
            {"type": "text", "text": "Look."},
            {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"city": "Bern"}}],
        "stop_reason": "tool_use", "stop_sequence": null, "usage": anthropic_usage()})
}

fn anthropic_events() -> Vec<Value> {
    let delta = |index: u8, delta: Value| json!({"type": "content_block_delta", "index": index, "delta": delta});
    let mut usage = anthropic_usage();
    usage["output_tokens"] = json!(1);
    vec![
        json!({"type": "message_start", "message": {"id": "msg_1", "type": "message",
            "role": "assistant", "model": "claude-sonnet-4-5", "content": [], "stop_reason": null,
            "stop_sequence": null, "usage": usage}}),
        json!({"type": "content_block_start", "index": 0,
            "content_block": {"type": "text", "text": ""}}),
        delta(0, json!({"type": "text_delta", "text": "Look."})),
        json!({"type": "content_block_stop", "index": 0}),
        json!({"type": "content_block_start", "index": 1, "content_block":
            {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {}}}),
        delta(1, json!({"type": "input_json_delta", "partial_json": "{\"city\":\"Bern\"}"})),
        json!({"type": "content_block_stop", "index": 1}),
        json!({"type": "message_delta", "delta": {"stop_reason": "tool_use",
            "stop_sequence": null}, "usage": {"output_tokens": 9}}),
        json!({"type": "message_stop"}),
    ]
}

const OLLAMA_TIME: &str = "2026-01-02T03:04:05.000000Z";

fn ollama_chunk(message: &Value) -> Value {
    json!({"model": "llama3.2", "created_at": OLLAMA_TIME, "message": message, "done": false})
}

fn ollama_end(message: &Value) -> Value {
    json!({"model": "llama3.2", "created_at": OLLAMA_TIME, "message": message, "done": true,
        "done_reason": "stop", "total_duration": 9, "load_duration": 1, "prompt_eval_count": 26,
        "prompt_eval_duration": 2, "eval_count": 7, "eval_duration": 3})
}

fn ollama_whole() -> Value {
    ollama_end(&json!({"role": "assistant", "content": "Look.", "thinking": "Hm.", "tool_calls": [
        {"function": {"name": "weather", "arguments": {"city": "Bern"}}}]}))
}

fn ollama_chunks() -> Vec<Value> {
    vec![
        ollama_chunk(&json!({"role": "assistant", "content": "", "thinking": "Hm."})),
        ollama_chunk(&json!({"role": "assistant", "content": "Lo"})),
        ollama_chunk(&json!({"role": "assistant", "content": "ok.", "tool_calls": [
            {"function": {"name": "weather", "arguments": {"city": "Bern"}}}]})),
        ollama_end(&json!({"role": "assistant", "content": ""})),
    ]
}
