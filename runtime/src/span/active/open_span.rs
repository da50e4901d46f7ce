//! Our own way to a span that a `Context` holds.
//!
//! The `Context` gives out spans behind OpenTelemetry's trait alone, and another value in it for each
//! span would cost every span. So a span is asked through the trait, with a call that means nothing to
//! any other: to set the status to unset.

use std::borrow::Cow;
use std::cell::Cell;
use std::sync::Mutex;

use opentelemetry::Context;
use opentelemetry::trace::{Event, Status, TraceContextExt};

use super::{Accounts, Phase, State, lock, response};
use crate::content::Piece;
use crate::semconv::attribute;
use crate::span::around::Around;
use crate::span::detail::Wanted;
use crate::span::pool::Pooled;
use crate::span::room::Occupancy;
use crate::span::value::ValueRef;
use crate::usage::tokens::Usage;

/// A span of ours; what has ended takes nothing more.
#[derive(Clone, Debug)]
pub(crate) struct OpenSpan(Pooled<Mutex<State>>);

/// What is asked for on this thread.
#[derive(Clone, Copy, Debug)]
enum Question {
    None,
    Span,
    /// What is part of it.
    Around,
}

#[derive(Debug)]
enum Answer {
    Span(OpenSpan),
    Around(Around),
}

thread_local! {
    static QUESTION: Cell<Question> = const { Cell::new(Question::None) };
    static ANSWER: Cell<Option<Answer>> = const { Cell::new(None) };
}

impl OpenSpan {
    /// The current span of the context, if it is ours.
    pub(crate) fn of(context: &Context) -> Option<Self> {
        match ask(context, Question::Span)? {
            Answer::Span(span) => Some(span),
            Answer::Around(_) => None,
        }
    }

    /// What is wanted of its outcome, and so of its attempts'.
    pub(crate) fn wanted(&self) -> Wanted {
        lock(&self.0).wanted()
    }

    /// The provider's id of the response, as far as it was told.
    pub(crate) fn response_id(&self) -> Option<String> {
        lock(&self.0).words.text_of(attribute::RESPONSE_ID)
    }

    /// The number of an attempt that starts; `None` where the span has ended.
    pub(crate) fn start_attempt(&self) -> Option<u64> {
        lock(&self.0).while_open(|state| state.accounts.attempts().start())
    }

    /// Sets an attribute; what metrics are made of even when the span is not sampled.
    pub(crate) fn set(&self, key: Cow<'static, str>, value: ValueRef<'_>) {
        lock(&self.0).while_open(|state| {
            if state.wanted().takes(&key) {
                state.words.set(key, value);
            }
        });
    }

    /// Whether its content is captured.
    pub(crate) fn captures(&self) -> bool {
        lock(&self.0).captures
    }

    pub(crate) fn capture(&self, piece: Piece) {
        lock(&self.0).while_open(|state| {
            if piece.key() == attribute::OUTPUT_MESSAGES {
                state.is_answer_read = false;
            }
            state.words.content(piece);
        });
    }

    /// What a reply says gives way to what was told, and takes the place of what another said.
    pub(crate) fn capture_answer(&self, piece: Piece) {
        lock(&self.0).while_open(|state| {
            state.is_answer_read |= !state.words.has_content(piece.key());
            if state.is_answer_read {
                state.words.content(piece);
            }
        });
    }

    /// Records what a successful attempt used.
    pub(crate) fn usage(&self, usage: &Usage) {
        lock(&self.0).while_open(|state| {
            response::write_usage(Some(usage), state.operation, &mut state.words);
        });
    }

    /// Records a failed attempt and what it used.
    pub(crate) fn fail_attempt(&self, event: Event, usage: Option<Usage>) {
        lock(&self.0).while_open(|state| state.fail_attempt(event, usage.as_ref()));
    }
}

/// What is part of the current span of the context, if that is ours.
pub(crate) fn around(context: &Context) -> Option<Around> {
    match ask(context, Question::Around)? {
        Answer::Around(around) => Some(around),
        Answer::Span(_) => None,
    }
}

/// `None` while the thread goes away, or if the span is not ours.
fn ask(context: &Context, question: Question) -> Option<Answer> {
    if !context.has_active_span() {
        return None;
    }
    QUESTION.try_with(|slot| slot.set(question)).ok()?;
    context.span().set_status(Status::Unset);
    QUESTION.with(|slot| slot.set(Question::None));
    ANSWER.try_with(Cell::take).ok()?
}

/// Called by a span of ours whose status is set to unset: answers, if it was asked.
pub(super) fn answer(state: &Pooled<Mutex<State>>) {
    let answer = match QUESTION.with(Cell::get) {
        Question::None => return,
        Question::Span => Answer::Span(OpenSpan(state.clone())),
        Question::Around => Answer::Around(lock(state).accounts.inside()),
    };
    let _ = ANSWER.try_with(|slot| slot.set(Some(answer)));
}

impl State {
    /// `None` where it has ended.
    pub(super) fn while_open<T>(&mut self, write: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.phase != Phase::Open {
            return None;
        }
        let written = write(self);
        if let Some(occupancy) = &mut self.occupancy {
            occupancy.tidy(&mut self.words);
        }
        Some(written)
    }

    /// Records a failed attempt, and apart from the rest what it used.
    fn fail_attempt(&mut self, event: Event, usage: Option<&Usage>) {
        if let Some(usage) = usage {
            let consumption = Accounts::consumption(&self.words, usage);
            self.accounts.attempts().fail(consumption);
        }
        let is_sampled = self.trace_flags & 1 == 1;
        if is_sampled && self.occupancy.as_mut().is_none_or(Occupancy::takes_event) {
            self.words.event(event);
        }
    }
}
