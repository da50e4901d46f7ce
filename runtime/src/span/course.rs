//! How far a value is that lives on with its span after it was returned: a stream, a sink or both.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use super::active::provisional::Provisional;
use super::active::{Draft, Live};
use super::ambient::attach;
use super::detail::Wanted;
use super::ending::{Begun, Ending};
use super::future::panic_message;
use super::outcome::Outcome;

/// From an operation that may never begin to one that has ended.
#[derive(Debug)]
pub(crate) enum Course<P> {
    /// Nothing is recorded.
    Off,
    Waiting(Draft, Outcome),
    /// Open for what its function did.
    Ready(Box<Provisional>, Outcome),
    Open(Box<P>),
    Over,
}

/// What is known of it while it runs.
pub(crate) trait Pulse {
    fn new(live: Live, outcome: Outcome) -> Self;
    fn live(&self) -> &Live;
    fn outcome(&mut self) -> &mut Outcome;
    /// Whether nothing is lost when it is dropped now.
    fn is_done(&self) -> bool;
    /// Writes what was counted; what is left ends the span.
    fn settle(self) -> (Live, Outcome);
}

impl<P: Pulse> Course<P> {
    /// Of an operation by itself.
    pub(crate) fn new(draft: Option<Draft>) -> Self {
        draft.map_or(Self::Off, |mut draft| {
            draft.settle_parent();
            Self::Waiting(draft, Outcome::default())
        })
    }

    /// Of what an operation has returned, and goes on with it.
    pub(crate) fn after(ending: Ending) -> Self {
        let Some((begun, outcome)) = ending.into_parts() else { return Self::Off };
        match begun {
            Begun::Ready(span) if !span.is_kept() => Self::Ready(span, outcome),
            Begun::Ready(span) => Self::Open(Box::new(P::new(span.keep(), outcome))),
            Begun::Open(live) => Self::Open(Box::new(P::new(live, outcome))),
        }
    }

    /// Does a part of the work inside the span, which starts with the first.
    pub(crate) fn run<T>(&mut self, work: impl FnOnce() -> T) -> T {
        self.open();
        let Self::Open(pulse) = self else { return work() };
        let done = {
            let _attached = attach(pulse.live().context());
            catch_unwind(AssertUnwindSafe(work))
        };
        done.unwrap_or_else(|panic| {
            self.panic(&panic_message(&*panic));
            resume_unwind(panic)
        })
    }

    /// While it runs.
    pub(crate) fn pulse(&mut self) -> Option<&mut P> {
        match self {
            Self::Open(pulse) => Some(pulse),
            _ => None,
        }
    }

    pub(crate) fn finish(&mut self) {
        if let Self::Open(pulse) = std::mem::replace(self, Self::Over) {
            let (live, outcome) = pulse.settle();
            live.finish(outcome);
        }
    }

    /// Its value goes; `drop` drops it, inside the span.
    pub(crate) fn leave(&mut self, drop: impl FnOnce()) {
        match std::mem::replace(self, Self::Over).left() {
            Self::Open(pulse) => {
                let dropped = {
                    let _attached = attach(pulse.live().context());
                    catch_unwind(AssertUnwindSafe(drop))
                };
                let is_done = pulse.is_done();
                let (live, outcome) = pulse.settle();
                match dropped {
                    Ok(()) if is_done => live.finish(outcome),
                    Ok(()) => live.abandon(outcome),
                    Err(panic) => {
                        live.panic_after(outcome, &panic_message(&*panic));
                        resume_unwind(panic)
                    }
                }
            }
            Self::Off | Self::Waiting(..) | Self::Ready(..) | Self::Over => {}
        }
    }

    /// Nobody uses it any more: what has not begun by now came to nothing.
    fn left(self) -> Self {
        match self {
            Self::Ready(span, outcome) => {
                span.leave().map_or(Self::Over, |live| Self::Open(Box::new(P::new(live, outcome))))
            }
            course => course,
        }
    }

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
            *self = Self::Open(Box::new(P::new(live, outcome)));
        }
    }

    fn panic(&mut self, message: &str) {
        if let Self::Open(pulse) = std::mem::replace(self, Self::Over) {
            let (live, outcome) = pulse.settle();
            live.panic_after(outcome, message);
        }
    }
}
