//! Without `=`.
use spanline::trace_llm_call;

#[trace_llm_call(provider = "openai", temperature)]
//~                                   ^^^^^^^^^^^ `temperature` needs a value; write `temperature = …`
async fn complete() {}

#[trace_llm_call(provider = "openai", top_p(1))]
//~                                   ^^^^^ `top_p` needs a value; write `top_p = …`
async fn again() {}

fn main() {}
