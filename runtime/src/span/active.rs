//! An open span: a real OpenTelemetry span in the `Context`, and our own way to it beside that.

pub(super) mod open_span;

use std::borrow::Cow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use opentelemetry::trace::{
    Event, Link, Span, SpanContext, SpanId, SpanKind, Status, TraceContextExt, TraceFlags, TraceId,
    TraceState,
};
use opentelemetry::{Context, KeyValue};

use super::accounts::Accounts;
use super::gaps::Gaps;
use super::outcome::{Failure, Outcome};
use super::record::{Exit, Head, Identity, Kind, OperationKind, Word, Words};
use super::rollup::{self, Plan};
use super::room::{Excess, Occupancy};
use super::value::ValueRef;
use super::{ambient, dispatch};
use crate::semconv::{self, attribute, error_type, event};
use crate::usage::tokens::Usage;

/// An operation that has not started: what the builders write into.
#[derive(Debug)]
pub(crate) struct Draft {
    state: Arc<Mutex<State>>,
    parent: Option<Context>,
    /// Whether somebody named the parent, or named none.
    is_parent_given: bool,
    /// What it sums up with, and up to which limits.
    pub(super) plan: Plan,
}

/// What is known of a span while it is open.
#[derive(Debug)]
struct State {
    phase: Phase,
    operation: OperationKind,
    kind: Kind,
    trace_flags: u8,
    parent_is_remote: bool,
    identity: Identity,
    started: Instant,
    words: Words,
    /// Known when the span is open.
    occupancy: Option<Occupancy>,
    /// Whether other code called the status Ok or an error, until the outcome is known.
    said: Option<bool>,
    accounts: Accounts,
    /// Whether a trace or a metric wants it, and not a budget alone.
    is_exported: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Draft,
    Open,
    Ended,
}

impl Draft {
    pub(crate) fn new(operation: OperationKind, kind: Kind) -> Self {
        Self {
            state: Arc::new(Mutex::new(State {
                phase: Phase::Draft,
                operation,
                kind,
                trace_flags: 0,
                parent_is_remote: false,
                identity: Identity {
                    trace_id: 0,
                    span_id: 0,
                    parent_span_id: 0,
                    start: 0,
                    duration: 0,
                },
                started: Instant::now(),
                words: dispatch::buffer(),
                occupancy: None,
                said: None,
                accounts: Accounts::default(),
                is_exported: true,
            })),
            parent: None,
            is_parent_given: false,
            plan: Plan::default(),
        }
    }

    fn state(&mut self) -> Option<&mut State> {
        Some(Arc::get_mut(&mut self.state)?.get_mut().unwrap_or_else(PoisonError::into_inner))
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
        self.plan.agent = Some(name);
    }

    pub(crate) fn link(&mut self, to: SpanContext) {
        if to.is_valid() {
            self.write(|words| words.push(Word::Link(Box::new(Link::new(to, Vec::new(), 0)))));
        }
    }

    pub(crate) fn set_parent(&mut self, parent: Context) {
        self.parent = Some(parent);
        self.is_parent_given = true;
    }

    /// Takes the parent here and now, wherever the operation will run.
    pub(crate) fn settle_parent(&mut self) {
        if self.parent.is_none() {
            self.parent = Some(ambient::current());
        }
    }

    /// Whether it has a parent already, or was told to have none.
    pub(crate) fn has_parent(&mut self) -> bool {
        self.settle_parent();
        self.is_parent_given
            || self.parent.as_ref().is_some_and(|parent| parent.span().span_context().is_valid())
    }

    /// Decides on sampling and opens the span; `None` where nothing is to be recorded and no
    /// `Context` has to say so.
    pub(crate) fn start(mut self) -> Option<Live> {
        self.settle_parent();
        let mut parent = self.parent.take()?;
        if !self.is_parent_given && !parent.span().span_context().is_valid() {
            // Made outside any span, it belongs to whoever runs it.
            let here = ambient::current();
            if here.span().span_context().is_valid() {
                parent = here;
            }
        }
        if parent.is_telemetry_suppressed() {
            return None;
        }
        let known = parent.span().span_context().clone();
        let (trace_id, span_id, sampled, metrics, room) = dispatch::with_way(|dispatch, sink| {
            let trace_id = if known.is_valid() {
                u128::from_be_bytes(known.trace_id().to_bytes())
            } else {
                sink.trace_id()
            };
            let inherited = known.is_valid().then(|| known.is_sampled());
            let sampled = dispatch.sampler.is_sampled(inherited, trace_id);
            (trace_id, sink.span_id(), sampled, dispatch.metrics, dispatch.room)
        })?;
        let flags = TraceFlags::default().with_sampled(sampled);
        if !known.is_valid() || known.is_remote() {
            parent = rollup::leave(parent);
        }

        let plan = std::mem::take(&mut self.plan);
        let state = self.state()?;
        state.phase = Phase::Open;
        state.occupancy = Some(Occupancy::new(room));
        state.trace_flags = flags.to_u8();
        state.started = Instant::now();
        state.identity = Identity {
            trace_id,
            span_id,
            parent_span_id: if known.is_valid() {
                u64::from_be_bytes(known.span_id().to_bytes())
            } else {
                0
            },
            start: nanoseconds(SystemTime::now()),
            duration: 0,
        };
        state.parent_is_remote = known.is_valid() && known.is_remote();
        state.accounts = Accounts::open(state.operation, plan, &parent);
        state.accounts.start(state.operation, &mut state.words);
        state.is_exported = sampled || metrics;

        if !state.is_exported && !state.accounts.is_budgeted() {
            // Nobody can write to this span; whatever runs inside still has to see the decision.
            let context = if known.is_valid() && !known.is_sampled() {
                parent
            } else {
                parent.with_remote_span_context(SpanContext::new(
                    TraceId::from(trace_id),
                    SpanId::from(span_id),
                    flags,
                    true,
                    known.trace_state().clone(),
                ))
            };
            return Some(Live { state: None, context });
        }

        let trace_state = known.trace_state().clone();
        if trace_state != TraceState::NONE {
            state.words.push(Word::State(Box::new(trace_state.clone())));
        }
        let span_context = SpanContext::new(
            TraceId::from(trace_id),
            SpanId::from(span_id),
            flags,
            false,
            trace_state,
        );
        parent = state.accounts.enter(parent);
        let context =
            parent.with_span(ActiveSpan { span_context, state: Arc::clone(&self.state), sampled });
        Some(Live { state: Some(self.state), context })
    }
}

/// A started operation, until it is ended once.
#[derive(Debug)]
pub(crate) struct Live {
    /// Absent when neither a trace nor a metric wants it.
    state: Option<Arc<Mutex<State>>>,
    context: Context,
}

impl Live {
    pub(crate) fn context(&self) -> &Context {
        &self.context
    }

    /// When it started; `None` where nothing of it is recorded.
    pub(crate) fn started(&self) -> Option<Instant> {
        Some(lock(self.state.as_ref()?).started)
    }

    /// Whether the times between its chunks are measured.
    pub(crate) fn is_generation(&self) -> bool {
        self.state.as_ref().is_some_and(|state| lock(state).operation.is_generation())
    }

    /// Starts now: what opened it earlier did so for its children alone.
    pub(crate) fn restart(&self) {
        if let Some(state) = &self.state {
            let mut state = lock(state);
            if state.phase == Phase::Open {
                state.started = Instant::now();
                state.identity.start = nanoseconds(SystemTime::now());
            }
        }
    }

    /// Forgets it: nothing happened.
    pub(crate) fn discard(self) {
        if let Some(state) = &self.state {
            let mut state = lock(state);
            if state.phase == Phase::Open {
                state.phase = Phase::Ended;
                let operation = state.operation;
                state.accounts.discard(operation);
                dispatch::give_back(std::mem::take(&mut state.words));
            }
        }
    }

    /// Records what came out of its stream.
    pub(crate) fn chunks(&self, count: u64, first: Option<Duration>, gaps: Option<Box<Gaps>>) {
        let Some(state) = &self.state else { return };
        let mut state = lock(state);
        if state.phase != Phase::Open {
            return;
        }
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        state.words.attribute(attribute::STREAM_CHUNKS, Some(ValueRef::Int(count)));
        if let Some(first) = first {
            let first = Some(ValueRef::Float(first.as_secs_f64()));
            state.words.attribute(attribute::RESPONSE_TIME_TO_FIRST_CHUNK, first);
        }
        if state.operation.is_generation() {
            state.words.attribute(attribute::REQUEST_STREAM, Some(ValueRef::Bool(true)));
            state.words.gaps(gaps);
        }
    }

    pub(crate) fn finish(self, outcome: Outcome) {
        let Some(state) = &self.state else { return };
        let (exit, failure, usage) = outcome.into_parts();
        let mut state = lock(state);
        state.usage(usage);
        if let Some(failure) = failure {
            state.fail(&failure);
        }
        state.end(exit);
    }

    pub(crate) fn cancel(self) {
        if let Some(state) = &self.state {
            let mut state = lock(state);
            state.words.fixed(attribute::ERROR_TYPE, error_type::CANCELLED);
            state.end(Exit::Cancelled);
        }
    }

    /// Nobody wanted the rest of its stream; an error before that is still its outcome.
    pub(crate) fn abandon(self, outcome: Outcome) {
        if !outcome.is_ok() {
            return self.finish(outcome);
        }
        if let Some(state) = &self.state {
            let mut state = lock(state);
            state.usage(outcome.into_parts().2);
            state.words.fixed(attribute::ERROR_TYPE, error_type::ABANDONED);
            state.end(Exit::Abandoned);
        }
    }

    pub(crate) fn panic(self, message: &str) {
        self.panic_after(Outcome::default(), message);
    }

    /// A panic after some of it was done.
    pub(crate) fn panic_after(self, outcome: Outcome, message: &str) {
        if let Some(state) = &self.state {
            let mut state = lock(state);
            state.usage(outcome.into_parts().2);
            state.words.fixed(attribute::ERROR_TYPE, error_type::PANIC);
            state.words.push(Word::StatusError);
            state.words.text(message);
            state.end(Exit::Panicked);
        }
    }
}

impl State {
    fn usage(&mut self, usage: Option<Usage>) {
        for (key, count) in usage.iter().flat_map(Usage::counts) {
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            self.words.attribute(key, Some(ValueRef::Int(count)));
        }
        if let Some(cost) = usage.and_then(|usage| usage.reported_cost()) {
            self.words.attribute(attribute::COST_USD, Some(ValueRef::Float(cost.dollars())));
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
        self.words.push(Word::Event(Box::new(exception(failure))));
    }

    fn end(&mut self, exit: Exit) {
        if self.phase != Phase::Open {
            return;
        }
        self.phase = Phase::Ended;
        self.identity.duration =
            u64::try_from(self.started.elapsed().as_nanos()).unwrap_or(u64::MAX);
        let exit = if self.said == Some(false) && exit == Exit::Ok { Exit::Error } else { exit };
        let head = Head {
            words: 0,
            operation: self.operation,
            kind: self.kind,
            exit,
            trace_flags: self.trace_flags,
            parent_is_remote: self.parent_is_remote,
        };
        let Self { accounts, words, occupancy, .. } = self;
        accounts.close(head, occupancy, words);
        let excess = self.occupancy.map_or_else(Excess::default, |occupancy| occupancy.excess);
        if excess != Excess::default() {
            self.words.push(Word::Excess(excess));
        }
        let mut words = std::mem::take(&mut self.words);
        if self.is_exported {
            dispatch::submit(head, self.identity, &mut words);
        }
        dispatch::give_back(words);
    }
}

/// The event that the conventions have for an error on a span.
pub(crate) fn exception(failure: &Failure) -> Event {
    let mut attributes = vec![KeyValue::new(attribute::EXCEPTION_TYPE, failure.error_type.clone())];
    if !failure.message.is_empty() {
        attributes.push(KeyValue::new(attribute::EXCEPTION_MESSAGE, failure.message.clone()));
    }
    let trace = failure.trace();
    if !trace.is_empty() {
        attributes.push(KeyValue::new(attribute::EXCEPTION_STACKTRACE, trace));
    }
    Event::new(event::EXCEPTION, SystemTime::now(), attributes, 0)
}

/// Our span as other OpenTelemetry code sees it.
#[derive(Debug)]
struct ActiveSpan {
    span_context: SpanContext,
    state: Arc<Mutex<State>>,
    sampled: bool,
}

impl ActiveSpan {
    fn write(&self, write: impl FnOnce(&mut State)) {
        lock(&self.state).while_open(write);
    }
}

impl Span for ActiveSpan {
    fn add_event_with_timestamp<T>(
        &mut self,
        name: T,
        timestamp: SystemTime,
        attributes: Vec<KeyValue>,
    ) where
        T: Into<Cow<'static, str>>,
    {
        if self.sampled {
            let event = Event::new(name, timestamp, attributes, 0);
            self.write(|state| {
                if state.occupancy.as_mut().is_none_or(Occupancy::takes_event) {
                    state.words.push(Word::Event(Box::new(event)));
                }
            });
        }
    }

    fn span_context(&self) -> &SpanContext {
        &self.span_context
    }

    fn is_recording(&self) -> bool {
        self.sampled && lock(&self.state).phase == Phase::Open
    }

    /// What metrics are made of is taken even when the span is not sampled.
    fn set_attribute(&mut self, attribute: KeyValue) {
        if !self.sampled && !semconv::is_measured(attribute.key.as_str()) {
            return;
        }
        self.write(|state| {
            state.words.owned_key(Cow::Owned(String::from(attribute.key)));
            state.words.owned_value(attribute.value);
        });
    }

    fn set_status(&mut self, status: Status) {
        self.write(|state| match status {
            Status::Unset => open_span::answer(&self.state),
            // OpenTelemetry: once Ok, always Ok; only the outcome of the operation says otherwise.
            Status::Error { .. } if state.said == Some(true) => {}
            Status::Ok => {
                state.said = Some(true);
                state.words.push(Word::StatusOk);
            }
            Status::Error { description } => {
                state.said = Some(false);
                state.words.push(Word::StatusError);
                state.words.cow(description);
            }
        });
    }

    fn update_name<T>(&mut self, new_name: T)
    where
        T: Into<Cow<'static, str>>,
    {
        let name = new_name.into();
        self.write(|state| {
            state.words.push(Word::Name);
            state.words.cow(name);
        });
    }

    fn add_link(&mut self, span_context: SpanContext, attributes: Vec<KeyValue>) {
        if self.sampled {
            let link = Link::new(span_context, attributes, 0);
            self.write(|state| {
                if state.occupancy.as_mut().is_none_or(Occupancy::takes_link) {
                    state.words.push(Word::Link(Box::new(link)));
                }
            });
        }
    }

    fn end_with_timestamp(&mut self, _: SystemTime) {
        self.write(|state| state.end(Exit::Ok));
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn nanoseconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH)
        .map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
}
