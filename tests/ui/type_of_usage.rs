//! A function of the returned value that tells two counts.
use spanline::trace_llm_call;

#[trace_llm_call(provider = "openai", usage = |reply: &String| reply.as_str())]
//~                                           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `&str` does not tell a token usage: expected `Usage`, a pair of integers, or an `Option` of one
async fn complete() -> Result<String, String> { Ok(String::new()) }

fn main() {}
