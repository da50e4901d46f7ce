//! An operation that has given a value, and what the value says of it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use opentelemetry::Context;

use super::active::Live;
use super::active::provisional::Provisional;
use super::detail::Wanted;
use super::future::panic_message;
use super::outcome::Outcome;
use crate::semconv::error_type;

/// The span of an operation that has given a value: to be ended, or handed on to a stream.
#[derive(Debug)]
#[must_use = "unless it is ended or handed on, the span is lost"]
pub struct Ending(Option<Given>);

/// Where anything is recorded, or some `Context` has to say that nothing is.
#[derive(Debug)]
struct Given {
    begun: Begun,
    outcome: Outcome,
}

/// How far an operation is.
#[derive(Debug)]
pub(crate) enum Begun {
    /// Open for what its function does; its own work has not begun.
    Ready(Box<Provisional>),
    Open(Live),
}

impl Begun {
    /// What the operation runs in.
    pub(crate) fn context(&self) -> &Context {
        match self {
            Self::Ready(provisional) => provisional.context(),
            Self::Open(live) => live.context(),
        }
    }

    fn wanted(&self) -> Wanted {
        match self {
            Self::Ready(provisional) => provisional.wanted(),
            Self::Open(live) => live.wanted(),
        }
    }

    fn into_live(self) -> Live {
        match self {
            Self::Ready(provisional) => provisional.keep(),
            Self::Open(live) => live,
        }
    }

    /// The operation panicked instead of giving a value.
    pub(crate) fn panic(self, message: &str) {
        self.into_live().panic(message);
    }
}

impl Ending {
    /// `None` where nothing is recorded.
    #[inline]
    pub(crate) fn new(begun: Option<Begun>) -> Self {
        Self(begun.map(Given::new))
    }

    /// Reads the outcome by what the user wrote for it. That this panics is no reason to take the
    /// value away.
    pub fn read(mut self, settle: impl FnOnce(&mut Outcome)) -> Self {
        if let Some(Given { outcome, .. }) = &mut self.0
            && outcome.is_wanted()
        {
            let mut settle = Some(settle);
            read(outcome, &mut |outcome| {
                if let Some(settle) = settle.take() {
                    settle(outcome);
                }
            });
        }
        self
    }

    pub(crate) fn is_off(&self) -> bool {
        self.0.is_none()
    }

    /// Ends the span as the value says.
    #[inline]
    pub(crate) fn end<T>(self, output: T, settle: impl FnOnce(&T, &mut Outcome)) -> T {
        if self.0.is_some() {
            self.read(|outcome| settle(&output, outcome)).finish();
        }
        output
    }

    /// Ends the span.
    pub(crate) fn finish(self) {
        if let Some(Given { begun, outcome }) = self.0 {
            begun.into_live().finish(outcome);
        }
    }

    /// `None` where nothing is recorded.
    pub(crate) fn into_parts(self) -> Option<(Begun, Outcome)> {
        self.0.map(|Given { begun, outcome }| (begun, outcome))
    }
}

impl Given {
    fn new(begun: Begun) -> Self {
        let outcome = Outcome::new(begun.wanted());
        Self { begun, outcome }
    }
}

/// Not generic, so that what unwinds is compiled once.
pub(crate) fn read(outcome: &mut Outcome, settle: &mut dyn FnMut(&mut Outcome)) {
    let read = catch_unwind(AssertUnwindSafe(|| settle(outcome)));
    if let Err(panic) = read
        && outcome.is_ok()
    {
        outcome.fail(error_type::PANIC, panic_message(&*panic));
    }
}
