//! A function of the returned value that finds a reply in it.
use spanline::{trace_llm_call, trace_stage};

#[trace_llm_call(provider = "openai", response = |reply: &String| reply.len())]
//~                                              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `usize` cannot be read as the reply of a model: does not implement `LlmResponse`
async fn complete() -> Result<String, String> { Ok(String::new()) }

#[trace_stage(response = |reply| reply)]
//~           ^^^^^^^^ `response` has no meaning for `#[trace_stage]`; it belongs to `#[trace_llm_call]` and `#[trace_agent]`
async fn stage() {}

fn main() {}
