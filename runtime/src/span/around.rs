//! What an operation is part of: the pipelines, agents, stages and model calls around it.
//!
//! A span of ours knows it. Where the operation's parent is a span of other OpenTelemetry code, it
//! is known from when that span started; where that was not told, because the span is not sampled or comes
//! from elsewhere, the innermost pipeline or agent is known: the root of a trace by the id of the trace,
//! others by the `Context`.

use std::sync::LazyLock;

use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, TraceContextExt as _};

use super::active::open_span;
use super::model_call::ModelCall;
use super::pool::Pooled;
use super::registry::Registry;
use super::rollup::Rollup;

/// The innermost of each kind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Around {
    /// What sums up.
    pub(crate) rollup: Option<Pooled<Rollup>>,
    pub(crate) call: Option<Pooled<ModelCall>>,
}

/// What the `Context` holds of pipelines and agents that are no root, and of model calls that are not
/// sampled.
#[derive(Debug)]
struct Within {
    trace_id: u128,
    around: Around,
}

/// Open pipelines and agents without a parent, by the ids of their traces.
static ROOTS: LazyLock<Registry<Around>> = LazyLock::new(Registry::default);
/// Open spans of other OpenTelemetry code, by their ids.
static FOREIGN: LazyLock<Registry<Around>> = LazyLock::new(Registry::default);

impl Around {
    /// Of an operation in this context. One in another trace or process is no part of what happens to run
    /// here.
    pub(crate) fn of(context: &Context) -> Self {
        let span = context.span();
        let parent = span.span_context();
        if !parent.is_valid() || parent.is_remote() {
            return Self::default();
        }
        let trace_id = u128::from_be_bytes(parent.trace_id().to_bytes());
        let within = || context.get::<Within>().filter(|within| within.trace_id == trace_id);
        open_span::around(parent)
            .or_else(|| FOREIGN.get(id(parent)))
            .or_else(|| within().map(|within| within.around.clone()))
            .or_else(|| ROOTS.get(trace_id))
            .unwrap_or_default()
    }

    /// Whether somebody may ask for what is left, however little is recorded.
    pub(crate) fn is_budgeted(&self) -> bool {
        self.rollup.as_ref().is_some_and(|rollup| rollup.is_budgeted())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rollup.is_none() && self.call.is_none()
    }

    /// For what is under spans of others in this context.
    pub(crate) fn enter(self, trace_id: u128, context: &Context) -> Context {
        context.with_value(Within { trace_id, around: self })
    }
}

/// A root is known as long as this lives.
#[derive(Debug)]
pub(crate) struct Root(u128);

impl Root {
    pub(crate) fn new(trace_id: u128, around: Around) -> Self {
        ROOTS.insert(trace_id, around);
        Self(trace_id)
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        ROOTS.remove(self.0);
    }
}

/// That a span of other code starts.
#[cfg(feature = "telemetry")]
pub(crate) fn enter_foreign(span: &SpanContext, parent: &Context) {
    let around = Around::of(parent);
    if !around.is_empty() {
        FOREIGN.insert(id(span), around);
    }
}

/// That it ends. What starts in it later is found otherwise.
#[cfg(feature = "telemetry")]
pub(crate) fn leave_foreign(span: &SpanContext) {
    FOREIGN.remove(id(span));
}

/// That none of them is followed any more.
#[cfg(feature = "telemetry")]
pub(crate) fn forget_foreign() {
    FOREIGN.clear();
}

pub(crate) fn id(span: &SpanContext) -> u128 {
    u128::from(u64::from_be_bytes(span.span_id().to_bytes()))
}
