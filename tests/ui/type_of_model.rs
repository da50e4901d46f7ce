//! A struct is no text.
use spanline::trace_llm_call;

struct Model;

#[trace_llm_call(provider = "openai", model = Model)]
//~                                           ^^^^^ expected text, found `Model`: not a string
async fn complete() {}

fn main() {}
