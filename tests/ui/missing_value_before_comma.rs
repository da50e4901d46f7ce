//! In the middle.
use spanline::trace_llm_call;

#[trace_llm_call(provider = "openai", temperature = , top_p = 1)]
//~                                   ^^^^^^^^^^^ `temperature` needs a value; write `temperature = …`
async fn complete() {}

fn main() {}
