//! A started operation, until it is ended once.

use std::time::Instant;

use opentelemetry::Context;

use super::draft::Sheet;
use super::{State, lock};
use crate::semconv::{attribute, error_type};
use crate::span::detail::{ErrorDetail, Wanted};
use crate::span::outcome::Outcome;
use crate::span::record::Exit;
use crate::span::words::{Word, Words};

/// Whoever holds it ends it.
#[derive(Debug)]
pub(crate) struct Live(pub(super) Box<Sheet>);

impl Live {
    pub(super) fn new(sheet: Box<Sheet>) -> Self {
        Self(sheet)
    }

    pub(crate) fn context(&self) -> &Context {
        &self.0.context
    }

    /// What is wanted of its outcome.
    pub(crate) fn wanted(&self) -> Wanted {
        self.0.wanted
    }

    /// When it started; `None` where nothing of it is recorded.
    pub(crate) fn started(&self) -> Option<Instant> {
        lock(self.0.state.as_ref()?).started
    }

    /// Whether the times between its chunks are measured.
    pub(crate) fn is_generation(&self) -> bool {
        self.0.state.is_some() && self.0.operation.is_generation()
    }

    /// Records more of it, while it is open.
    pub(crate) fn write(&self, write: impl FnOnce(&mut Words)) {
        if let Some(state) = &self.0.state {
            let mut state = lock(state);
            if state.is_open {
                write(&mut state.words);
            }
        }
    }

    /// Takes over the attributes that an outcome has told so far.
    #[inline]
    pub(crate) fn tell(&self, outcome: &mut Outcome) {
        if let Some(mut attributes) = outcome.take_attributes()
            && let Some(state) = &self.0.state
        {
            lock(state).take(&mut attributes);
        }
    }

    pub(crate) fn finish(self, outcome: Outcome) {
        self.end(outcome, |state, outcome| match outcome.take_failure() {
            Some(failure) => {
                state.fail(&failure);
                Exit::Error
            }
            None => Exit::Ok,
        });
    }

    pub(crate) fn cancel(self) {
        self.cancel_after(Outcome::default());
    }

    /// Left half-way after some of it was done.
    pub(crate) fn cancel_after(self, outcome: Outcome) {
        self.end(outcome, |state, _| {
            state.words.fixed(attribute::ERROR_TYPE, error_type::CANCELLED);
            Exit::Cancelled
        });
    }

    /// Nobody wanted the rest of its stream; an error before that is still its outcome.
    pub(crate) fn abandon(self, outcome: Outcome) {
        if !outcome.is_ok() {
            return self.finish(outcome);
        }
        self.end(outcome, |state, _| {
            state.words.fixed(attribute::ERROR_TYPE, error_type::ABANDONED);
            Exit::Abandoned
        });
    }

    pub(crate) fn panic(self, message: &str) {
        self.panic_after(Outcome::default(), message);
    }

    /// A panic after some of it was done.
    pub(crate) fn panic_after(self, outcome: Outcome, message: &str) {
        self.end(outcome, |state, _| {
            state.words.fixed(attribute::ERROR_TYPE, error_type::PANIC);
            state.words.push(Word::StatusError);
            // A panic quotes the error that it was about.
            let is_told = state.detail != ErrorDetail::Type;
            state.words.text(if is_told { message } else { "panicked" });
            Exit::Panicked
        });
    }

    fn end(mut self, mut outcome: Outcome, exit: impl FnOnce(&mut State, &mut Outcome) -> Exit) {
        if let Some(state) = &self.0.state {
            let mut state = lock(state);
            if outcome.has_told() {
                state.told(&mut outcome);
            }
            let exit = exit(&mut state, &mut outcome);
            state.end(exit);
            // The memory of its words stays with whoever writes next.
            std::mem::swap(&mut state.words, &mut self.0.words);
        }
        self.0.recycle();
    }
}
