//! A closed set.
use spanline::trace_llm_call;

#[trace_llm_call(provider = "openai", operation = "chta")]
//~                                               ^^^^^^ unknown operation `chta`; did you mean `chat`?
async fn complete() {}

fn main() {}
