//! Replies of client crates, and replies that are JSON.

use async_openai::types::chat::{CreateChatCompletionResponse, CreateChatCompletionStreamResponse};
use async_openai::types::embeddings::CreateEmbeddingResponse;
use async_openai::types::responses::{Response, ResponseStreamEvent};
use futures::stream::{self, BoxStream, StreamExt as _};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use spanline::trace_llm_call;
use spanline_tests::telemetry::{watch, watch_blocking};

use crate::told;

/// As the client reads what the server sends.
fn parsed<T: DeserializeOwned>(body: Value) -> T {
    serde_json::from_value(body).unwrap()
}

#[trace_llm_call(provider = "openai", model = "gpt-4o-mini")]
fn chat(body: Value) -> Result<CreateChatCompletionResponse, String> {
    Ok(parsed(body))
}

#[trace_llm_call(provider = "openai", model = "gpt-4o-mini")]
fn chat_chunks(
    bodies: Vec<Value>,
) -> BoxStream<'static, Result<CreateChatCompletionStreamResponse, String>> {
    stream::iter(bodies).map(|body| Ok(parsed(body))).boxed()
}

#[trace_llm_call(provider = "openai", model = "gpt-5")]
fn respond(body: Value) -> Result<Response, String> {
    Ok(parsed(body))
}

#[trace_llm_call(provider = "openai", model = "gpt-5")]
fn response_events(bodies: Vec<Value>) -> BoxStream<'static, Result<ResponseStreamEvent, String>> {
    stream::iter(bodies).map(|body| Ok(parsed(body))).boxed()
}

#[trace_llm_call(provider = "openai", model = "m", operation = "embeddings")]
fn embed(body: Value) -> CreateEmbeddingResponse {
    parsed(body)
}

#[trace_llm_call(provider = "openai", model = "m")]
fn raw(body: Value) -> Result<Value, String> {
    Ok(body)
}

#[trace_llm_call(provider = "openai", model = "m")]
fn raw_chunks(bodies: Vec<Value>) -> BoxStream<'static, Value> {
    stream::iter(bodies).boxed()
}

#[trace_llm_call(provider = "openai", model = "m", response = spanline::json)]
fn serialized(body: Value) -> Result<std::collections::BTreeMap<String, Value>, String> {
    Ok(parsed(body))
}

fn chat_body() -> Value {
    let message = |text: &str| json!({"role": "assistant", "content": text, "refusal": null});
    json!({
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "gpt-4o-mini-2024-07-18",
        "choices": [
            {"index": 1, "message": message("b"), "finish_reason": "length", "logprobs": null},
            {"index": 0, "message": message("a"), "finish_reason": "stop", "logprobs": null}
        ],
        "usage": {"prompt_tokens": 30, "completion_tokens": 9, "total_tokens": 39,
            "prompt_tokens_details": {"cached_tokens": 20, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 4, "audio_tokens": 0}},
        "service_tier": "default", "system_fingerprint": "fp_2"
    })
}

const CHAT: &str = "gen_ai.response.model=\"gpt-4o-mini-2024-07-18\" \
                    gen_ai.response.id=\"chatcmpl-1\" \
                    gen_ai.response.finish_reasons=[\"stop\", \"length\"] \
                    gen_ai.usage.input_tokens=30 gen_ai.usage.output_tokens=9 \
                    gen_ai.usage.cache_read.input_tokens=20 gen_ai.usage.reasoning.output_tokens=4";

#[test]
fn a_chat_completion_is_read_as_its_client_and_as_json_alike() {
    let (_, trace) = watch_blocking(|| chat(chat_body()));
    assert_eq!(told(&trace), CHAT);
    let openai = ["openai.response.service_tier", "openai.response.system_fingerprint"];
    assert_eq!(
        trace.tree_with(&openai),
        "chat gpt-4o-mini <client> openai.response.service_tier=\"default\" \
         openai.response.system_fingerprint=\"fp_2\"\n"
    );
    assert_eq!(told(&watch_blocking(|| raw(chat_body())).1), CHAT);
    assert_eq!(told(&watch_blocking(|| serialized(chat_body())).1), CHAT);
}

#[tokio::test]
async fn a_chat_completion_is_read_from_its_chunks() {
    let chunk = |choices: Value, usage: Value| {
        json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1,
            "model": "gpt-4o-mini-2024-07-18", "choices": choices, "usage": usage})
    };
    let delta = |index: u8, reason: Option<&str>| json!([{"index": index, "delta": {"content": "a"}, "finish_reason": reason}]);
    let bodies = vec![
        chunk(delta(0, None), json!(null)),
        chunk(delta(1, Some("length")), json!(null)),
        chunk(delta(0, Some("stop")), json!(null)),
        chunk(json!([]), chat_body()["usage"].clone()),
    ];
    assert_eq!(told(&watch(async { chat_chunks(bodies.clone()).count().await }).await.1), CHAT);
    assert_eq!(told(&watch(async { raw_chunks(bodies).count().await }).await.1), CHAT);
}

fn response_body(status: &str) -> Value {
    json!({
        "id": "resp_1", "object": "response", "created_at": 1, "status": status, "model": "gpt-5-mini",
        "output": [], "parallel_tool_calls": true,
        "incomplete_details": (status == "incomplete").then(|| json!({"reason": "max_output_tokens"})),
        "usage": {"input_tokens": 36, "input_tokens_details": {"cached_tokens": 4},
            "output_tokens": 87, "output_tokens_details": {"reasoning_tokens": 64},
            "total_tokens": 123}
    })
}

fn response_told(reason: &str) -> String {
    format!(
        "gen_ai.response.model=\"gpt-5-mini\" gen_ai.response.id=\"resp_1\" \
         gen_ai.response.finish_reasons=[\"{reason}\"] gen_ai.usage.input_tokens=36 \
         gen_ai.usage.output_tokens=87 gen_ai.usage.cache_read.input_tokens=4 \
         gen_ai.usage.reasoning.output_tokens=64"
    )
}

#[tokio::test]
async fn a_response_is_read_whole_and_from_its_events() {
    let (_, trace) = watch_blocking(|| respond(response_body("completed")));
    assert_eq!(told(&trace), response_told("completed"));
    assert_eq!(
        told(&watch_blocking(|| raw(response_body("completed"))).1),
        response_told("completed")
    );
    let event = |kind: &str, status: &str| json!({"type": kind, "sequence_number": 1, "response": response_body(status)});
    let bodies = vec![
        event("response.in_progress", "in_progress"),
        json!({"type": "response.output_text.delta", "sequence_number": 2, "item_id": "m",
            "output_index": 0, "content_index": 0, "delta": "a", "logprobs": []}),
        event("response.incomplete", "incomplete"),
    ];
    let (_, trace) = watch(async { response_events(bodies.clone()).count().await }).await;
    assert_eq!(told(&trace), response_told("max_output_tokens"));
    assert_eq!(
        told(&watch(async { raw_chunks(bodies).count().await }).await.1),
        response_told("max_output_tokens")
    );
}

#[test]
fn embeddings_tell_model_and_input() {
    let body = json!({"object": "list", "model": "text-embedding-3-small",
        "data": [{"object": "embedding", "index": 0, "embedding": [0.5, -0.25]}],
        "usage": {"prompt_tokens": 8, "total_tokens": 8}});
    let all = "gen_ai.response.model=\"text-embedding-3-small\" gen_ai.usage.input_tokens=8";
    assert_eq!(told(&watch_blocking(|| embed(body.clone())).1), all);
    assert_eq!(told(&watch_blocking(|| raw(body)).1), all);
}
