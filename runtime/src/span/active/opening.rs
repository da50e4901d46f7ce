//! The start of an operation: where it belongs, whether it is sampled, and its span in the `Context`.

use std::sync::Arc;
use std::time::Instant;

use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};

use super::active_span::ActiveSpan;
use super::draft::{Draft, Sheet};
use super::live::Live;
use super::{content, lock, now, open_span, provisional};
use crate::identity;
use crate::span::around::Around;
use crate::span::budget;
use crate::span::detail::{self, Wanted};
use crate::span::dispatch::{self, Dispatch};
use crate::span::pool::Pooled;
use crate::span::record::Identity;
use crate::span::room::Occupancy;
use crate::span::trace_start::{Root, SampleIf, TraceStart};
use crate::span::words::Aside;

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

impl Draft {
    /// Starts the operation; `None` where nothing is to be recorded and no `Context` has to say so.
    pub(crate) fn start(mut self) -> Option<Live> {
        let parent = self.take_parent();
        let home = self.0.home(provisional::settle(parent));
        let associations = self.0.associations.take();
        if self.0.open(identity::add(home, associations), true) {
            return Some(Live::new(self.0));
        }
        self.0.recycle();
        None
    }
}

impl Sheet {
    /// Asks a function of the program whether the trace that begins here is sampled.
    fn ask(
        &mut self,
        sample_if: &SampleIf,
        trace_id: u128,
        inherited: Option<bool>,
        context: &Context,
    ) -> bool {
        // Nothing is locked meanwhile: it may write to the spans that it can reach.
        let mut words = match &self.state {
            Some(state) => std::mem::take(&mut lock(state).words),
            None => std::mem::take(&mut self.words),
        };
        let root = Root::Own(self.operation, &words);
        let sampled = sample_if.is_sampled(&TraceStart::new(trace_id, inherited, context, root));
        match &self.state {
            Some(state) => {
                let mut state = lock(state);
                words.append(&mut state.words);
                state.words = words;
            }
            None => self.words = words,
        }
        sampled
    }

    /// Decides on sampling and opens the span; false where no `Context` has to say anything. Opened again,
    /// it is the same span at another place. An agent around it counts it when its work has begun.
    pub(super) fn open(&mut self, mut parent: Context, has_begun: bool) -> bool {
        if parent.is_telemetry_suppressed() {
            return false;
        }
        let (known, trace_state) = {
            let span = parent.span();
            let known = span.span_context();
            (known.is_valid().then(|| Known::of(known)), known.trace_state().clone())
        };
        let decided = dispatch::with_way(|dispatch, sink| {
            let trace_id = known.map_or_else(|| sink.trace_id(), |known| known.trace_id);
            let inherited = known.map(|known| known.is_sampled);
            let decision = match &dispatch.sample_if {
                None => Ok(dispatch.sampler.is_sampled(inherited, trace_id)),
                Some(_) if known.is_some_and(|known| !known.is_remote) => {
                    Ok(inherited == Some(true))
                }
                Some(sample_if) => Err(sample_if.clone()),
            };
            let Dispatch { metrics, room, detail, .. } = *dispatch;
            (trace_id, sink.span_id(), decision, metrics, room, detail)
        });
        let Some((trace_id, span_id, decision, metrics, room, usual)) = decided else {
            return false;
        };
        let is_asked = decision.is_err();
        // A function of the program may start spans itself.
        let sampled = decision.unwrap_or_else(|sample_if| {
            self.ask(&sample_if, trace_id, known.map(|known| known.is_sampled), &parent)
        });
        let flags = TraceFlags::default().with_sampled(sampled);
        let span_context = |is_remote, trace_state| {
            let (trace_id, span_id) = (TraceId::from(trace_id), SpanId::from(span_id));
            SpanContext::new(trace_id, span_id, flags, is_remote, trace_state)
        };
        let detail = *self.detail.get_or_insert(usual);
        parent = detail::enter(parent, detail, usual);
        let captures = content::is_captured(&parent, sampled);
        let is_exported = sampled || metrics || captures;
        let around =
            if is_exported || budget::is_any() { Around::of(&parent) } else { Around::default() };
        if !is_exported && self.plan.budget.is_none() && !around.is_budgeted() {
            if let Some(state) = self.state.take() {
                lock(&state).forget();
            }
            // Nobody can write to this span; whatever runs inside still has to see the decision, and that
            // it was taken here, if a function of the program took it.
            self.context = if known.is_some_and(|known| !known.is_sampled) && !is_asked {
                parent
            } else {
                parent.with_remote_span_context(span_context(!is_asked, trace_state))
            };
            self.wanted = Wanted::NOTHING;
            return true;
        }

        let is_first = self.state.is_none();
        let pooled = self.state.get_or_insert_with(Pooled::new).clone();
        let mut guard = lock(&pooled);
        let state = &mut *guard;
        if is_first {
            std::mem::swap(&mut state.words, &mut self.words);
            (state.operation, state.kind) = (self.operation, self.kind);
            state.occupancy = Some(Occupancy::new(room));
        }
        state.is_open = true;
        state.detail = detail;
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
        // Others may follow the plan until the work has begun.
        let plan = if has_begun { std::mem::take(&mut self.plan) } else { self.plan.clone() };
        state.accounts.open(self.operation, plan, around);
        if has_begun {
            state.accounts.begin(self.operation, &mut state.words);
        }
        if trace_state != TraceState::NONE || !is_first {
            state.words.put_aside(Aside::State(Box::new(trace_state.clone())));
        }
        if (sampled || captures)
            && let Some(associations) = identity::of(&parent)
        {
            state.words.put_aside(Aside::Associations(Arc::clone(associations)));
        }
        self.wanted = state.wanted();
        parent = state.accounts.enter(self.operation, &state.identity, sampled, parent);
        drop(guard);
        let span_context = span_context(false, trace_state);
        open_span::hold(&span_context, pooled);
        self.context = parent.with_span(ActiveSpan { span_context, sampled });
        true
    }
}
