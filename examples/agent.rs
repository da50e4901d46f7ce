//! An agent: a model that asks for tools until it can answer, with errors on the way.
//!
//! ```text
//! cargo run --example agent
//! cargo run --example agent -- "What does a cancelled stage record?"
//! ```
//!
//! You will see the answer on stdout, and on stderr the tree of the run: the agent with the number
//! of its calls, and each turn with its model call and the tool that it asked for. The first model
//! call is turned away with status 429 and tried again: one span that is ok, with two attempts.
//! A tool is asked for a place that does not exist: its error goes back to the model, which corrects
//! itself.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for a terminal")]

use std::fmt;
use std::time::Duration;

use anyhow::{Context as _, bail};
use async_openai::types::chat::{
    ChatCompletionMessageToolCall, ChatCompletionMessageToolCalls,
    ChatCompletionRequestAssistantMessageArgs, ChatCompletionRequestMessage,
    ChatCompletionRequestToolMessage, ChatCompletionRequestUserMessage, ChatCompletionTool,
    ChatCompletionTools, CreateChatCompletionRequest, CreateChatCompletionRequestArgs,
    CreateChatCompletionResponse, FunctionObjectArgs,
};
use backon::{ExponentialBuilder, Retryable as _};
use serde_json::{Value, json};
use spanline::{attempt, trace_agent, trace_llm_call, trace_pipeline, trace_span, trace_tool};
use spanline_examples::corpus::{self, Passage};
use spanline_examples::loopback::TOOL_ERROR;
use spanline_examples::model::{Model, ModelError};
use spanline_examples::retrieval::Index;

const QUESTION: &str = "What does a cancelled stage record?";
const TURNS: usize = 8;
const RETRIES: usize = 2;
const FIRST_PAUSE: Duration = Duration::from_millis(100);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let question = std::env::args().nth(1).unwrap_or_else(|| QUESTION.to_owned());

    let telemetry = spanline::init()?;
    let model = Model::connect(1).await?;
    let answer = ask(&model, &question).await?;
    println!("{answer}");
    if let Err(error) = telemetry.shutdown() {
        eprintln!("agent: {error}");
    }
    Ok(())
}

#[trace_pipeline("ask-the-docs")]
async fn ask(model: &Model, question: &str) -> anyhow::Result<String> {
    let passages = corpus::read(&corpus::own_files()?).await?;
    researcher(model, &passages, question).await
}

#[trace_agent("researcher", provider = model.provider, model = &model.name)]
async fn researcher(model: &Model, passages: &[Passage], question: &str) -> anyhow::Result<String> {
    let mut messages: Vec<ChatCompletionRequestMessage> =
        vec![ChatCompletionRequestUserMessage::from(question).into()];
    for number in 1..=TURNS {
        if let Some(answer) = turn(model, passages, &mut messages, number).await? {
            spanline::current().set("turns", number);
            return Ok(answer);
        }
    }
    bail!("no answer after {TURNS} turns")
}

/// Asks the model once; its answer, or `None` after the tools that it asked for.
#[trace_span("turn", attributes(number))]
async fn turn(
    model: &Model,
    passages: &[Passage],
    messages: &mut Vec<ChatCompletionRequestMessage>,
    number: usize,
) -> anyhow::Result<Option<String>> {
    let request = CreateChatCompletionRequestArgs::default()
        .model(&model.name)
        .messages(messages.clone())
        .tools(tools()?)
        .build()?;
    let reply = complete(model, &request).await?;
    let message = reply.choices.into_iter().next().context("the model gave no answer")?.message;
    let calls = message.tool_calls.unwrap_or_default();
    if calls.is_empty() {
        return Ok(Some(message.content.context("the model gave an answer without text")?));
    }
    messages.push(
        ChatCompletionRequestAssistantMessageArgs::default()
            .tool_calls(calls.clone())
            .build()?
            .into(),
    );
    for call in calls {
        let ChatCompletionMessageToolCalls::Function(call) = call else {
            bail!("the model asked for a tool that it was not offered");
        };
        let result = match use_tool(passages, &call) {
            Ok(result) => result,
            Err(error) => format!("{TOOL_ERROR}{error}"),
        };
        let message =
            ChatCompletionRequestToolMessage { content: result.into(), tool_call_id: call.id };
        messages.push(message.into());
    }
    Ok(None)
}

#[trace_llm_call(
    provider = model.provider,
    model = request.model,
    server_address = model.host,
    server_port = model.port,
)]
async fn complete(
    model: &Model,
    request: &CreateChatCompletionRequest,
) -> Result<CreateChatCompletionResponse, ModelError> {
    (|| attempt(send(model, request)))
        .retry(ExponentialBuilder::default().with_min_delay(FIRST_PAUSE).with_max_times(RETRIES))
        .when(ModelError::is_transient)
        .await
}

async fn send(
    model: &Model,
    request: &CreateChatCompletionRequest,
) -> Result<CreateChatCompletionResponse, ModelError> {
    Ok(model.client.chat().create(request.clone()).await?)
}

/// Why a tool gave no result; the model is told, and the span of the tool has it.
#[derive(Debug)]
enum ToolError {
    Unknown(String),
    Arguments(String),
    NoSuchPlace(String),
}

impl fmt::Display for ToolError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(tool) => write!(formatter, "there is no tool {tool:?}"),
            Self::Arguments(tool) => write!(formatter, "{tool} was called without its text"),
            Self::NoSuchPlace(place) => {
                write!(formatter, "there is no place {place:?}; `search` finds places")
            }
        }
    }
}

impl std::error::Error for ToolError {}

#[trace_tool(&call.function.name, call_id = call.id, tool_type = "function")]
fn use_tool(
    passages: &[Passage],
    call: &ChatCompletionMessageToolCall,
) -> Result<String, ToolError> {
    let arguments: Value = serde_json::from_str(&call.function.arguments).unwrap_or_default();
    let argument = |name: &str| {
        let text = arguments[name].as_str();
        text.ok_or_else(|| ToolError::Arguments(call.function.name.clone()))
    };
    match call.function.name.as_str() {
        "search" => Ok(search(passages, argument("query")?)),
        "read" => read(passages, argument("place")?),
        other => Err(ToolError::Unknown(other.to_owned())),
    }
}

fn search(passages: &[Passage], query: &str) -> String {
    let index =
        Index::new(passages.iter().map(|passage| format!("{} {}", passage.heading, passage.text)));
    let mut places: Vec<String> = Vec::new();
    for hit in index.search(query, 5) {
        if let Some(place) = passages.get(hit.at).map(Passage::place)
            && !places.contains(&place)
        {
            places.push(place);
        }
    }
    spanline::current().set("found", places.len());
    places.join("\n")
}

fn read(passages: &[Passage], place: &str) -> Result<String, ToolError> {
    spanline::current().set("place", place);
    let mut text = String::new();
    for passage in passages.iter().filter(|passage| passage.place() == place) {
        let is_row = passage.text.starts_with('|') && text.ends_with("|\n");
        text.push_str(if text.is_empty() || is_row { "" } else { "\n" });
        text.push_str(&passage.text);
        text.push('\n');
    }
    if text.is_empty() {
        return Err(ToolError::NoSuchPlace(place.to_owned()));
    }
    Ok(text)
}

fn tools() -> anyhow::Result<Vec<ChatCompletionTools>> {
    let tool = |name: &str, does: &str, argument: &str| -> anyhow::Result<ChatCompletionTools> {
        let function = FunctionObjectArgs::default()
            .name(name)
            .description(does)
            .parameters(json!({
                "type": "object",
                "properties": {argument: {"type": "string"}},
                "required": [argument],
            }))
            .build()?;
        Ok(ChatCompletionTools::Function(ChatCompletionTool { function }))
    };
    Ok(vec![
        tool("search", "Lists the places of the docs that fit a query, best first.", "query")?,
        tool("read", "Gives the text at a place that `search` has listed.", "place")?,
    ])
}
