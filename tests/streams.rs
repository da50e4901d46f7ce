//! Streams: a span lasts to the last item, wherever the stream goes.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::unused_async,
    clippy::unnecessary_wraps,
    reason = "programs as users write them"
)]

#[path = "streams/builders.rs"]
mod builders;
#[path = "streams/chunks.rs"]
mod chunks;
#[path = "streams/context.rs"]
mod context;
#[path = "streams/inside.rs"]
mod inside;
#[path = "streams/outcomes.rs"]
mod outcomes;
#[path = "streams/shapes.rs"]
mod shapes;
#[path = "streams/usage.rs"]
mod usage;

use futures::stream::{self, Stream, StreamExt as _};
use spanline::trace_span;

/// What a span tells of its stream.
const KEYS: [&str; 2] = ["error.type", "spanline.stream.chunks"];

/// Work for one item.
#[trace_span]
async fn work(number: u32) -> u32 {
    tokio::task::yield_now().await;
    number
}

/// `0, 1, …`, each worked for when it is asked for.
fn numbers(count: u32) -> impl Stream<Item = u32> + Send {
    stream::iter(0..count).then(work)
}
