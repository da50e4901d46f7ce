//! A flag of the request.
use spanline::trace_llm_call;

#[trace_llm_call(provider = "openai", stream = 1)]
//~                                            ^ expected `true` or `false`, found `{integer}`: not a `bool`
async fn complete() {}

fn main() {}
