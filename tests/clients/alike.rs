//! The same call by a client and by hand is the same span.

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::error::OpenAIError;
use async_openai::types::chat::{
    CreateChatCompletionRequest, CreateChatCompletionResponse, CreateChatCompletionStreamResponse,
};
use futures::stream::{BoxStream, StreamExt as _};
use serde_json::{Value, json};
use spanline::trace_llm_call;
use spanline_tests::telemetry::watch;

use crate::bodies::openai;
use crate::provider::{Provider, http_client};
use crate::{by_hand, span, told};

const MODEL: &str = "gpt-4o-mini";

fn body(stream: bool) -> Value {
    let mut body = json!({"model": MODEL, "messages": [{"role": "user", "content": "Weather?"}]});
    if stream {
        body["stream"] = json!(true);
        body["stream_options"] = json!({"include_usage": true});
    }
    body
}

fn request(stream: bool) -> CreateChatCompletionRequest {
    serde_json::from_value(body(stream)).unwrap()
}

fn client(provider: &Provider) -> Client<OpenAIConfig> {
    let config = OpenAIConfig::new().with_api_base(provider.url("/v1")).with_api_key("none");
    Client::build(http_client(), config)
}

#[trace_llm_call(provider = "openai", model = MODEL)]
async fn client_whole(provider: &Provider) -> Result<CreateChatCompletionResponse, OpenAIError> {
    client(provider).chat().create(request(false)).await
}

#[trace_llm_call(provider = "openai", model = MODEL)]
async fn hand_whole(provider: &Provider) -> reqwest::Result<Value> {
    by_hand::whole(&provider.url("/v1/chat/completions"), &body(false)).await
}

type Chunk = Result<CreateChatCompletionStreamResponse, OpenAIError>;

#[trace_llm_call(provider = "openai", model = MODEL)]
async fn client_stream(provider: &Provider) -> Result<BoxStream<'static, Chunk>, OpenAIError> {
    Ok(client(provider).chat().create_stream(request(true)).await?.boxed())
}

#[trace_llm_call(provider = "openai", model = MODEL)]
async fn hand_stream(
    provider: &Provider,
) -> reqwest::Result<BoxStream<'static, reqwest::Result<Value>>> {
    by_hand::pieces(&provider.url("/v1/chat/completions"), &body(true)).await
}

const TOLD: [&str; 7] = [
    "finish_reasons=[\"tool_calls\"]",
    "id=\"chatcmpl-1\"",
    "model=\"gpt-4o-mini-2024-07-18\"",
    "cache_read.input_tokens=20",
    "input_tokens=30",
    "output_tokens=9",
    "reasoning.output_tokens=4",
];

#[tokio::test]
async fn a_reply_makes_the_same_span_through_async_openai_and_by_hand() {
    let provider = openai().await;
    let (reply, by_client) = watch(async { client_whole(&provider).await }).await;
    assert_eq!(reply.unwrap().choices.len(), 1);
    let (reply, by_hand) = watch(async { hand_whole(&provider).await }).await;
    assert!(reply.is_ok());
    assert_eq!(told(&by_client), TOLD);
    assert_eq!(span(&by_client), span(&by_hand));
    assert!(span(&by_hand).contains("openai.response.system_fingerprint=\"fp_1\""));
}

#[tokio::test]
async fn a_stream_makes_the_same_span_through_async_openai_and_by_hand() {
    let provider = openai().await;
    let drained =
        async { client_stream(&provider).await.unwrap().map(Result::unwrap).count().await };
    let (chunks, by_client) = watch(drained).await;
    let drained = async { hand_stream(&provider).await.unwrap().map(Result::unwrap).count().await };
    let (pieces, by_hand) = watch(drained).await;
    assert_eq!((chunks, pieces), (7, 7));
    assert_eq!(told(&by_client), TOLD);
    assert_eq!(span(&by_client), span(&by_hand));
}

#[tokio::test]
async fn a_stream_and_a_whole_reply_say_the_same_of_model_tokens_and_reason() {
    let provider = openai().await;
    let (_, whole) = watch(async { hand_whole(&provider).await }).await;
    let (_, stream) = watch(async { hand_stream(&provider).await.unwrap().count().await }).await;
    assert_eq!(told(&whole), told(&stream));
}
