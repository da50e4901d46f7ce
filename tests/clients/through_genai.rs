//! genai, speaking the protocols of OpenAI, Anthropic and Ollama.

use futures::stream::{Stream, StreamExt as _};
use genai::adapter::AdapterKind;
use genai::chat::{ChatMessage, ChatOptions, ChatRequest, ChatResponse, ChatStreamEvent};
use genai::resolver::{AuthData, Endpoint};
use genai::{Client, ModelIden, ServiceTarget};
use serde_json::{Value, json};
use spanline::trace_llm_call;
use spanline_tests::telemetry::watch;

use crate::provider::{Provider, http_client};
use crate::{bodies, by_hand, span, told};

fn client(provider: &Provider, adapter: AdapterKind) -> Client {
    let base = provider.url(if adapter == AdapterKind::Ollama { "/" } else { "/v1/" });
    let resolve = move |target: ServiceTarget| -> Result<ServiceTarget, genai::resolver::Error> {
        Ok(ServiceTarget {
            endpoint: Endpoint::from_owned(&*base),
            auth: AuthData::from_single("none"),
            model: ModelIden::new(adapter, target.model.model_name),
        })
    };
    Client::builder()
        .with_reqwest(http_client())
        .with_service_target_resolver_fn(resolve)
        .build()
        .unwrap()
}

fn request() -> ChatRequest {
    ChatRequest::new(vec![ChatMessage::user("Weather?")])
}

#[trace_llm_call(provider = "acme", model = model)]
async fn complete(client: &Client, model: &str) -> genai::Result<ChatResponse> {
    client.exec_chat(model, request(), None).await
}

#[trace_llm_call(provider = "acme", model = model)]
async fn stream(
    client: &Client,
    model: &str,
    options: &ChatOptions,
) -> genai::Result<impl Stream<Item = genai::Result<ChatStreamEvent>> + use<>> {
    Ok(client.exec_chat_stream(model, request(), Some(options)).await?.stream)
}

#[trace_llm_call(provider = "acme", model = model)]
async fn by_json(url: &str, model: &str) -> reqwest::Result<Value> {
    by_hand::whole(url, &json!({"model": model, "messages": []})).await
}

fn capturing() -> ChatOptions {
    ChatOptions::default().with_capture_usage(true).with_capture_tool_calls(true)
}

/// The lines of a span that genai's types can say.
fn without<'a>(span: &'a str, keys: &[&str]) -> Vec<&'a str> {
    span.lines().filter(|line| !keys.iter().any(|key| line.starts_with(key))).collect()
}

#[tokio::test]
async fn a_reply_of_openai_says_through_genai_what_its_json_says_but_for_the_id() {
    let provider = bodies::openai().await;
    let client = client(&provider, AdapterKind::OpenAI);
    let (reply, by_client) = watch(async { complete(&client, "gpt-4o-mini").await }).await;
    assert_eq!(reply.unwrap().first_text(), Some("Look."));
    assert_eq!(
        told(&by_client),
        [
            "finish_reasons=[\"tool_calls\"]",
            "model=\"gpt-4o-mini-2024-07-18\"",
            "cache_read.input_tokens=20",
            "input_tokens=30",
            "output_tokens=9",
            "reasoning.output_tokens=4",
        ]
    );
    let url = provider.url("/v1/chat/completions");
    let (_, by_hand) = watch(async { by_json(&url, "gpt-4o-mini").await }).await;
    // genai does not keep it.
    let (by_client, by_hand) = (span(&by_client), span(&by_hand));
    assert_eq!(without(&by_client, &[]), without(&by_hand, &["gen_ai.response.id"]));
}

#[tokio::test]
async fn a_reply_of_anthropic_says_through_genai_what_its_json_says() {
    let provider = bodies::anthropic().await;
    let client = client(&provider, AdapterKind::Anthropic);
    let (reply, by_client) = watch(async { complete(&client, "claude-sonnet-4-5").await }).await;
    assert_eq!(reply.unwrap().tool_calls().len(), 1);
    let url = provider.url("/v1/messages");
    let (_, by_hand) = watch(async { by_json(&url, "claude-sonnet-4-5").await }).await;
    let (by_client, by_hand) = (span(&by_client), span(&by_hand));
    assert!(by_client.contains("gen_ai.usage.input_tokens=35"), "{by_client}");
    assert_eq!(
        without(&by_client, &["gen_ai.response.id"]),
        without(&by_hand, &["gen_ai.response.id"])
    );
}

#[tokio::test]
async fn a_reply_of_ollama_is_read_through_genai() {
    let provider = bodies::ollama().await;
    let client = client(&provider, AdapterKind::Ollama);
    let (reply, trace) = watch(async { complete(&client, "llama3.2").await }).await;
    assert_eq!(reply.unwrap().first_text(), Some("Look."));
    let told = told(&trace);
    assert!(told.contains(&"input_tokens=26".to_owned()), "{told:?}");
    assert!(told.contains(&"output_tokens=7".to_owned()), "{told:?}");
    assert!(told.contains(&"model=\"llama3.2\"".to_owned()), "{told:?}");
}

#[tokio::test]
async fn a_stream_through_genai_tells_its_tokens_where_they_are_captured() {
    let provider = bodies::openai().await;
    let client = client(&provider, AdapterKind::OpenAI);
    let drained = async |options: ChatOptions| {
        let events = stream(&client, "gpt-4o-mini", &options).await.unwrap();
        events.map(Result::unwrap).count().await
    };
    let (events, trace) = watch(async { drained(capturing()).await }).await;
    assert!(events > 4, "{events}");
    assert_eq!(
        told(&trace),
        [
            "finish_reasons=[\"tool_calls\"]",
            "cache_read.input_tokens=20",
            "input_tokens=30",
            "output_tokens=9",
            "reasoning.output_tokens=4",
        ]
    );
    let (_, trace) = watch(async { drained(ChatOptions::default()).await }).await;
    assert_eq!(told(&trace), ["finish_reasons=[\"tool_calls\"]"]);
}

#[tokio::test]
async fn a_stream_of_anthropic_is_read_through_genai() {
    let provider = bodies::anthropic().await;
    let client = client(&provider, AdapterKind::Anthropic);
    let drained = async {
        let events = stream(&client, "claude-sonnet-4-5", &capturing()).await.unwrap();
        events.map(Result::unwrap).count().await
    };
    let (_, trace) = watch(drained).await;
    let told = told(&trace);
    assert!(told.contains(&"finish_reasons=[\"tool_use\"]".to_owned()), "{told:?}");
    assert!(told.contains(&"input_tokens=35".to_owned()), "{told:?}");
    assert!(told.contains(&"output_tokens=9".to_owned()), "{told:?}");
}
