//! The value is at fault.
use spanline::trace_llm_call;

#[trace_llm_call(provider = "openai", temperature = "hot")]
//~                                                 ^^^^^ expected a number, found `str`: not a number
async fn complete() {}

fn main() {}
