//! Our own way to a span that a `Context` holds.
//!
//! The `Context` gives out spans behind OpenTelemetry's trait alone and behind a lock, which other code's
//! spans hold while they end; another value in it for each span would cost every span. So a span of ours is
//! known by its id.

use std::borrow::Cow;
use std::sync::{LazyLock, Mutex};

use opentelemetry::Context;
use opentelemetry::trace::{Event, SpanContext, TraceContextExt};

use super::{Accounts, State, lock};
use crate::content::Piece;
use crate::semconv::attribute;
use crate::span::around::{Around, id};
use crate::span::detail::Wanted;
use crate::span::pool::Pooled;
use crate::span::registry::Registry;
use crate::span::response;
use crate::span::room::Occupancy;
use crate::span::value::ValueRef;
use crate::usage::tokens::Usage;

/// A span of ours; what has ended takes nothing more.
#[derive(Clone, Debug)]
pub(crate) struct OpenSpan(Pooled<Mutex<State>>);

/// By the ids of the spans, as long as there is a `Context` that holds one.
static HELD: LazyLock<Registry<Pooled<Mutex<State>>>> = LazyLock::new(Registry::default);

impl OpenSpan {
    /// The current span of the context, if it is ours.
    pub(crate) fn of(context: &Context) -> Option<Self> {
        let span = context.span();
        let span = span.span_context();
        (span.is_valid() && !span.is_remote()).then(|| HELD.get(id(span)).map(Self)).flatten()
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

/// What is part of a span, if that is ours.
pub(crate) fn around(span: &SpanContext) -> Option<Around> {
    HELD.get(id(span)).map(|state| {
        let State { accounts, operation, .. } = &mut *lock(&state);
        accounts.inside(*operation)
    })
}

/// Writes to a span of ours that a `Context` holds, while it is open.
pub(super) fn write<T>(span: &SpanContext, write: impl FnOnce(&mut State) -> T) -> Option<T> {
    let state = HELD.get(id(span))?;
    lock(&state).while_open(write)
}

/// That a `Context` holds the span.
pub(super) fn hold(span: &SpanContext, state: Pooled<Mutex<State>>) {
    HELD.insert(id(span), state);
}

/// That none does any more.
pub(super) fn let_go(span: &SpanContext) {
    let _known = HELD.remove(id(span));
}

impl State {
    /// `None` where it has ended.
    pub(super) fn while_open<T>(&mut self, write: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if !self.is_open {
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
