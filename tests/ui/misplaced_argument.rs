//! It says where the argument belongs.
use spanline::{trace_pipeline, trace_span, trace_stage};

#[trace_stage(session = "s")]
//~           ^^^^^^^ `session` has no meaning for `#[trace_stage]`; it belongs to `#[trace_pipeline]`
async fn retrieve() {}

#[trace_pipeline(temperature = 0.5)]
//~              ^^^^^^^^^^^ `temperature` has no meaning for `#[trace_pipeline]`; it belongs to `#[trace_llm_call]` and `#[trace_agent]`
async fn answer() {}

#[trace_span(conversation = "c")]
//~          ^^^^^^^^^^^^ `conversation` has no meaning for `#[trace_span]`; it belongs to `#[trace_pipeline]`, `#[trace_llm_call]`, `#[trace_agent]` and `#[trace_tool]`
async fn parse() {}

#[trace_stage(tenant = "t", prompt_name = "p")]
//~           ^^^^^^ `tenant` has no meaning for `#[trace_stage]`; it belongs to `#[trace_pipeline]`
//~                         ^^^^^^^^^^^ `prompt_name` has no meaning for `#[trace_stage]`; it belongs to `#[trace_pipeline]` and `#[trace_llm_call]`
async fn rank() {}

#[trace_pipeline(tenant_id = "t", metadata(a = 1))]
//~              ^^^^^^^^^ unknown argument `tenant_id`; did you mean `tenant`?
//~                               ^^^^^^^^ unknown argument `metadata`; did you mean `properties`?
async fn ask() {}

#[trace_pipeline(properties(region = "eu", region = "us"))]
//~                                        ^^^^^^ `region` is given twice
async fn tell() {}

fn main() {}
