//! Runs a sink inside its span, which lasts until it is closed.

use std::pin::Pin;
use std::task::{Context as Task, Poll};

use futures_sink::Sink;
use pin_project_lite::pin_project;

use super::active::{Draft, Live};
use super::course::{Course, Pulse};
use super::ending::{Ending, read};
use super::outcome::Outcome;
use super::value::ValueRef;
use crate::semconv::attribute;

pin_project! {
    /// A sink and its span.
    ///
    /// The span starts with the first call, is attached to the OpenTelemetry `Context` in each, and
    /// ends when the sink has closed, by its panic or with its drop: ok if everything that was sent
    /// was flushed, else abandoned. An error makes the outcome an error. A sink that is never used
    /// leaves no span, unless what made it has one.
    #[must_use = "sinks do nothing unless polled"]
    pub struct TracedSink<S, C, U> {
        // Dropped in place, inside the span, when the sink is abandoned.
        #[pin]
        sink: Option<S>,
        settle: C,
        usage: U,
        course: Course<Intake>,
    }

    impl<S, C, U> PinnedDrop for TracedSink<S, C, U> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            this.course.leave(|| this.sink.set(None));
        }
    }
}

/// What is known of a sink that runs.
#[derive(Debug)]
struct Intake {
    live: Live,
    outcome: Outcome,
    sent: Sent,
}

/// What a sink was given, and what became of it.
#[derive(Debug, Default)]
pub(crate) struct Sent {
    items: u64,
    progress: Progress,
}

/// What a sink did last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Progress {
    /// It holds items, or was given none.
    #[default]
    Open,
    Flushed,
    Closing,
    Closed,
}

impl Sent {
    pub(super) fn write(&self, live: &Live) {
        let items = i64::try_from(self.items).unwrap_or(i64::MAX);
        live.write(|words| words.attribute(attribute::SINK_ITEMS, Some(ValueRef::Int(items))));
    }

    pub(super) fn is_closed(&self) -> bool {
        self.progress == Progress::Closed
    }

    fn is_flushed(&self) -> bool {
        self.progress == Progress::Flushed && self.items > 0
    }
}

/// What takes items.
pub(crate) trait Take: Pulse {
    /// Whether there is nothing more to come when it has closed.
    const ENDS_CLOSED: bool;
    fn sent(&mut self) -> &mut Sent;
}

impl<S, C, U> std::fmt::Debug for TracedSink<S, C, U> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("TracedSink").field("course", &self.course).finish_non_exhaustive()
    }
}

impl<S, C, U> TracedSink<S, C, U> {
    /// A sink that is an operation by itself.
    pub(crate) fn new(draft: Option<Draft>, sink: S, settle: C, usage: U) -> Self {
        Self { sink: Some(sink), settle, usage, course: Course::new(draft) }
    }

    /// A sink that an operation has returned, and that goes on with it.
    pub(crate) fn after(ending: Ending, sink: S, settle: C, usage: U) -> Self {
        Self { sink: Some(sink), settle, usage, course: Course::after(ending) }
    }
}

impl<S, I, C, U> Sink<I> for TracedSink<S, C, U>
where
    S: Sink<I>,
    C: FnMut(&Result<(), S::Error>, &mut Outcome),
    U: FnMut(&I, &mut Outcome),
{
    type Error = S::Error;

    fn poll_ready(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Result<(), S::Error>> {
        let this = self.project();
        this.course.sink_ready(this.sink.as_pin_mut(), task, this.settle)
    }

    fn start_send(self: Pin<&mut Self>, item: I) -> Result<(), S::Error> {
        let this = self.project();
        if let Some(intake) = this.course.pulse()
            && intake.outcome.is_wanted()
        {
            read(&mut intake.outcome, &mut |outcome| (this.usage)(&item, outcome));
            intake.live.tell(&mut intake.outcome);
        }
        this.course.sink_send(this.sink.as_pin_mut(), item, this.settle)
    }

    fn poll_flush(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Result<(), S::Error>> {
        let this = self.project();
        this.course.sink_flush(this.sink.as_pin_mut(), task, this.settle)
    }

    fn poll_close(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Result<(), S::Error>> {
        let this = self.project();
        this.course.sink_close(this.sink.as_pin_mut(), task, this.settle)
    }
}

/// The four calls of a sink. It is gone only when our own `drop` has dropped it; nobody calls it
/// after that.
impl<P: Take> Course<P> {
    pub(super) fn sink_ready<S: Sink<I>, I>(
        &mut self,
        sink: Option<Pin<&mut S>>,
        task: &mut Task<'_>,
        settle: impl FnMut(&Result<(), S::Error>, &mut Outcome),
    ) -> Poll<Result<(), S::Error>> {
        let Some(sink) = sink else { return Poll::Pending };
        let answer = self.run(|| sink.poll_ready(task));
        self.hear(&answer, settle);
        answer
    }

    pub(super) fn sink_send<S: Sink<I>, I>(
        &mut self,
        sink: Option<Pin<&mut S>>,
        item: I,
        settle: impl FnMut(&Result<(), S::Error>, &mut Outcome),
    ) -> Result<(), S::Error> {
        let Some(sink) = sink else { return Ok(()) };
        let answer = Poll::Ready(self.run(|| sink.start_send(item)));
        if self.hear(&answer, settle)
            && let Some(pulse) = self.pulse()
        {
            let sent = pulse.sent();
            sent.items += 1;
            sent.progress = Progress::Open;
        }
        match answer {
            Poll::Ready(answer) => answer,
            Poll::Pending => Ok(()),
        }
    }

    pub(super) fn sink_flush<S: Sink<I>, I>(
        &mut self,
        sink: Option<Pin<&mut S>>,
        task: &mut Task<'_>,
        settle: impl FnMut(&Result<(), S::Error>, &mut Outcome),
    ) -> Poll<Result<(), S::Error>> {
        let Some(sink) = sink else { return Poll::Pending };
        let answer = self.run(|| sink.poll_flush(task));
        if self.hear(&answer, settle)
            && let Some(pulse) = self.pulse()
        {
            let sent = pulse.sent();
            if sent.progress == Progress::Open {
                sent.progress = Progress::Flushed;
            }
        }
        answer
    }

    pub(super) fn sink_close<S: Sink<I>, I>(
        &mut self,
        sink: Option<Pin<&mut S>>,
        task: &mut Task<'_>,
        settle: impl FnMut(&Result<(), S::Error>, &mut Outcome),
    ) -> Poll<Result<(), S::Error>> {
        let Some(sink) = sink else { return Poll::Pending };
        let answer = self.run(|| sink.poll_close(task));
        let is_closed = self.hear(&answer, settle);
        if let Some(pulse) = self.pulse() {
            pulse.sent().progress = if is_closed { Progress::Closed } else { Progress::Closing };
        }
        if P::ENDS_CLOSED && answer.is_ready() {
            self.finish();
        }
        answer
    }

    /// Makes the first error the outcome; true for a success.
    fn hear<E>(
        &mut self,
        answer: &Poll<Result<(), E>>,
        mut settle: impl FnMut(&Result<(), E>, &mut Outcome),
    ) -> bool {
        let Poll::Ready(answer) = answer else { return false };
        if answer.is_err()
            && let Some(pulse) = self.pulse()
            && pulse.outcome().is_ok()
        {
            read(pulse.outcome(), &mut |outcome| settle(answer, outcome));
        }
        answer.is_ok()
    }
}

impl Pulse for Intake {
    fn new(live: Live, outcome: Outcome) -> Self {
        Self { live, outcome, sent: Sent::default() }
    }

    fn live(&self) -> &Live {
        &self.live
    }

    fn outcome(&mut self) -> &mut Outcome {
        &mut self.outcome
    }

    fn is_done(&self) -> bool {
        self.sent.is_flushed() || self.sent.is_closed()
    }

    fn settle(self) -> (Live, Outcome) {
        self.sent.write(&self.live);
        (self.live, self.outcome)
    }
}

impl Take for Intake {
    const ENDS_CLOSED: bool = true;

    fn sent(&mut self) -> &mut Sent {
        &mut self.sent
    }
}
