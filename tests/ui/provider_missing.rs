//! The only argument that must be given.
use spanline::trace_llm_call;

#[trace_llm_call]
async fn complete() {}
//~      ^^^^^^^^ `#[trace_llm_call]` needs `provider`; write `provider = "openai"`

#[trace_llm_call("chat", model = "gpt-4o-mini")]
fn again() {}
//~^^^^^ `#[trace_llm_call]` needs `provider`; write `provider = "openai"`

fn main() {}
