//! Each operation has the content that the conventions have for it.
use spanline::{trace_llm_call, trace_pipeline, trace_stage, trace_tool};

#[trace_stage(input_messages = "why?")]
//~           ^^^^^^^^^^^^^^ `input_messages` has no meaning for `#[trace_stage]`; it belongs to `#[trace_pipeline]`, `#[trace_llm_call]` and `#[trace_agent]`
fn stage() {}

#[trace_pipeline(prompt = "why?")]
//~              ^^^^^^ unknown argument `prompt`; did you mean `input_messages`?
fn pipeline() {}

#[trace_llm_call(provider = "openai", operation = embeddings, input_messages = "why?")]
//~                                                           ^^^^^^^^^^^^^^ `input_messages` has no meaning for `embeddings`; it belongs to `chat`, `text_completion` and `generate_content`
fn embed() {}

#[trace_llm_call(provider = "openai", tools = [])]
//~                                   ^^^^^ unknown argument `tools`; did you mean `tool_definitions`?
fn call() {}

#[trace_tool(args = 1)]
//~          ^^^^ unknown argument `args`; did you mean `call_arguments`?
fn tool() {}

#[trace_tool(call_result)]
//~          ^^^^^^^^^^^ `call_result` needs a value; write `call_result = …`
fn no_value() {}

fn main() {}
