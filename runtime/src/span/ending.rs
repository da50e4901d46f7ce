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
pub struct Ending {
    begun: Begun,
    /// Where anything is recorded.
    outcome: Option<Outcome>,
}

/// How far an operation is.
#[derive(Debug)]
pub(crate) enum Begun {
    /// Nothing is recorded.
    Off,
    /// Open for what its function does; its own work has not begun.
    Ready(Box<Provisional>),
    Open(Live),
}

impl Begun {
    /// What the operation runs in.
    pub(crate) fn context(&self) -> Option<&Context> {
        match self {
            Self::Off => None,
            Self::Ready(provisional) => Some(provisional.context()),
            Self::Open(live) => Some(live.context()),
        }
    }

    fn into_live(self) -> Option<Live> {
        match self {
            Self::Off => None,
            Self::Ready(provisional) => Some(provisional.keep()),
            Self::Open(live) => Some(live),
        }
    }

    /// The operation panicked instead of giving a value.
    pub(crate) fn panic(self, message: &str) {
        if let Some(live) = self.into_live() {
            live.panic(message);
        }
    }
}

impl Ending {
    #[inline]
    pub(crate) fn new(begun: Begun) -> Self {
        let wanted = match &begun {
            Begun::Off => return Self { begun, outcome: None },
            Begun::Ready(provisional) => provisional.wanted(),
            Begun::Open(live) => live.wanted(),
        };
        Self { begun, outcome: Some(Outcome::new(wanted)) }
    }

    /// Reads the outcome by what the user wrote for it. That this panics is no reason to take the
    /// value away.
    pub fn read(mut self, settle: impl FnOnce(&mut Outcome)) -> Self {
        if let Some(outcome) = self.outcome.as_mut().filter(|outcome| outcome.is_wanted()) {
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
        matches!(self.begun, Begun::Off)
    }

    /// Ends the span as the value says.
    #[inline]
    pub(crate) fn end<T>(self, output: T, settle: impl FnOnce(&T, &mut Outcome)) -> T {
        if self.is_off() {
            return output;
        }
        self.read(|outcome| settle(&output, outcome)).finish();
        output
    }

    /// Ends the span.
    #[inline]
    pub(crate) fn finish(self) {
        if self.is_off() {
            return;
        }
        if let Some(live) = self.begun.into_live() {
            live.finish(self.outcome.unwrap_or_default());
        }
    }

    pub(crate) fn into_parts(self) -> (Begun, Outcome) {
        (self.begun, self.outcome.unwrap_or_else(|| Outcome::new(Wanted::NOTHING)))
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
