//! Runs a stream that is a sink too, such as a connection, inside one span.

use std::pin::Pin;
use std::task::{Context as Task, Poll};

use futures_core::stream::{FusedStream, Stream};
use futures_sink::Sink;
use pin_project_lite::pin_project;

use super::ending::Ending;
use super::outcome::Outcome;
use super::stream::TracedStream;

pin_project! {
    /// A stream that is a sink, and its span.
    ///
    /// The span is that of the stream, and what is sent is counted in it. Dropped before the last
    /// item of the stream it is abandoned, unless it was closed.
    #[must_use = "streams do nothing unless polled"]
    pub struct TracedDuplex<S, C, U, E> {
        #[pin]
        stream: TracedStream<S, C, U>,
        settle: E,
    }
}

impl<S, C, U, E> std::fmt::Debug for TracedDuplex<S, C, U, E> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("TracedDuplex").field("stream", &self.stream).finish_non_exhaustive()
    }
}

impl<S, C, U, E> TracedDuplex<S, C, U, E> {
    /// What an operation has returned, and that goes on with it.
    pub(crate) fn after(ending: Ending, duplex: S, item: C, usage: U, settle: E) -> Self {
        Self { stream: TracedStream::after(ending, duplex, item, usage), settle }
    }
}

impl<S, C, U, E> Stream for TracedDuplex<S, C, U, E>
where
    S: Stream,
    C: FnMut(&S::Item, &mut Outcome),
    U: FnMut(&S::Item, &mut Outcome),
{
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Option<S::Item>> {
        self.project().stream.poll_next(task)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.stream.size_hint()
    }
}

impl<S, C, U, E> FusedStream for TracedDuplex<S, C, U, E>
where
    S: FusedStream,
    C: FnMut(&S::Item, &mut Outcome),
    U: FnMut(&S::Item, &mut Outcome),
{
    fn is_terminated(&self) -> bool {
        self.stream.is_terminated()
    }
}

impl<S, I, C, U, E> Sink<I> for TracedDuplex<S, C, U, E>
where
    S: Sink<I>,
    E: FnMut(&Result<(), S::Error>, &mut Outcome),
{
    type Error = S::Error;

    fn poll_ready(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Result<(), S::Error>> {
        let this = self.project();
        let (sink, course) = this.stream.parts();
        course.sink_ready(sink, task, this.settle)
    }

    fn start_send(self: Pin<&mut Self>, item: I) -> Result<(), S::Error> {
        let this = self.project();
        let (sink, course) = this.stream.parts();
        course.sink_send(sink, item, this.settle)
    }

    fn poll_flush(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Result<(), S::Error>> {
        let this = self.project();
        let (sink, course) = this.stream.parts();
        course.sink_flush(sink, task, this.settle)
    }

    fn poll_close(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Result<(), S::Error>> {
        let this = self.project();
        let (sink, course) = this.stream.parts();
        course.sink_close(sink, task, this.settle)
    }
}
