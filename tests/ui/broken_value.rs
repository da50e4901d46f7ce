//! Half an expression.
use spanline::trace_llm_call;

#[trace_llm_call(provider = "openai", temperature = 0.5 +, top_p = 1)]
//~                                                      ^ expected an expression
async fn complete() {}

fn main() {}
