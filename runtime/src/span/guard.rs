//! A span that is started and ended by hand.

use std::borrow::Cow;

use opentelemetry::Context;

use super::active::Live;
use super::ambient::{self, Attachment, attach};
use super::current::Current;
use super::detail::Wanted;
use super::outcome::Outcome;
use super::probe::RecordError;
use super::value::AttributeValue;
use crate::usage::reply::LlmResponse;
use crate::usage::tokens::IntoUsage;

/// An open span, for flow that is neither one future nor one closure.
///
/// It can move between threads and tasks, and is not attached by itself: [`attach`](Self::attach)
/// makes what follows on this thread its child. End it with [`end`](Self::end) or
/// [`fail`](Self::fail); dropped without either, the work was left half-way and the outcome is
/// `cancelled`.
///
/// ```
/// use spanline::Stage;
///
/// let span = Stage::new("merge").start();
/// {
///     let _attached = span.attach();
///     // spans started here are its children
/// }
/// span.set("documents", 3);
/// span.end();
/// ```
#[derive(Debug)]
#[must_use = "dropped at once, the span ends at once, as cancelled"]
pub struct SpanGuard {
    live: Option<Live>,
    current: Current,
    outcome: Outcome,
}

/// Keeps a span or a scope current on this thread; it cannot leave the thread.
#[derive(Debug)]
#[must_use = "dropped at once, it is current no longer"]
pub struct Attached {
    _attachment: Option<Attachment>,
}

impl Attached {
    pub(crate) fn new(attachment: Option<Attachment>) -> Self {
        Self { _attachment: attachment }
    }
}

impl SpanGuard {
    pub(crate) fn new(live: Option<Live>) -> Self {
        let current = live.as_ref().map_or_else(Current::none, |live| Current::of(live.context()));
        let wanted = live.as_ref().map_or(Wanted::NOTHING, Live::wanted);
        Self { live, current, outcome: Outcome::new(wanted) }
    }

    /// Makes the span current on this thread until the returned guard is dropped.
    pub fn attach(&self) -> Attached {
        Attached::new(self.live.as_ref().map(|live| attach(live.context())))
    }

    /// The OpenTelemetry context that this span is in: the parent for work elsewhere.
    pub fn context(&self) -> Context {
        self.live.as_ref().map_or_else(ambient::current, |live| live.context().clone())
    }

    /// The handle to write through; see [`current`](crate::current).
    pub fn handle(&self) -> &Current {
        &self.current
    }

    /// Sets an attribute; the last value of a key wins.
    pub fn set(&self, key: impl Into<Cow<'static, str>>, value: impl AttributeValue) {
        self.current.set(key, value);
    }

    /// Records what was consumed, however the span ends.
    pub fn usage(&self, usage: impl IntoUsage) {
        self.current.usage(usage);
    }

    /// Reads a model's reply, or the next chunk of one; it is recorded however the span ends.
    pub fn response(&mut self, response: &(impl LlmResponse + ?Sized)) {
        if self.live.is_some() {
            self.outcome.response(response);
        }
    }

    /// Ends the span: the work was done.
    pub fn end(mut self) {
        self.finish();
    }

    /// Ends the span: the work failed with this error.
    pub fn fail<E: RecordError<M>, M>(mut self, error: &E) {
        error.record(&mut self.outcome);
        self.finish();
    }

    /// Ends the span as the result says.
    pub fn end_with<T, E: RecordError<M>, M>(self, result: &Result<T, E>) {
        match result {
            Ok(_) => self.end(),
            Err(error) => self.fail(error),
        }
    }

    fn finish(&mut self) {
        if let Some(live) = self.live.take() {
            live.finish(std::mem::take(&mut self.outcome));
        }
    }
}

impl Drop for SpanGuard {
    fn drop(&mut self) {
        if let Some(live) = self.live.take() {
            let outcome = std::mem::take(&mut self.outcome);
            if std::thread::panicking() {
                live.panic_after(outcome, "panicked");
            } else {
                live.cancel_after(outcome);
            }
        }
    }
}
