//! An open span: a real OpenTelemetry span in the `Context`, which our own code finds by its id.

mod active_span;
pub(super) mod content;
pub(super) mod open_span;
pub(crate) mod provisional;
mod told;

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::LocalKey;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use opentelemetry::Context;
use opentelemetry::trace::{
    Link, SpanContext, SpanId, SpanKind, TraceContextExt, TraceFlags, TraceId, TraceState,
};

use self::active_span::ActiveSpan;
use super::accounts::Accounts;
use super::around::Around;
use super::detail::{self, ErrorDetail, Wanted};
use super::dispatch::Dispatch;
use super::outcome::{Failure, Outcome};
use super::pool::{Pool, Pooled, Reuse};
use super::record::{Exit, Head, Identity, Kind, OperationKind};
use super::rollup::Plan;
use super::room::{Excess, Occupancy};
use super::value::ValueRef;
use super::words::{Aside, Word, Words};
use super::{ambient, dispatch, response};
use crate::identity::{self, Associations};
use crate::semconv::{attribute, error_type};

/// An operation that has not started: what the builders write into.
#[derive(Debug)]
pub(crate) struct Draft {
    state: Pooled<Mutex<State>>,
    parent: Option<Context>,
    /// Whether somebody named the parent, or named none.
    is_parent_given: bool,
    /// What it and everything under it is associated with.
    associations: Option<Box<Associations>>,
}

/// What is known of a span while it is open.
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is so or not whatever the others are")]
pub(super) struct State {
    phase: Phase,
    operation: OperationKind,
    kind: Kind,
    trace_flags: u8,
    parent_is_remote: bool,
    identity: Identity,
    /// Known when the span is open.
    started: Option<Instant>,
    words: Words,
    /// How errors are told; where nobody said, known when the span is open.
    detail: Option<ErrorDetail>,
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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Draft,
    Open,
    Ended,
}

impl Draft {
    pub(crate) fn new(operation: OperationKind, kind: Kind) -> Self {
        let mut draft =
            Self { state: Pooled::new(), parent: None, is_parent_given: false, associations: None };
        if let Some(state) = draft.state() {
            state.operation = operation;
            state.kind = kind;
        }
        draft
    }

    pub(super) fn plan(&mut self) -> Option<&mut Plan> {
        Some(&mut self.state()?.accounts.plan)
    }

    fn state(&mut self) -> Option<&mut State> {
        Some(self.state.get_mut()?.get_mut().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn write(&mut self, write: impl FnOnce(&mut Words)) {
        if let Some(state) = self.state() {
            write(&mut state.words);
        }
    }

    pub(crate) fn attribute(&mut self, key: &'static str, value: Option<ValueRef<'_>>) {
        self.write(|words| words.attribute(key, value));
    }

    pub(crate) fn name(&mut self, name: Cow<'static, str>) {
        self.write(|words| {
            words.push(Word::Name);
            words.cow(name);
        });
    }

    pub(crate) fn set_kind(&mut self, kind: SpanKind) {
        if let Some(state) = self.state() {
            state.kind = kind.into();
        }
    }

    pub(crate) fn set_operation(&mut self, operation: OperationKind) {
        if let Some(state) = self.state() {
            state.operation = operation;
        }
    }

    pub(crate) fn set_agent(&mut self, name: Cow<'static, str>) {
        if let Some(plan) = self.plan() {
            plan.agent = Some(name);
        }
    }

    pub(crate) fn associations(&mut self) -> &mut Associations {
        self.associations.get_or_insert_default()
    }

    pub(crate) fn link(&mut self, to: SpanContext) {
        if to.is_valid() {
            self.write(|words| words.link(Link::new(to, Vec::new(), 0)));
        }
    }

    pub(crate) fn set_parent(&mut self, parent: Context) {
        self.parent = Some(identity::join(parent));
        self.is_parent_given = true;
    }

    /// Takes the parent here and now, wherever the operation will run.
    pub(crate) fn settle_parent(&mut self) {
        if self.parent.is_none() {
            self.parent = Some(ambient::current());
        }
    }

    fn take_parent(&mut self) -> Context {
        self.settle_parent();
        self.parent.take().unwrap_or_default()
    }

    /// Starts the operation; `None` where nothing is to be recorded and no `Context` has to say so.
    pub(crate) fn start(mut self) -> Option<Live> {
        let parent = self.take_parent();
        let home = self.home(provisional::settle(parent));
        let associations = self.associations.take();
        let opened = self.open(identity::add(home, associations), true)?;
        Some(opened.live(self.state))
    }

    /// Decides on sampling and opens the span. Opened again, it is the same span at another place.
    /// An agent around it counts it when its work has begun.
    fn open(&self, mut parent: Context, has_begun: bool) -> Option<Opened> {
        if parent.is_telemetry_suppressed() {
            return None;
        }
        let (known, trace_state) = {
            let span = parent.span();
            let known = span.span_context();
            (known.is_valid().then(|| Known::of(known)), known.trace_state().clone())
        };
        let (trace_id, span_id, sampled, metrics, room, usual) =
            dispatch::with_way(|dispatch, sink| {
                let trace_id = known.map_or_else(|| sink.trace_id(), |known| known.trace_id);
                let inherited = known.map(|known| known.is_sampled);
                let sampled = dispatch.sampler.is_sampled(inherited, trace_id);
                let Dispatch { metrics, room, detail, .. } = *dispatch;
                (trace_id, sink.span_id(), sampled, metrics, room, detail)
            })?;
        let flags = TraceFlags::default().with_sampled(sampled);
        let around = Around::of(&parent);

        let mut state = lock(&self.state);
        let detail = *state.detail.get_or_insert(usual);
        parent = detail::enter(parent, detail, usual);
        let captures = content::is_captured(&parent, sampled);
        let is_exported = sampled || metrics || captures;
        if !is_exported && !state.accounts.is_budgeted(&around) {
            if state.phase == Phase::Open {
                state.forget();
            }
            // Nobody can write to this span; whatever runs inside still has to see the decision.
            let context = if known.is_some_and(|known| !known.is_sampled) {
                parent
            } else {
                parent.with_remote_span_context(SpanContext::new(
                    TraceId::from(trace_id),
                    SpanId::from(span_id),
                    flags,
                    true,
                    trace_state,
                ))
            };
            return Some(Opened { is_recorded: false, context, wanted: Wanted::NOTHING });
        }
        let is_open = std::mem::replace(&mut state.phase, Phase::Open) == Phase::Open;
        state.occupancy.get_or_insert_with(|| Occupancy::new(room));
        state.trace_flags = flags.to_u8();
        state.started = Some(Instant::now());
        state.identity = Identity {
            trace_id,
            span_id,
            parent_span_id: known.map_or(0, |known| known.span_id),
            start: now(),
            duration: 0,
        };
        state.parent_is_remote = known.is_some_and(|known| known.is_remote);
        state.captures = captures;
        state.is_exported = is_exported;
        let State { operation, words, accounts, .. } = &mut *state;
        accounts.open(*operation, around, has_begun);
        if has_begun {
            accounts.begin(*operation, words);
        }

        if trace_state != TraceState::NONE || is_open {
            state.words.put_aside(Aside::State(Box::new(trace_state.clone())));
        }
        let span_context = SpanContext::new(
            TraceId::from(trace_id),
            SpanId::from(span_id),
            flags,
            false,
            trace_state,
        );
        if (sampled || captures)
            && let Some(associations) = identity::of(&parent)
        {
            state.words.put_aside(Aside::Associations(Arc::clone(associations)));
        }
        let wanted = state.wanted();
        let State { operation, identity, accounts, .. } = &mut *state;
        parent = accounts.enter(*operation, identity, sampled, parent);
        drop(state);
        open_span::hold(&span_context, self.state.clone());
        let context =
            parent.with_span(ActiveSpan { span_context, state: self.state.clone(), sampled });
        Some(Opened { is_recorded: true, context, wanted })
    }
}

/// A started operation, until it is ended once.
#[derive(Debug)]
pub(crate) struct Live {
    /// Absent when neither a trace nor a metric wants it.
    state: Option<Pooled<Mutex<State>>>,
    context: Context,
    wanted: Wanted,
}

/// What was decided of an operation that starts.
#[derive(Debug)]
struct Opened {
    is_recorded: bool,
    context: Context,
    wanted: Wanted,
}

impl Opened {
    fn live(self, state: Pooled<Mutex<State>>) -> Live {
        let Self { is_recorded, context, wanted } = self;
        Live { state: is_recorded.then_some(state), context, wanted }
    }
}

/// The parent of a span.
#[derive(Clone, Copy, Debug)]
struct Known {
    trace_id: u128,
    span_id: u64,
    is_sampled: bool,
    is_remote: bool,
}

impl Known {
    fn of(parent: &SpanContext) -> Self {
        Self {
            trace_id: u128::from_be_bytes(parent.trace_id().to_bytes()),
            span_id: u64::from_be_bytes(parent.span_id().to_bytes()),
            is_sampled: parent.is_sampled(),
            is_remote: parent.is_remote(),
        }
    }
}

impl Live {
    pub(crate) fn context(&self) -> &Context {
        &self.context
    }

    /// When it started; `None` where nothing of it is recorded.
    pub(crate) fn started(&self) -> Option<Instant> {
        lock(self.state.as_ref()?).started
    }

    /// Whether the times between its chunks are measured.
    pub(crate) fn is_generation(&self) -> bool {
        self.state.as_ref().is_some_and(|state| lock(state).operation.is_generation())
    }

    /// Records more of it, while it is open.
    pub(crate) fn write(&self, write: impl FnOnce(&mut Words)) {
        if let Some(state) = &self.state {
            let mut state = lock(state);
            if state.phase == Phase::Open {
                write(&mut state.words);
            }
        }
    }

    pub(crate) fn finish(self, mut outcome: Outcome) {
        self.tell(&mut outcome);
        let Some(state) = &self.state else { return };
        let mut state = lock(state);
        state.consumed(&mut outcome);
        let (exit, failure) = outcome.into_parts();
        if let Some(failure) = failure {
            state.fail(&failure);
        }
        state.end(exit);
    }

    pub(crate) fn cancel(self) {
        self.cancel_after(Outcome::default());
    }

    /// Left half-way after some of it was done.
    pub(crate) fn cancel_after(self, mut outcome: Outcome) {
        if let Some(state) = &self.state {
            let mut state = lock(state);
            state.consumed(&mut outcome);
            state.words.fixed(attribute::ERROR_TYPE, error_type::CANCELLED);
            state.end(Exit::Cancelled);
        }
    }

    /// Nobody wanted the rest of its stream; an error before that is still its outcome.
    pub(crate) fn abandon(self, mut outcome: Outcome) {
        if !outcome.is_ok() {
            return self.finish(outcome);
        }
        self.tell(&mut outcome);
        if let Some(state) = &self.state {
            let mut state = lock(state);
            state.consumed(&mut outcome);
            state.words.fixed(attribute::ERROR_TYPE, error_type::ABANDONED);
            state.end(Exit::Abandoned);
        }
    }

    pub(crate) fn panic(self, message: &str) {
        self.panic_after(Outcome::default(), message);
    }

    /// A panic after some of it was done.
    pub(crate) fn panic_after(self, mut outcome: Outcome, message: &str) {
        self.tell(&mut outcome);
        if let Some(state) = &self.state {
            let mut state = lock(state);
            state.consumed(&mut outcome);
            state.words.fixed(attribute::ERROR_TYPE, error_type::PANIC);
            state.words.push(Word::StatusError);
            // A panic quotes the error that it was about.
            let is_told = state.detail != Some(ErrorDetail::Type);
            state.words.text(if is_told { message } else { "panicked" });
            state.end(Exit::Panicked);
        }
    }
}

impl Default for State {
    fn default() -> Self {
        Self {
            phase: Phase::Draft,
            operation: OperationKind::Span,
            kind: Kind::Internal,
            trace_flags: 0,
            parent_is_remote: false,
            identity: Identity {
                trace_id: 0,
                span_id: 0,
                parent_span_id: 0,
                start: 0,
                duration: 0,
            },
            started: None,
            words: Words::default(),
            detail: None,
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
            phase,
            operation: _,
            kind: _,
            trace_flags: _,
            parent_is_remote: _,
            identity: _,
            started,
            words,
            detail,
            occupancy,
            said,
            accounts,
            is_exported,
            captures,
            is_answer_read,
        } = self.get_mut().unwrap_or_else(PoisonError::into_inner);
        *phase = Phase::Draft;
        (*started, *detail, *occupancy, *said) = (None, None, None, None);
        (*is_exported, *captures, *is_answer_read) = (true, false, false);
        words.clear();
        accounts.reset();
        None
    }
}

impl State {
    /// Ends it as if nothing had happened.
    fn forget(&mut self) {
        self.phase = Phase::Ended;
        self.accounts.reset();
        self.words.clear();
    }

    /// What was consumed, and what the model's reply says of itself.
    fn consumed(&mut self, outcome: &mut Outcome) {
        if outcome.has_consumed() {
            response::write(outcome, self.operation, &mut self.words);
        }
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
        if self.phase != Phase::Open {
            return;
        }
        self.phase = Phase::Ended;
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
