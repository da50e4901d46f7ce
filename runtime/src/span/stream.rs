//! Runs a stream inside its span, which lasts to the last item.

use std::pin::Pin;
use std::task::{Context as Task, Poll};
use std::time::{Duration, Instant};

use futures_core::stream::{FusedStream, Stream};
use pin_project_lite::pin_project;

use super::active::{Draft, Live};
use super::course::{Course, Pulse};
use super::ending::{Ending, read};
use super::gaps::Gaps;
use super::outcome::Outcome;
use super::sink::{Sent, Take};
use super::value::ValueRef;
use crate::semconv::attribute;

pin_project! {
    /// A stream and its span.
    ///
    /// The span is attached to the OpenTelemetry `Context` on each poll, and ends with the stream:
    /// after its last item, by its panic, or, dropped before its end, as abandoned. An `Err` item
    /// makes the outcome an error. A stream that is never polled leaves no span, unless what made
    /// it has begun one.
    #[must_use = "streams do nothing unless polled"]
    pub struct TracedStream<S, C, U> {
        // Dropped in place, inside the span, when the stream is abandoned.
        #[pin]
        stream: Option<S>,
        settle: C,
        usage: U,
        course: Course<Chunks>,
    }

    impl<S, C, U> PinnedDrop for TracedStream<S, C, U> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            this.course.leave(|| this.stream.set(None));
        }
    }
}

/// What is known of a stream that runs.
#[derive(Debug)]
pub(super) struct Chunks {
    live: Live,
    outcome: Outcome,
    /// `None` where nothing is recorded: the span is there for its children to see the decision.
    started: Option<Instant>,
    count: u64,
    first: Option<Duration>,
    /// Of the last chunk, where the times between chunks are measured.
    last: Option<Instant>,
    gaps: Option<Box<Gaps>>,
    /// What went the other way, if it is a sink too.
    sent: Option<Sent>,
}

impl<S, C, U> std::fmt::Debug for TracedStream<S, C, U> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("TracedStream").field("course", &self.course).finish_non_exhaustive()
    }
}

impl<S, C, U> TracedStream<S, C, U> {
    /// A stream that is an operation by itself.
    pub(crate) fn new(draft: Option<Draft>, stream: S, settle: C, usage: U) -> Self {
        Self { stream: Some(stream), settle, usage, course: Course::new(draft) }
    }

    /// A stream that an operation has returned, and that goes on with it.
    pub(crate) fn after(ending: Ending, stream: S, settle: C, usage: U) -> Self {
        Self { stream: Some(stream), settle, usage, course: Course::after(ending) }
    }

    /// The stream itself, which is more than a stream.
    pub(super) fn parts(self: Pin<&mut Self>) -> (Option<Pin<&mut S>>, &mut Course<Chunks>) {
        let this = self.project();
        (this.stream.as_pin_mut(), this.course)
    }
}

impl<S, C, U> Stream for TracedStream<S, C, U>
where
    S: Stream,
    C: FnMut(&S::Item, &mut Outcome),
    U: FnMut(&S::Item, &mut Outcome),
{
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        let Some(stream) = this.stream.as_pin_mut() else {
            // Dropped by our own `drop` alone; nobody polls after that.
            return Poll::Ready(None);
        };
        let polled = this.course.run(|| stream.poll_next(task));
        match &polled {
            Poll::Pending => {}
            Poll::Ready(Some(item)) => {
                if let Some(chunks) = this.course.pulse()
                    && chunks.count()
                {
                    read(&mut chunks.outcome, &mut |outcome| {
                        // The first error is the outcome; what was used is still counted.
                        let first = outcome.take_failure();
                        if first.is_none() {
                            (this.settle)(item, outcome);
                        }
                        (this.usage)(item, outcome);
                        outcome.put_failure(first);
                    });
                    chunks.live.tell(&mut chunks.outcome);
                }
            }
            Poll::Ready(None) => this.course.finish(),
        }
        polled
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.stream.as_ref().map_or((0, Some(0)), Stream::size_hint)
    }
}

impl<S, C, U> FusedStream for TracedStream<S, C, U>
where
    S: FusedStream,
    C: FnMut(&S::Item, &mut Outcome),
    U: FnMut(&S::Item, &mut Outcome),
{
    fn is_terminated(&self) -> bool {
        self.stream.as_ref().is_none_or(FusedStream::is_terminated)
    }
}

impl Chunks {
    /// Counts a chunk; false where nothing is recorded.
    fn count(&mut self) -> bool {
        let Some(started) = self.started else { return false };
        self.count += 1;
        if let Some(last) = &mut self.last {
            let now = Instant::now();
            let gap = now.saturating_duration_since(*last);
            self.gaps.get_or_insert_with(|| Box::new(Gaps::new())).add(gap);
            *last = now;
        } else if self.count == 1 {
            let now = Instant::now();
            self.first = Some(now.saturating_duration_since(started));
            self.last = self.live.is_generation().then_some(now);
        }
        true
    }
}

impl Pulse for Chunks {
    fn new(live: Live, outcome: Outcome) -> Self {
        let started = live.started();
        Self { live, outcome, started, count: 0, first: None, last: None, gaps: None, sent: None }
    }

    fn live(&self) -> &Live {
        &self.live
    }

    fn outcome(&mut self) -> &mut Outcome {
        &mut self.outcome
    }

    fn is_done(&self) -> bool {
        self.sent.as_ref().is_some_and(Sent::is_closed)
    }

    fn settle(self) -> (Live, Outcome) {
        let is_generation = self.live.is_generation();
        let count = i64::try_from(self.count).unwrap_or(i64::MAX);
        self.live.write(|words| {
            words.attribute(attribute::STREAM_CHUNKS, Some(ValueRef::Int(count)));
            let first = self.first.map(|first| ValueRef::Float(first.as_secs_f64()));
            if is_generation {
                words.attribute(attribute::RESPONSE_TIME_TO_FIRST_CHUNK, first);
                words.attribute(attribute::REQUEST_STREAM, Some(ValueRef::Bool(true)));
                words.gaps(self.gaps);
            } else {
                words.attribute(attribute::STREAM_TIME_TO_FIRST_CHUNK, first);
            }
        });
        if let Some(sent) = &self.sent {
            sent.write(&self.live);
        }
        (self.live, self.outcome)
    }
}

impl Take for Chunks {
    /// What it sends may still be answered.
    const ENDS_CLOSED: bool = false;

    fn sent(&mut self) -> &mut Sent {
        self.sent.get_or_insert_default()
    }
}
