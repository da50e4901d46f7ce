//! A list of texts.
use spanline::trace_llm_call;

#[trace_llm_call(provider = "openai", stop_sequences = 1)]
//~                                                    ^ expected a list of texts, found `{integer}`: not an array, slice or `Vec` of strings
async fn complete() {}

fn main() {}
