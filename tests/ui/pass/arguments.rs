//! What the arguments take.
#![deny(warnings, clippy::all, clippy::pedantic, unused)]
#![allow(dead_code)]

use std::collections::HashMap;

use spanline::opentelemetry::Context;
use spanline::{
    Usage, trace_agent, trace_llm_call, trace_pipeline, trace_retrieval, trace_span, trace_stage,
    trace_tool,
};

const NAME: &str = "constant";

struct Request {
    model: String,
    temperature: Option<f32>,
    max_tokens: Option<u32>,
    stop: Vec<String>,
    headers: HashMap<String, String>,
}

struct Reply {
    text: String,
    input: u32,
    output: u32,
}

#[trace_llm_call(
    provider = "openai",
    model = request.model,
    temperature = request.temperature,
    max_tokens = request.max_tokens,
    stop_sequences = request.stop,
    usage = |reply: &Reply| (reply.input, reply.output),
)]
async fn complete(request: Request) -> Result<Reply, String> {
    Err(request.model)
}

fn usage_of(reply: &Reply) -> Option<Usage> {
    (reply.input > 0).then(|| Usage::from((reply.input, reply.output)))
}

#[trace_llm_call("named", provider = provider(), usage = usage_of)]
fn complete_blocking(request: &Request) -> Result<Reply, String> {
    Ok(Reply { text: request.model.clone(), input: 1, output: 1 })
}

fn provider() -> String {
    "openai".to_owned()
}

#[trace_agent(
    NAME,
    provider = provider(),
    model = request.model,
    temperature = request.temperature,
    max_tokens = request.max_tokens,
    stop_sequences = request.stop,
    seed = None::<u64>,
    description = "has one",
    usage = usage_of
)]
async fn agent(request: &Request) -> Result<Reply, String> {
    complete_blocking(request)
}

#[trace_tool(format!("tool {number}"), call_id = Some("1"), tool_type = String::from("extension"))]
async fn tool(number: u32) {}

#[trace_retrieval(data_source = source, top_k = limit, ok_if = |found| *found > 0)]
fn retrieval(source: Option<&str>, limit: Option<usize>) -> usize {
    source.map_or(0, str::len).max(limit.unwrap_or_default())
}

#[trace_stage(NAME)]
async fn constant() {}

#[trace_stage(format!("stage {number}"))]
async fn formatted(number: u32) {}

#[trace_stage(name = name)]
async fn by_parameter(name: &str) {}

#[trace_stage(title)]
fn by_first_parameter(title: &str) -> usize {
    title.len()
}

#[trace_stage(attributes())]
async fn no_attributes() {}

#[trace_stage(attributes(
    text = "a",
    owned = String::new(),
    number = u128::MIN,
    float = 0.5_f32,
    flag = true,
    list = [1, 2],
    texts = ["a", "b"],
    nothing = None::<u32>,
    something = Some("a"),
    http.request.method = "GET",
    "odd-key" = 1,
    type = 1,
    limit,
))]
async fn attributes(limit: usize) {}

#[trace_span(kind = "server", parent = spanline::extract(&request.headers))]
async fn continued(request: &Request) {}

#[trace_span(parent = context)]
fn child(context: Option<Context>) {
    drop(context);
}

#[trace_pipeline(root, links = others, ok_if = |found| *found > 0)]
async fn linked(others: &[spanline::TraceContext]) -> usize {
    others.len()
}

#[trace_stage(ok_if = Option::is_some)]
async fn must_be_some(found: bool) -> Option<u32> {
    found.then_some(1)
}

#[trace_stage(crate = ::spanline)]
async fn by_path() {}

fn is_long(reply: &Reply) -> bool {
    reply.text.len() > 100
}

#[trace_llm_call(
    provider = "openai",
    operation = text_completion,
    err = type,
    ok_if = Result::is_ok,
    usage = usage_of,
    result(
        reply.text = |reply| reply.text.as_str(),
        "reply-length" = |reply: &Reply| reply.text.len(),
        reply.is_long = is_long,
        reply.cost = |reply| (reply.output > 0).then(|| f64::from(reply.output) * 0.1),
        type = |_| ["a", "b"],
    ),
)]
async fn told(request: &Request) -> Result<Reply, String> {
    complete_blocking(request)
}

struct Code(u16);

impl std::fmt::Debug for Code {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "code {}", self.0)
    }
}

#[trace_span(kind = client, err = debug, result(length = |text| text.len()))]
fn fetch(found: bool) -> Result<&'static str, Code> {
    if found { Ok("text") } else { Err(Code(404)) }
}

#[trace_stage(err = display, result(some = Option::is_some, first = |found| *found))]
async fn first(numbers: Vec<u8>) -> Option<u8> {
    numbers.first().copied()
}

macro_rules! traced {
    ($kind:ident, $detail:literal, $read:expr) => {
        #[trace_span(kind = $kind, err = $detail, result(read = $read))]
        fn of_macro() -> usize {
            1
        }
    };
}

traced!(server, "type", |number| *number + 1);

fn main() {}

#[trace_pipeline(max_cost_usd = limit, max_total_tokens = request.max_tokens)]
async fn limited(request: &Request, limit: Option<f64>) -> Result<u8, spanline::BudgetExceeded> {
    spanline::check_budget()?;
    affordable("0.25").await
}

#[trace_agent(max_cost_usd = limit, max_total_tokens = 1_000)]
async fn affordable(limit: &str) -> Result<u8, spanline::BudgetExceeded> {
    spanline::attempt(async { Ok(5) }).await
}
