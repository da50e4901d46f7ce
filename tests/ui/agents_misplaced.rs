//! An agent asks no model by itself, and a tool asks none at all.
use spanline::{trace_agent, trace_retrieval, trace_tool};

#[trace_agent("researcher", top_k = 5)]
//~                         ^^^^^ `top_k` has no meaning for `#[trace_agent]`; it belongs to `#[trace_llm_call]` and `#[trace_retrieval]`
async fn research() {}

#[trace_tool("search", temperature = 0.5)]
//~                    ^^^^^^^^^^^ `temperature` has no meaning for `#[trace_tool]`; it belongs to `#[trace_llm_call]` and `#[trace_agent]`
fn search() {}

#[trace_retrieval(call_id = "1")]
//~               ^^^^^^^ `call_id` has no meaning for `#[trace_retrieval]`; it belongs to `#[trace_tool]`
async fn retrieve() {}

fn main() {}
