//! The second one is at fault.
use spanline::trace_llm_call;

#[trace_llm_call(provider = "openai", model = "a", model = "b")]
//~                                                ^^^^^ `model` is given twice
async fn complete() {}

fn main() {}
