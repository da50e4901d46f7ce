//! An open span: a real OpenTelemetry span in the `Context`, which our own code finds by its id.

mod active_span;
pub(super) mod content;
mod draft;
mod live;
pub(super) mod open_span;
mod opening;
pub(crate) mod provisional;
mod told;

use std::cell::RefCell;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::LocalKey;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

pub(crate) use self::draft::Draft;
pub(crate) use self::live::Live;
use super::accounts::Accounts;
use super::detail::ErrorDetail;
use super::dispatch;
use super::outcome::Failure;
use super::pool::{Pool, Pooled, Reuse};
use super::record::{Exit, Head, Identity, Kind, OperationKind};
use super::room::{Excess, Occupancy};
use super::value::ValueRef;
use super::words::{Word, Words};
use crate::semconv::attribute;

/// What is known of a span while it is open.
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is so or not whatever the others are")]
pub(super) struct State {
    is_open: bool,
    operation: OperationKind,
    kind: Kind,
    trace_flags: u8,
    parent_is_remote: bool,
    identity: Identity,
    /// Known when the span is open.
    started: Option<Instant>,
    words: Words,
    /// How errors are told.
    detail: ErrorDetail,
    /// Known when the span is open.
    occupancy: Option<Occupancy>,
    /// Whether other code called the status Ok or an error, until the outcome is known.
    said: Option<bool>,
    accounts: Accounts,
    /// Whether a trace or a metric wants it, and not a budget alone.
    is_exported: bool,
    /// Whether what it is given and gives back is captured; known when the span is open.
    captures: bool,
    /// Whether its output messages are what a reply says, and not what was told.
    is_answer_read: bool,
}

impl Default for State {
    fn default() -> Self {
        Self {
            is_open: false,
            operation: OperationKind::Span,
            kind: Kind::Internal,
            trace_flags: 0,
            parent_is_remote: false,
            identity: Identity::default(),
            started: None,
            words: Words::default(),
            detail: ErrorDetail::default(),
            occupancy: None,
            said: None,
            accounts: Accounts::default(),
            is_exported: true,
            captures: false,
            is_answer_read: false,
        }
    }
}

impl Reuse for Mutex<State> {
    fn pool() -> &'static LocalKey<Pool<Self>> {
        thread_local! {
            static STATES: Pool<Mutex<State>> = const { RefCell::new(Vec::new()) };
        }
        &STATES
    }

    fn reset(&mut self) -> Option<Pooled<Self>> {
        let State {
            is_open,
            operation: _,
            kind: _,
            trace_flags: _,
            parent_is_remote: _,
            identity: _,
            started,
            words,
            detail: _,
            occupancy,
            said,
            accounts,
            is_exported,
            captures,
            is_answer_read,
        } = self.get_mut().unwrap_or_else(PoisonError::into_inner);
        *is_open = false;
        (*started, *occupancy, *said) = (None, None, None);
        (*is_exported, *captures, *is_answer_read) = (true, false, false);
        words.clear();
        accounts.reset();
        None
    }
}

impl State {
    /// Ends it as if nothing had happened.
    fn forget(&mut self) {
        if !self.is_open {
            return;
        }
        self.is_open = false;
        self.accounts.reset();
        self.words.clear();
    }

    /// Records an error as `error.type`, status and exception event.
    fn fail(&mut self, failure: &Failure) {
        let sampled = self.trace_flags & 1 == 1;
        self.words.attribute(attribute::ERROR_TYPE, Some(ValueRef::Text(&failure.error_type)));
        if !sampled {
            return;
        }
        self.words.push(Word::StatusError);
        self.words.text(&failure.message);
        self.words.event(failure.exception());
    }

    fn end(&mut self, exit: Exit) {
        if !self.is_open {
            return;
        }
        self.is_open = false;
        self.identity.duration = self.started.map_or(0, |started| nanoseconds(started.elapsed()));
        let exit = if self.said == Some(false) && exit == Exit::Ok { Exit::Error } else { exit };
        let mut head = Head {
            words: 0,
            asides: 0,
            operation: self.operation,
            kind: self.kind,
            exit,
            trace_flags: self.trace_flags,
            parent_is_remote: self.parent_is_remote,
            is_cost_told_inside: false,
        };
        if !self.captures {
            self.words.discard_content();
        }
        let Self { accounts, words, occupancy, .. } = self;
        accounts.close(&mut head, occupancy, words);
        let excess = self.occupancy.map_or_else(Excess::default, |occupancy| occupancy.excess);
        if excess != Excess::default() {
            self.words.push(Word::Excess(excess));
        }
        if self.is_exported {
            dispatch::submit(head, self.identity, &mut self.words);
        }
        self.words.clear();
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Since the Unix epoch.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, nanoseconds)
}

fn nanoseconds(duration: Duration) -> u64 {
    duration
        .as_secs()
        .saturating_mul(1_000_000_000)
        .saturating_add(u64::from(duration.subsec_nanos()))
}
