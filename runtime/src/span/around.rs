//! What an operation is part of: the pipelines, agents, stages and model calls around it.
//!
//! A span of ours is asked for it. Where the operation's parent is a span of other OpenTelemetry code, it
//! is known from when that span started; where that was not told, because the span is not sampled or comes
//! from elsewhere, the innermost pipeline or agent is known: the root of a trace by the id of the trace,
//! others by the `Context`.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt as _};

use super::active::open_span;
use super::model_call::ModelCall;
use super::pool::Pooled;
use super::rollup::Rollup;

/// The innermost of each kind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Around {
    /// What sums up.
    pub(crate) rollup: Option<Pooled<Rollup>>,
    pub(crate) call: Option<Pooled<ModelCall>>,
}

/// What the `Context` holds of pipelines and agents that are no root.
#[derive(Debug)]
struct Within(Around);

/// Open pipelines and agents without a parent, by the ids of their traces.
static ROOTS: LazyLock<Registry> = LazyLock::new(Registry::default);
/// Open spans of other OpenTelemetry code, by their ids.
static FOREIGN: LazyLock<Registry> = LazyLock::new(Registry::default);

const SHARDS: usize = 64;

/// What is around, by ids, which are random: in so many pieces threads hardly ever meet.
#[derive(Debug)]
struct Registry([Mutex<Shard>; SHARDS]);

type Shard = HashMap<u128, Around, BuildHasherDefault<Bits>>;

/// A random id is its own hash.
#[derive(Debug, Default)]
struct Bits(u64);

impl Hasher for Bits {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    #[allow(clippy::cast_possible_truncation, reason = "the two halves of an id")]
    fn write_u128(&mut self, id: u128) {
        self.0 = (id >> 64) as u64 ^ id as u64;
    }
}

impl Default for Registry {
    fn default() -> Self {
        Self([const { None }; SHARDS].map(|_: Option<()>| Mutex::default()))
    }
}

impl Registry {
    fn shard(&self, id: u128) -> Option<MutexGuard<'_, Shard>> {
        #[allow(clippy::cast_possible_truncation, reason = "some bits of an id")]
        let shard = self.0.get((id >> 24) as usize % SHARDS)?;
        Some(shard.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn get(&self, id: u128) -> Option<Around> {
        self.shard(id)?.get(&id).cloned()
    }

    fn insert(&self, id: u128, around: Around) {
        let _before = self.shard(id).and_then(|mut shard| shard.insert(id, around));
    }

    /// Gives what was there, to be dropped when the lock is not held.
    fn remove(&self, id: u128) -> Option<Around> {
        self.shard(id)?.remove(&id)
    }
}

impl Around {
    /// Of an operation in this context. One in another trace or process is no part of what happens to run
    /// here.
    pub(crate) fn of(context: &Context) -> Self {
        let span = context.span();
        let parent = span.span_context();
        if !parent.is_valid() || parent.is_remote() {
            return Self::default();
        }
        open_span::around(context)
            .or_else(|| FOREIGN.get(id(parent.span_id())))
            .or_else(|| context.get::<Within>().map(|Within(around)| around.clone()))
            .or_else(|| ROOTS.get(u128::from_be_bytes(parent.trace_id().to_bytes())))
            .unwrap_or_default()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rollup.is_none() && self.call.is_none()
    }

    /// For what is under spans of others in this context.
    pub(crate) fn enter(self, context: &Context) -> Context {
        context.with_value(Within(self))
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
        FOREIGN.insert(id(span.span_id()), around);
    }
}

/// That it ends. What starts in it later is found otherwise.
#[cfg(feature = "telemetry")]
pub(crate) fn leave_foreign(span: &SpanContext) {
    FOREIGN.remove(id(span.span_id()));
}

fn id(span_id: SpanId) -> u128 {
    u128::from(u64::from_be_bytes(span_id.to_bytes()))
}
