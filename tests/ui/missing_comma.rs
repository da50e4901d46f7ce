//! Between two arguments.
use spanline::trace_llm_call;

#[trace_llm_call(provider = "openai" model = "gpt-4o-mini")]
//~                                  ^^^^^ expected `,`
async fn complete() {}

fn main() {}
