//! What generates has its arguments.
use spanline::trace_llm_call;

#[trace_llm_call(provider = "openai", operation = "embeddings", temperature = 0.5)]
//~                                                             ^^^^^^^^^^^ `temperature` has no meaning for `embeddings`; it belongs to `chat`, `text_completion` and `generate_content`
async fn embed() {}

fn main() {}
