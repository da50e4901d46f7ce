//! A conversation: whose it is, what it costs, where its budget stops it, and how good its answers were.
//!
//! ```text
//! cargo run --example conversation
//! cargo run --example conversation -- "What does a cancelled stage record?" "And a panic?"
//! ```
//!
//! You will see the answers and their scores on stdout, and on stderr the tree of the run: each answer with
//! its tokens and dollars, and the pipeline with the sum of them, which went over its budget: that is why
//! the last questions are not asked. Session, user and conversation are said once, on the pipeline, and are on
//! every span under it. The scores come when the conversation is over, from nothing but the references
//! that were kept with the answers; without log records each is a span beside the answer's.
//!
//! What was asked and answered is recorded where you say so:
//!
//! ```text
//! OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=SPAN_ONLY OTEL_TRACES_EXPORTER=file \
//!     OTEL_METRICS_EXPORTER=none SPANLINE_FILE=spans.jsonl cargo run --example conversation
//! ```

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for a terminal")]

use std::collections::HashSet;

use anyhow::Context as _;
use async_openai::types::chat::{
    ChatCompletionRequestUserMessage, CreateChatCompletionRequest, CreateChatCompletionRequestArgs,
    CreateChatCompletionResponse,
};
use spanline::{
    Evaluation, Price, SpanReference, Telemetry, check_budget, evaluate, trace_llm_call,
    trace_pipeline, trace_retrieval,
};
use spanline_examples::corpus::{self, Passage};
use spanline_examples::loopback::PART;
use spanline_examples::model::{Model, ModelError};
use spanline_examples::retrieval::{Hit, Index};

const QUESTIONS: [&str; 4] = [
    "How do I send spans to a collector?",
    "What does a cancelled stage record?",
    "How is a budget set?",
    "What is masked?",
];
/// Enough for two or three answers of the stand-in at the price below.
const BUDGET: &str = "0.0004";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut questions: Vec<String> = std::env::args().skip(1).collect();
    if questions.is_empty() {
        questions = QUESTIONS.map(String::from).to_vec();
    }

    // What the stand-in would cost if it cost what a small model does.
    let price =
        Price::new("loopback", "best-passage").input_per_million(0.4).output_per_million(1.6);
    let telemetry = Telemetry::builder().price(price).init()?;
    let model = Model::connect(0).await?;
    let passages = corpus::read(&corpus::own_files()?).await?;

    for answer in converse(&model, &passages, &questions).await? {
        grade(&answer);
    }
    if let Err(error) = telemetry.shutdown() {
        eprintln!("conversation: {error}");
    }
    Ok(())
}

/// An answer as a database would keep it: judged another day, perhaps by another program.
struct Answer {
    text: String,
    /// What it should be made of.
    source: String,
    /// As text, the way it is stored.
    reference: Option<String>,
}

#[trace_pipeline(
    "conversation",
    session = "s-2024-11",
    user = "u-17",
    conversation = "c-1",
    max_cost_usd = BUDGET
)]
async fn converse(
    model: &Model,
    passages: &[Passage],
    questions: &[String],
) -> anyhow::Result<Vec<Answer>> {
    let mut answers = Vec::new();
    for question in questions {
        if let Err(exceeded) = check_budget() {
            println!("The conversation ends here: {exceeded}.\n");
            break;
        }
        println!("> {question}");
        let found = retrieve(question, passages);
        let texts: Vec<&str> = found.iter().map(|found| found.passage.text.as_str()).collect();
        let source = texts.join("\n");
        let (reply, reference) = complete(model, request(model, &source, question)?).await?;
        let choice = reply.choices.into_iter().next().context("the model gave no answer")?;
        let text = choice.message.content.unwrap_or_default();
        println!("{text}\n");
        let reference = reference.map(|reference| reference.to_string());
        answers.push(Answer { text, source, reference });
    }
    Ok(answers)
}

/// A passage that fits, and how well.
struct Found<'a> {
    hit: Hit,
    passage: &'a Passage,
}

#[trace_retrieval(data_source = "docs", top_k = 3, query = question, documents = |found| documents(found))]
fn retrieve<'a>(question: &str, passages: &'a [Passage]) -> Vec<Found<'a>> {
    let index =
        Index::new(passages.iter().map(|passage| format!("{} {}", passage.heading, passage.text)));
    let found = index.search(question, 3);
    found
        .into_iter()
        .filter_map(|hit| Some(Found { hit, passage: passages.get(hit.at)? }))
        .collect()
}

fn documents(found: &[Found<'_>]) -> Vec<serde_json::Value> {
    found
        .iter()
        .map(|Found { hit, passage }| {
            serde_json::json!({"id": hit.at, "score": hit.score, "content": passage.text})
        })
        .collect()
}

fn request(
    model: &Model,
    source: &str,
    question: &str,
) -> anyhow::Result<CreateChatCompletionRequest> {
    let message = ChatCompletionRequestUserMessage::from(format!("{source}{PART}{question}"));
    Ok(CreateChatCompletionRequestArgs::default()
        .model(&model.name)
        .messages(vec![message.into()])
        .build()?)
}

/// The reply, and how to find it again; what was asked is recorded where content is captured, what was
/// answered then is read from the reply.
#[trace_llm_call(
    provider = model.provider,
    model = request.model,
    server_address = model.host,
    server_port = model.port,
    input_messages = spanline::json(&request.messages)
)]
async fn complete(
    model: &Model,
    request: CreateChatCompletionRequest,
) -> Result<(CreateChatCompletionResponse, Option<SpanReference>), ModelError> {
    let reply = model.client.chat().create(request).await?;
    let reference = spanline::current().reference();
    let reference = reference.map(|reference| reference.with_response_id(&reply.id));
    Ok((reply, reference))
}

/// How much of the answer stands in its source: a judge that costs nothing.
fn grade(answer: &Answer) {
    let Some(reference) = answer.reference.as_deref().and_then(|text| text.parse().ok()) else {
        return;
    };
    let source: HashSet<&str> = answer.source.split_whitespace().collect();
    let words: Vec<&str> = answer.text.split_whitespace().collect();
    let grounded = words.iter().filter(|word| source.contains(*word)).count();
    #[allow(clippy::cast_precision_loss, reason = "a share of words")]
    let share = grounded as f64 / words.len().max(1) as f64;
    println!("grounded: {share:.2} ({} words)", words.len());
    evaluate(
        &reference,
        Evaluation::new("groundedness")
            .score(share)
            .label(if share > 0.7 { "grounded" } else { "made up" })
            .explanation(format!("{grounded} of {} words stand in the source", words.len())),
    );
}
