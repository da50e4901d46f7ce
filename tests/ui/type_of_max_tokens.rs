//! A count is an integer.
use spanline::trace_llm_call;

#[trace_llm_call(provider = "openai", max_tokens = 0.5)]
//~                                                ^^^ expected an integer, found `{float}`: not an integer
async fn complete() {}

fn main() {}
