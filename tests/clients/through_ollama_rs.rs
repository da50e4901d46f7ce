//! ollama-rs, and the same by hand.

use futures::stream::{BoxStream, StreamExt as _};
use ollama_rs::Ollama;
use ollama_rs::error::OllamaError;
use ollama_rs::generation::chat::request::ChatMessageRequest;
use ollama_rs::generation::chat::{ChatMessage, ChatMessageResponse, ChatMessageResponseStream};
use serde_json::{Value, json};
use spanline::trace_llm_call;
use spanline_tests::telemetry::watch;

use crate::provider::Provider;
use crate::{bodies, by_hand, span, told};

const MODEL: &str = "llama3.2";

fn client(provider: &Provider) -> Ollama {
    Ollama::builder().host("http://127.0.0.1").port(provider.port()).build()
}

fn request() -> ChatMessageRequest {
    ChatMessageRequest::new(MODEL.to_owned(), vec![ChatMessage::user("Weather?".to_owned())])
}

#[trace_llm_call(provider = "ollama", model = MODEL)]
async fn complete(client: &Ollama) -> Result<ChatMessageResponse, OllamaError> {
    client.send_chat_messages(request()).await
}

#[trace_llm_call(provider = "ollama", model = MODEL)]
async fn stream(client: &Ollama) -> Result<ChatMessageResponseStream, OllamaError> {
    client.send_chat_messages_stream(request()).await
}

#[trace_llm_call(provider = "ollama", model = MODEL)]
async fn complete_by_hand(url: &str) -> reqwest::Result<Value> {
    by_hand::whole(url, &json!({"model": MODEL, "messages": [], "stream": false})).await
}

#[trace_llm_call(provider = "ollama", model = MODEL)]
async fn stream_by_hand(url: &str) -> reqwest::Result<BoxStream<'static, reqwest::Result<Value>>> {
    by_hand::pieces(url, &json!({"model": MODEL, "messages": [], "stream": true})).await
}

/// All but the reason, which ollama-rs does not keep.
fn kept(span: &str) -> Vec<&str> {
    span.lines().filter(|line| !line.starts_with("gen_ai.response.finish_reasons")).collect()
}

const TOLD: [&str; 3] = ["model=\"llama3.2\"", "input_tokens=26", "output_tokens=7"];

#[tokio::test]
async fn a_reply_makes_the_same_span_through_ollama_rs_and_by_hand_but_for_the_reason() {
    let provider = bodies::ollama().await;
    let (reply, by_client) = watch(async { complete(&client(&provider)).await }).await;
    assert_eq!(reply.unwrap().message.tool_calls.len(), 1);
    assert_eq!(told(&by_client), TOLD);
    let (_, by_hand) = watch(async { complete_by_hand(&provider.url("/api/chat")).await }).await;
    assert!(span(&by_hand).contains("gen_ai.response.finish_reasons=[\"stop\"]"));
    assert_eq!(kept(&span(&by_client)), kept(&span(&by_hand)));
}

#[tokio::test]
async fn a_stream_makes_the_same_span_through_ollama_rs_and_by_hand_but_for_the_reason() {
    let provider = bodies::ollama().await;
    let client = client(&provider);
    let drained = async { stream(&client).await.unwrap().map(Result::unwrap).count().await };
    let (chunks, by_client) = watch(drained).await;
    assert_eq!(chunks, 4);
    assert_eq!(told(&by_client), TOLD);
    let url = provider.url("/api/chat");
    let drained = async { stream_by_hand(&url).await.unwrap().map(Result::unwrap).count().await };
    let (_, by_hand) = watch(drained).await;
    assert_eq!(kept(&span(&by_client)), kept(&span(&by_hand)));
}
