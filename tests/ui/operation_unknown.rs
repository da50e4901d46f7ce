//! A closed set.
use spanline::trace_llm_call;

#[trace_llm_call(provider = "openai", operation = "chta")]
//~                                               ^^^^^^ unknown operation `chta`; did you mean `chat`?
async fn complete() {}

#[trace_llm_call(provider = "openai", operation = embedding)]
//~                                               ^^^^^^^^^ unknown operation `embedding`; did you mean `embeddings`?
async fn embed() {}

fn main() {}
