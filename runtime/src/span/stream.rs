//! Runs a stream inside its span, which lasts to the last item.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::task::{Context as Task, Poll};
use std::time::{Duration, Instant};

use futures_core::stream::{FusedStream, Stream};
use pin_project_lite::pin_project;

use super::active::provisional::Provisional;
use super::active::{Draft, Live};
use super::ambient::attach;
use super::detail::Wanted;
use super::ending::{Begun, Ending, read};
use super::future::panic_message;
use super::gaps::Gaps;
use super::outcome::Outcome;

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
        course: Course,
    }

    impl<S, C, U> PinnedDrop for TracedStream<S, C, U> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            match std::mem::replace(this.course, Course::Over).left() {
                Course::Open(pulse) => {
                    let dropped = {
                        let _attached = attach(pulse.live.context());
                        catch_unwind(AssertUnwindSafe(|| this.stream.set(None)))
                    };
                    match dropped {
                        Ok(()) => pulse.abandon(),
                        Err(panic) => {
                            pulse.panic(&panic_message(&*panic));
                            resume_unwind(panic)
                        }
                    }
                }
                Course::Off | Course::Waiting(..) | Course::Ready(..) | Course::Over => {}
            }
        }
    }
}

/// How far a stream is.
#[derive(Debug)]
enum Course {
    /// Nothing is recorded.
    Off,
    Waiting(Draft, Outcome),
    /// Open for what its function did.
    Ready(Box<Provisional>, Outcome),
    Open(Box<Pulse>),
    Over,
}

/// What is known of a stream that runs.
#[derive(Debug)]
struct Pulse {
    live: Live,
    outcome: Outcome,
    /// `None` where nothing is recorded: the span is there for its children to see the decision.
    started: Option<Instant>,
    chunks: u64,
    first: Option<Duration>,
    /// Of the last chunk, where the times between chunks are measured.
    last: Option<Instant>,
    gaps: Option<Box<Gaps>>,
}

impl<S, C, U> std::fmt::Debug for TracedStream<S, C, U> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("TracedStream").field("course", &self.course).finish_non_exhaustive()
    }
}

impl<S, C, U> TracedStream<S, C, U> {
    /// A stream that is an operation by itself.
    pub(crate) fn new(draft: Option<Draft>, stream: S, settle: C, usage: U) -> Self {
        let course = draft.map_or(Course::Off, |mut draft| {
            draft.settle_parent();
            Course::Waiting(draft, Outcome::default())
        });
        Self { stream: Some(stream), settle, usage, course }
    }

    /// A stream that an operation has returned, and that goes on with it.
    pub(crate) fn after(ending: Ending, stream: S, settle: C, usage: U) -> Self {
        let (begun, outcome) = ending.into_parts();
        let course = match begun {
            Begun::Off => Course::Off,
            Begun::Ready(span) if !span.is_kept() => Course::Ready(span, outcome),
            Begun::Ready(span) => Course::Open(Box::new(Pulse::new(span.keep(), outcome))),
            Begun::Open(live) => Course::Open(Box::new(Pulse::new(live, outcome))),
        };
        Self { stream: Some(stream), settle, usage, course }
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
        let Some(mut stream) = this.stream.as_pin_mut() else {
            // Dropped by our own `drop` alone; nobody polls after that.
            return Poll::Ready(None);
        };
        this.course.open();
        let Course::Open(pulse) = this.course else {
            return stream.poll_next(task);
        };
        let polled = {
            let _attached = attach(pulse.live.context());
            catch_unwind(AssertUnwindSafe(|| stream.as_mut().poll_next(task)))
        };
        match polled {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(Some(item))) => {
                if pulse.count() {
                    read(&mut pulse.outcome, |outcome| {
                        // The first error is the outcome; what was used is still counted.
                        let first = outcome.take_failure();
                        if first.is_none() {
                            (this.settle)(&item, outcome);
                        }
                        (this.usage)(&item, outcome);
                        outcome.put_failure(first);
                    });
                    pulse.live.tell(&mut pulse.outcome);
                }
                Poll::Ready(Some(item))
            }
            Ok(Poll::Ready(None)) => {
                this.course.close(|pulse| pulse.finish());
                Poll::Ready(None)
            }
            Err(panic) => {
                this.course.close(|pulse| pulse.panic(&panic_message(&*panic)));
                resume_unwind(panic)
            }
        }
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

impl Course {
    fn open(&mut self) {
        if !matches!(self, Self::Waiting(..) | Self::Ready(..)) {
            return;
        }
        let (live, mut outcome) = match std::mem::replace(self, Self::Off) {
            Self::Waiting(draft, outcome) => (draft.start(), outcome),
            Self::Ready(span, outcome) => (Some(span.begin()), outcome),
            Self::Off | Self::Open(_) | Self::Over => return,
        };
        outcome.want(live.as_ref().map_or(Wanted::NOTHING, Live::wanted));
        if let Some(live) = live {
            *self = Self::Open(Box::new(Pulse::new(live, outcome)));
        }
    }

    /// Nobody polls it any more: what has not begun by now came to nothing.
    fn left(self) -> Self {
        match self {
            Self::Ready(span, outcome) => span
                .leave()
                .map_or(Self::Over, |live| Self::Open(Box::new(Pulse::new(live, outcome)))),
            course => course,
        }
    }

    fn close(&mut self, end: impl FnOnce(Box<Pulse>)) {
        if let Self::Open(pulse) = std::mem::replace(self, Self::Over) {
            end(pulse);
        }
    }
}

impl Pulse {
    fn new(live: Live, outcome: Outcome) -> Self {
        let started = live.started();
        Self { live, outcome, started, chunks: 0, first: None, last: None, gaps: None }
    }

    /// Counts a chunk; false where nothing is recorded.
    fn count(&mut self) -> bool {
        let Some(started) = self.started else { return false };
        self.chunks += 1;
        if let Some(last) = &mut self.last {
            let now = Instant::now();
            let gap = now.saturating_duration_since(*last);
            self.gaps.get_or_insert_with(|| Box::new(Gaps::new())).add(gap);
            *last = now;
        } else if self.chunks == 1 {
            let now = Instant::now();
            self.first = Some(now.saturating_duration_since(started));
            self.last = self.live.is_generation().then_some(now);
        }
        true
    }

    /// Writes what the chunks said; what is left ends the span.
    fn settle(self) -> (Live, Outcome) {
        self.live.chunks(self.chunks, self.first, self.gaps);
        (self.live, self.outcome)
    }

    fn finish(self) {
        let (live, outcome) = self.settle();
        live.finish(outcome);
    }

    fn abandon(self) {
        let (live, outcome) = self.settle();
        live.abandon(outcome);
    }

    fn panic(self, message: &str) {
        let (live, outcome) = self.settle();
        live.panic_after(outcome, message);
    }
}
