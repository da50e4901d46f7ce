//! What is wrapped is a stream, and nothing else.
use futures::stream::{self, Stream};
use spanline::trace_stage;

#[trace_stage]
fn cloned() -> impl Stream<Item = u32> + Clone { stream::iter([1]) }
//~            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the trait bound `TracedStream<Iter<IntoIter<u32, 1>>, {closure@...}, ...>: Clone` is not satisfied

fn main() {}
