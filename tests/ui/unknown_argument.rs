//! A near name is suggested.
use spanline::trace_llm_call;

#[trace_llm_call(provder = "openai", provider = "openai")]
//~              ^^^^^^^ unknown argument `provder`; did you mean `provider`?
async fn complete() {}

fn main() {}
