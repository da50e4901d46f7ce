//! Answers a question from text files, and shows what that took.
//!
//! ```text
//! cargo run --example quickstart
//! cargo run --example quickstart -- "How do I send spans to a collector?" README.md docs/*.md
//! ```
//!
//! You will see the answer on stdout, and on stderr the tree of the run (reading, retrieval, prompt,
//! model call with its tokens) and its metrics. With `OTEL_EXPORTER_OTLP_ENDPOINT` set, spans and
//! metrics go there instead. With `OPENAI_API_KEY` or `OPENAI_BASE_URL` set, that server is asked;
//! otherwise a stand-in that the program starts itself, and that only quotes the best passage.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for a terminal")]

use std::path::PathBuf;

use anyhow::Context as _;
use async_openai::types::chat::{
    ChatCompletionRequestMessage, ChatCompletionRequestSystemMessage,
    ChatCompletionRequestUserMessage, CreateChatCompletionRequest, CreateChatCompletionRequestArgs,
    CreateChatCompletionResponse,
};
use spanline::{trace_llm_call, trace_pipeline, trace_stage};
use spanline_examples::corpus::{self, Passage};
use spanline_examples::loopback::PART;
use spanline_examples::model::{Model, ModelError};
use spanline_examples::retrieval::Index;

const QUESTION: &str = "How do I send spans to a collector?";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let question = arguments.next().unwrap_or_else(|| QUESTION.to_owned());
    let mut files: Vec<PathBuf> = arguments.map(PathBuf::from).collect();
    if files.is_empty() {
        files = corpus::own_files().context("cannot find this repository's own docs")?;
    }

    let telemetry = spanline::init()?;
    let model = Model::connect(0).await?;
    let answer = answer(&model, &question, &files).await?;
    println!("{answer}");

    // The answer is out: telemetry that did not arrive is worth a word, not a failure.
    if let Err(error) = telemetry.shutdown() {
        eprintln!("quickstart: {error}");
    }
    Ok(())
}

#[trace_pipeline("answer-question", attributes(files = files.len()))]
async fn answer(model: &Model, question: &str, files: &[PathBuf]) -> anyhow::Result<String> {
    let passages = read(files).await?;
    let found = retrieve(question, &passages, 4);
    let messages = prompt(question, &found);
    let request = CreateChatCompletionRequestArgs::default()
        .model(&model.name)
        .messages(messages)
        .temperature(0.2)
        .build()?;
    let reply = complete(model, request).await?;
    let choice = reply.choices.into_iter().next().context("the model gave no answer")?;
    choice.message.content.context("the model gave an answer without text")
}

#[trace_stage("read", kind = "loader")]
async fn read(files: &[PathBuf]) -> anyhow::Result<Vec<Passage>> {
    let passages = corpus::read(files).await?;
    spanline::current().set("passages", passages.len());
    Ok(passages)
}

#[trace_stage("retrieve", kind = "retriever", attributes(top_k = top_k))]
fn retrieve<'a>(question: &str, passages: &'a [Passage], top_k: usize) -> Vec<&'a Passage> {
    let index =
        Index::new(passages.iter().map(|passage| format!("{} {}", passage.heading, passage.text)));
    let found: Vec<&Passage> =
        index.search(question, top_k).iter().filter_map(|hit| passages.get(hit.at)).collect();
    spanline::current().set("found", found.len());
    found
}

#[trace_stage("prompt", kind = "template")]
fn prompt(question: &str, found: &[&Passage]) -> Vec<ChatCompletionRequestMessage> {
    let system = "You get passages and, last, a question. Answer it from the passages alone and name \
                  the one that you used; if none answers it, say so.";
    let mut parts: Vec<String> =
        found.iter().map(|passage| format!("{}:\n\n{}", passage.place(), passage.text)).collect();
    parts.push(question.to_owned());
    let user = parts.join(PART);
    spanline::current().set("characters", user.chars().count());
    vec![
        ChatCompletionRequestSystemMessage::from(system).into(),
        ChatCompletionRequestUserMessage::from(user).into(),
    ]
}

#[trace_llm_call(
    provider = model.provider,
    model = request.model,
    temperature = request.temperature,
    server_address = model.host,
    server_port = model.port,
)]
async fn complete(
    model: &Model,
    request: CreateChatCompletionRequest,
) -> Result<CreateChatCompletionResponse, ModelError> {
    Ok(model.client.chat().create(request).await?)
}
