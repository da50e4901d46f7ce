//! A program that hands words of its own to everything that takes content, and to everything that
//! does not: each word is found where it belongs, or nowhere.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::convert::Infallible;

use futures::stream::{self, Stream, StreamExt as _};
use serde_json::{Value, json};
use spanline::{
    Agent, LlmCall, LlmResponse, Pipeline, Reply, Retrieval, SpanBuilder, Stage, Tool, Usage,
    current, trace_agent, trace_llm_call, trace_pipeline, trace_retrieval, trace_span, trace_stage,
    trace_tool,
};

struct Answer {
    text: String,
    rest: String,
}

impl LlmResponse for Answer {
    fn read(&self, reply: &mut Reply) {
        reply.usage(Usage::new(1, 1));
    }
}

#[allow(clippy::unnecessary_wraps, reason = "it answers as a call of a model does")]
fn answer(text: &str, rest: &str) -> Result<Answer, Infallible> {
    Ok(Answer { text: text.into(), rest: rest.into() })
}

fn tools(of: &str) -> Value {
    json!([{
        "name": format!("{of}-tool-name"),
        "description": format!("{of}-tool-description"),
        "parameters": {"type": "object", "title": format!("{of}-tool-parameters")},
    }])
}

#[trace_pipeline(
    "macro-pipeline",
    input_messages = "canary-mp-input",
    output_messages = |answer| &answer.text
)]
async fn pipeline(parameter: &str) -> Result<Answer, Infallible> {
    assert!(!parameter.is_empty());
    stage("canary-ms-parameter");
    span("canary-mx-parameter");
    agent("canary-ma-parameter").await?;
    call("canary-ml-parameter").await?;
    chunks("canary-mc-parameter").for_each(async |_| ()).await;
    whole("canary-mw-parameter").await?;
    tool(json!({"key": "canary-mt-arguments"}), "canary-mt-parameter");
    search("canary-mr-query", "canary-mr-parameter").await?;
    answer("canary-mp-output", "canary-mp-returned")
}

#[trace_stage("macro-stage")]
fn stage(parameter: &str) -> String {
    format!("{parameter} canary-ms-returned")
}

#[trace_span("macro-span")]
fn span(parameter: &str) -> String {
    format!("{parameter} canary-mx-returned")
}

#[trace_agent(
    "macro-agent",
    system_instructions = "canary-ma-system",
    input_messages = ["canary-ma-input"],
    tool_definitions = tools("canary-ma"),
    output_messages = |answer| &answer.text
)]
async fn agent(parameter: &str) -> Result<Answer, Infallible> {
    answer("canary-ma-output", parameter)
}

#[trace_llm_call(
    provider = "openai",
    model = "macro-call",
    system_instructions = String::from("canary-ml-system"),
    input_messages = json!([{"role": "user", "content": "canary-ml-input"}]),
    tool_definitions = tools("canary-ml"),
    output_messages = |answer| Some(answer.text.clone())
)]
async fn call(parameter: &str) -> Result<Answer, Infallible> {
    answer("canary-ml-output", parameter)
}

#[trace_llm_call(provider = "openai", model = "macro-chunks", output_messages = |chunk| &chunk.text)]
fn chunks(parameter: &str) -> impl Stream<Item = Answer> {
    let items = ["canary-mc", "-output"].map(|text| answer(text, parameter).unwrap());
    stream::iter(items)
}

/// Nothing is named, and the reply is one that is read.
#[trace_llm_call(provider = "openai", model = "macro-whole")]
async fn whole(parameter: &str) -> Result<Value, Infallible> {
    Ok(json!({
        "object": "chat.completion",
        "model": "m-1",
        "user": parameter,
        "choices": [{
            "finish_reason": "stop",
            "message": {"role": "assistant", "content": "canary-mw-reply"},
        }],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1},
    }))
}

#[trace_tool("macro-tool", call_arguments = &arguments, call_result = |result| result)]
fn tool(arguments: Value, parameter: &str) -> Value {
    assert!(arguments.is_object() && !parameter.is_empty());
    json!({"found": ["canary-mt-result"]})
}

#[trace_retrieval(
    data_source = "macro-search",
    query = query,
    documents = |found| found.iter().map(|text| json!({"id": "d", "score": 0.5, "text": text})).collect::<Vec<_>>()
)]
async fn search(query: &str, parameter: &str) -> Result<Vec<String>, Infallible> {
    assert!(!query.is_empty() && !parameter.is_empty());
    Ok(vec![String::from("canary-mr-document")])
}

async fn builders() {
    let run = Pipeline::new("built-pipeline").input_messages("canary-bp-input");
    run.run_with(async { "canary-bp-output" }, |text, outcome| outcome.output_messages(text)).await;

    let call = LlmCall::new("openai", "built-call")
        .system_instructions("canary-bl-system")
        .input_messages("canary-bl-input")
        .tool_definitions(tools("canary-bl"));
    call.run_with(async { answer("canary-bl-output", "canary-bl-returned") }, |answer, outcome| {
        outcome.output_messages(answer.as_ref().map(|answer| &answer.text).ok());
    })
    .await
    .unwrap();

    let agent = Agent::new("built-agent")
        .system_instructions("canary-ba-system")
        .input_messages("canary-ba-input")
        .tool_definitions(tools("canary-ba"));
    let texts = stream::iter(["canary-ba", "-output"]);
    let texts = agent.run_stream_with(texts, |text, outcome| outcome.output_messages(text));
    assert_eq!(texts.count().await, 2);

    let tool = Tool::new("built-tool").call_arguments(json!({"key": "canary-bt-arguments"}));
    tool.run_blocking_with(|| "canary-bt-result", |text, outcome| outcome.call_result(text));

    let search = Retrieval::new("built-search").query("canary-br-query");
    search.run_blocking_with(|| ["canary-br-document"], |found, outcome| outcome.documents(found));

    let stage = Stage::new("built-stage");
    stage.run_blocking(|| Ok::<_, Infallible>("canary-bs-returned")).unwrap();
    SpanBuilder::new("built-span").run_blocking_with(|| "canary-bx-returned", |_, _| ());
}

/// In a body, and through a guard.
fn handles() {
    let call = LlmCall::new("openai", "inside-call");
    call.run_blocking_with(
        || {
            current()
                .system_instructions("canary-il-system")
                .input_messages("canary-il-input")
                .tool_definitions(tools("canary-il"))
                .output_messages("canary-il-output");
        },
        |(), _| (),
    );
    let tool = Tool::new("inside-tool").start();
    tool.handle().call_arguments(["canary-it-arguments"]).call_result("canary-it-result");
    tool.end();
    let search = Retrieval::new("inside-search").start();
    search.handle().query("canary-ir-query").documents(["canary-ir-document"]);
    search.end();
    // Refused for all that is in it.
    spanline::scope().capture_content(false).run_blocking(|| {
        let call = LlmCall::new("openai", "refused-call").input_messages("canary-rl-input");
        call.run_blocking_with(
            || {
                current().input_messages("canary-rl-inside");
            },
            |(), outcome| outcome.output_messages("canary-rl-output"),
        );
        tool_refused("canary-rt-arguments");
    });
}

#[trace_tool("refused-tool", call_arguments = arguments, call_result = |text| text)]
fn tool_refused(arguments: &str) -> String {
    format!("{arguments} canary-rt-result")
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let telemetry = spanline::init().unwrap();
    let answered = pipeline("canary-mp-parameter").await.unwrap();
    assert_eq!(answered.rest, "canary-mp-returned");
    builders().await;
    handles();
    telemetry.shutdown().unwrap();
}
