//! A function of each item that tells two counts.
use futures::stream::{self, BoxStream, Stream};
use spanline::trace_llm_call;

#[trace_llm_call(provider = "openai", usage = |chunk| chunk.len())]
//~                                           ^^^^^^^^^^^^^^^^^^^ `usize` does not tell a token usage
fn complete() -> impl Stream<Item = String> { stream::empty() }

#[trace_llm_call(provider = "openai", usage = |chunk: &Result<String, String>| (1_u8, 1_u8))]
//~                                           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ type mismatch in closure arguments: expected due to this
async fn again() -> Result<BoxStream<'static, Result<String, String>>, String> {
    Ok(Box::pin(stream::empty()))
}

fn main() {}
