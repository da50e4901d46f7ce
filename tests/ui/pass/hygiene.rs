//! Nothing that the user names is in the way, and nothing of the expansion is in the user's.
#![no_implicit_prelude]
#![deny(warnings, clippy::all, clippy::pedantic, missing_docs, unused, rust_2018_idioms)]
#![allow(dead_code, non_camel_case_types, clippy::wildcard_imports)]

use ::spanline::{
    trace_agent, trace_llm_call, trace_pipeline, trace_retrieval, trace_span, trace_stage, trace_tool,
};

struct Option;
struct Some;
struct None;
struct Result;
struct Ok;
struct Err;
struct Future;
struct Box;
struct Pin;
struct String;
struct Operation;
struct Stage;
struct LlmCall;
struct Pipeline;
struct Agent;
struct Tool;
struct Retrieval;
struct SpanBuilder;
struct SpanKind;
struct LlmOperation;
trait FnOnce {}
mod spanline {}
mod core {}
mod std {}
mod name {}
mod usage {}
fn is_enabled() {}

macro_rules! settle {
    () => {};
}
macro_rules! usage {
    () => {};
}
settle!();
usage!();

#[trace_stage]
async fn output(output: u32, operation: u32, settlement: u32) -> u32 {
    output + operation + settlement
}

#[trace_stage(attributes(output, operation, settlement))]
async fn operation(output: u32, operation: u32, settlement: u32) -> u32 {
    output + operation + settlement
}

#[trace_stage(attributes(output, operation, settlement))]
fn blocking(output: u32, operation: u32, settlement: u32) -> u32 {
    output + operation + settlement
}

#[trace_stage]
async fn kind(kind: u32, ending: u32, item: u32, value: u32, outcome: u32) -> u32 {
    kind + ending + item + value + outcome
}

#[trace_stage(attributes(kind, ending, item, returned))]
fn ending(kind: u32, ending: u32, item: u32, returned: u32) -> u32 {
    kind + ending + item + returned
}

#[trace_stage("named", kind = "retriever", id = id, root, attributes(a.type = id.len(), "b-c" = [1, 2]))]
async fn stage(id: &str, argument_1: u32, (argument_0, _): (u32, u32)) -> u32 {
    argument_0 + argument_1
}

#[trace_pipeline(name = id, id = id, run_id = id, session = id, conversation = id, user = id, tenant = id, tags = [id], prompt_name = id, prompt_version = id, properties(id, a.b = id))]
async fn pipeline(id: &str) {}


#[trace_agent("named", id = id, remote, usage = |_| (1_u32, 1_u32))]
async fn agent(id: &str) -> u32 {
    tool(id);
    retrieval(id).await;
    1
}

#[trace_tool(id, call_id = id)]
fn tool(id: &str) {}

#[trace_retrieval(data_source = id, top_k = 5)]
async fn retrieval(id: &str) {}

#[trace_llm_call(
    provider = "openai",
    model = model,
    operation = "text_completion",
    temperature = 0.5,
    top_p = 1,
    top_k = 40,
    max_tokens = 100_usize,
    seed = -1,
    stop_sequences = ["a", "b"],
    frequency_penalty = 0.1_f32,
    presence_penalty = 0.2,
    choice_count = 2_u8,
    streaming = true,
    output_type = "json",
    reasoning_level = "high",
    previous_response_id = "r1",
    service_tier = "flex",
    conversation = "c1",
    prompt_name = "p",
    prompt_version = "1",
    server_address = "localhost",
    server_port = 8080_u16,
    usage = |text: &::std::string::String| (text.len(), 1),
    ok_if = |text: &::std::string::String| !text.is_empty(),
)]
async fn richest(model: &str) -> ::std::string::String {
    ::std::string::ToString::to_string(model)
}

#[trace_llm_call(
    provider = "openai",
    operation = "embeddings",
    encoding_formats = ["float"],
    dimension_count = 256,
)]
fn embeddings() -> ::core::result::Result<(), ::std::string::String> {
    ::core::result::Result::Ok(())
}

#[trace_span(kind = "client")]
fn future() -> impl ::core::future::Future<Output = u32> {
    async { 1 }
}

#[trace_span(kind = "server")]
fn boxed() -> ::core::pin::Pin<::std::boxed::Box<dyn ::core::future::Future<Output = u32>>> {
    ::std::boxed::Box::pin(async { 1 })
}

#[trace_span]
fn r#match(r#type: u32, r#async: u32) -> u32 {
    r#type + r#async
}

#[trace_span(attributes(r#type, async = r#async))]
async fn raw(r#type: u32, r#async: u32, r#fn: u32) -> u32 {
    r#type + r#async + r#fn
}

#[trace_llm_call(provider = "local", usage = |chunk| (*chunk, 1), ok_if = |_| true)]
fn stream(count: u32) -> impl ::futures::Stream<Item = u32> {
    ::futures::stream::iter(0..count)
}

#[trace_llm_call(provider = "local", usage = |chunk| (*chunk, 1))]
async fn boxed_stream(
    count: u32,
) -> ::core::result::Result<::futures::stream::BoxStream<'static, u32>, ::std::string::String> {
    ::core::result::Result::Ok(::std::boxed::Box::pin(::futures::stream::iter(0..count)))
}

macro_rules! annotated {
    ($name:literal, $function:ident, $argument:ident, $value:expr, $returned:ty, $body:block, $blocking:block) => {
        #[trace_stage($name, kind = $value, attributes($argument, a = $value))]
        async fn $function($argument: u32) -> $returned $body

        mod blocking {
            #[::spanline::trace_stage($name, kind = $value)]
            pub(super) fn $function($argument: u32) -> $returned $blocking
        }
    };
}

annotated!("by macro", by_macro, number, "kind", u32, { 1 }, { number });

fn main() {}
