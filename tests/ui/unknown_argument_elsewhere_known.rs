//! Names of other libraries are understood, and ours is told.
use spanline::{trace_llm_call, trace_stage};

#[trace_stage(fields(question = 1))]
//~           ^^^^^^ unknown argument `fields`; did you mean `attributes`?
async fn retrieve() {}

#[trace_llm_call(system = "openai", provider = "openai", stop = ["a"])]
//~              ^^^^^^ unknown argument `system`; did you mean `provider`?
//~                                                      ^^^^ unknown argument `stop`; did you mean `stop_sequences`?
async fn complete() {}

fn main() {}
