//! Where two things meet: streams in streams, agents that are left, futures that break when they are
//! dropped, calls that run side by side.
#![allow(clippy::panic, clippy::unwrap_used, reason = "programs as users write them")]

#[path = "seams/drops.rs"]
mod drops;
#[path = "seams/streams.rs"]
mod streams;
#[path = "seams/together.rs"]
mod together;

use std::panic::resume_unwind;

use futures::stream::{self, Stream, StreamExt as _};
use spanline::{trace_llm_call, trace_tool};

/// What a span tells of its calls and its stream.
const KEYS: [&str; 4] = [
    "error.type",
    "spanline.agent.inference_calls",
    "spanline.agent.tool_calls",
    "spanline.stream.chunks",
];

#[trace_tool]
async fn look_up() {
    tokio::task::yield_now().await;
}

#[trace_llm_call(provider = "local", model = "m")]
fn complete(count: u32) -> impl Stream<Item = u32> + Send + Unpin {
    Box::pin(stream::iter(0..count).then(async |number| {
        look_up().await;
        number
    }))
}

/// A panic that the hook does not print.
fn broke() -> ! {
    resume_unwind(Box::new("broke"))
}
