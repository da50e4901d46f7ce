//! The parameters are gone when the value is returned.
use spanline::trace_llm_call;

#[trace_llm_call(provider = "openai", usage = |text: &String| (text.len() - prompt.len(), 1))]
//~                                                                         ^^^^^^ cannot find value `prompt` in this scope
async fn complete(prompt: String) -> String { prompt }

fn main() {}
