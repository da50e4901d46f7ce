//! What embeds has its own.
use spanline::trace_llm_call;

#[trace_llm_call(provider = "openai", dimension_count = 256)]
//~                                   ^^^^^^^^^^^^^^^ `dimension_count` has no meaning for `chat`; it belongs to `embeddings`
async fn complete() {}

fn main() {}
