//! Items of another type than the signature says are told at the signature.
use futures::stream::{self, BoxStream, Stream};
use spanline::trace_stage;

struct Source;

impl Source {
    #[trace_stage]
    fn opaque() -> impl Stream<Item = u32> {
//~                ^^^^^^^^^^^^^^^^^^^^^^^ type mismatch resolving `<TracedStream<Iter<...>, ..., ...> as Stream>::Item == u32`: expected `u32`, found `&str`
        stream::iter(["one"])
    }

    #[trace_stage]
    async fn later() -> Result<impl Stream<Item = u32>, String> {
//~                     ^^^^^^ type mismatch resolving `<TracedStream<Iter<...>, ..., ...> as Stream>::Item == u32`: expected `u32`, found `&str`
        Ok(stream::iter(["one"]))
    }

    #[trace_stage]
    fn boxed() -> BoxStream<'static, u32> {
        Box::pin(stream::iter(["one"]))
//~     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ type mismatch resolving `<Iter<IntoIter<&str, 1>> as Stream>::Item == u32`: expected `u32`, found `&str`
    }
}

fn main() {
    let _ = (Source::opaque(), Source::later(), Source::boxed());
}
