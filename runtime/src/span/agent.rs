//! The agent that an operation runs in, and the calls that it makes while it runs.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use opentelemetry::Context;
use opentelemetry::trace::TraceContextExt as _;

use super::record::{Kind, OperationKind, Words};
use super::value::ValueRef;
use crate::semconv::attribute;

/// An agent, known to everything that runs in it.
#[derive(Debug)]
pub(crate) struct RunningAgent {
    name: Cow<'static, str>,
    inference_calls: AtomicI64,
    tool_calls: AtomicI64,
}

/// What the `Context` holds: the innermost agent, or that an outer one ends here.
#[derive(Debug)]
struct Innermost(Option<Arc<RunningAgent>>);

impl RunningAgent {
    pub(crate) fn new(name: Cow<'static, str>) -> Self {
        Self { name, inference_calls: AtomicI64::new(0), tool_calls: AtomicI64::new(0) }
    }

    /// Whatever runs in the returned context is this agent's, and no longer an outer one's.
    pub(crate) fn enter(self: &Arc<Self>, context: &Context) -> Context {
        context.with_value(Innermost(Some(Arc::clone(self))))
    }

    fn calls(&self, operation: OperationKind) -> &AtomicI64 {
        if is_inference(operation) { &self.inference_calls } else { &self.tool_calls }
    }

    /// Writes what was counted. A remote agent makes its calls elsewhere: of it nothing is known
    /// until one was made here.
    pub(crate) fn write_calls(&self, kind: Kind, words: &mut Words) {
        for (key, calls) in [
            (attribute::AGENT_INFERENCE_CALLS, &self.inference_calls),
            (attribute::AGENT_TOOL_CALLS, &self.tool_calls),
        ] {
            let calls = calls.load(Ordering::Relaxed);
            if calls > 0 || kind == Kind::Internal {
                words.attribute(key, Some(ValueRef::Int(calls)));
            }
        }
    }
}

/// The context of an operation with this parent: one in another trace or process is no part of an
/// agent that happens to run here.
pub(crate) fn around(context: Context) -> Context {
    let is_here = {
        let span = context.span();
        span.span_context().is_valid() && !span.span_context().is_remote()
    };
    match context.get::<Innermost>() {
        _ if is_here => context,
        Some(Innermost(Some(_))) => context.with_value(Innermost(None)),
        _ => context,
    }
}

/// Counts an operation that starts for the agent that it runs in, if it is a call, and names that
/// agent on a tool's span.
pub(crate) fn count(operation: OperationKind, parent: &Context, words: &mut Words) {
    if !is_inference(operation) && operation != OperationKind::Tool {
        return;
    }
    let Some(Innermost(Some(agent))) = parent.get::<Innermost>() else { return };
    agent.calls(operation).fetch_add(1, Ordering::Relaxed);
    // The user's own word about it wins.
    if operation == OperationKind::Tool && !words.contains(attribute::AGENT_NAME) {
        words.attribute(attribute::AGENT_NAME, Some(ValueRef::Text(&agent.name)));
    }
}

fn is_inference(operation: OperationKind) -> bool {
    matches!(
        operation,
        OperationKind::Chat | OperationKind::TextCompletion | OperationKind::GenerateContent
    )
}
