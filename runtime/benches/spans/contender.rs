//! What is compared: each the same work, traced in its own way.

mod by_hand;
mod fastrace;
mod plain;
mod spanline;
mod tracing;

use std::fmt;
use std::pin::Pin;

use ::futures::Stream;

use crate::exporter::Counter;

/// A way to trace the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Contender {
    Plain,
    ByHand,
    ByHandWithMetrics,
    Tracing,
    TracingLean,
    Fastrace,
    Spanline,
    SpanlineWithMetrics,
}

/// How a contender is set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Enabled,
    SampledOut,
    NotSetUp,
}

/// Why a stage failed; none does.
#[derive(Debug)]
pub(crate) struct Failure;

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the stage failed")
    }
}

impl std::error::Error for Failure {}

/// What a model answers.
pub(crate) struct Reply {
    pub(crate) model: &'static str,
    pub(crate) input_tokens: u64,
    pub(crate) output_tokens: u64,
}

/// Ends what was set up.
pub(crate) type TearDown = Box<dyn FnOnce()>;

type Work = Pin<Box<dyn Future<Output = Result<u64, Failure>>>>;
type Chunks = Pin<Box<dyn Stream<Item = u64>>>;

/// The work of one contender; everything is asked for once before it is measured.
pub(crate) struct Works {
    /// A root, three stages with three attributes each, a model call with eight: five spans.
    pub(crate) pipeline: fn(u64) -> Work,
    /// One span with so many attributes.
    pub(crate) attributes: fn(usize) -> Work,
    /// So many spans, each inside the one before.
    pub(crate) nested: fn(usize) -> Work,
    /// One span that waits once.
    pub(crate) held: fn(u64) -> Work,
    /// One span around so many chunks.
    pub(crate) stream: fn(u64) -> Chunks,
}

impl Contender {
    pub(crate) const ALL: [Self; 8] = [
        Self::Plain,
        Self::ByHand,
        Self::ByHandWithMetrics,
        Self::Tracing,
        Self::TracingLean,
        Self::Fastrace,
        Self::Spanline,
        Self::SpanlineWithMetrics,
    ];

    /// What ratios are against.
    pub(crate) const BASE: Self = Self::ByHandWithMetrics;

    /// Those that differ in a state.
    pub(crate) fn in_state(state: State) -> Vec<Self> {
        let is_alike = |it: &Self| {
            state == State::NotSetUp && matches!(it, Self::TracingLean | Self::Spanline)
        };
        Self::ALL.into_iter().filter(|it| !is_alike(it)).collect()
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::ByHand => "by-hand",
            Self::ByHandWithMetrics => "by-hand-metrics",
            Self::Tracing => "tracing",
            Self::TracingLean => "tracing-lean",
            Self::Fastrace => "fastrace",
            Self::Spanline => "spanline",
            Self::SpanlineWithMetrics => "spanline-metrics",
        }
    }

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Plain => "not instrumented",
            Self::ByHand => "opentelemetry_sdk by hand",
            Self::ByHandWithMetrics => "the same, with metrics",
            Self::Tracing => "tracing + tracing-opentelemetry",
            Self::TracingLean => "the same, all options off",
            Self::Fastrace => "fastrace",
            Self::Spanline => "spanline, metrics off",
            Self::SpanlineWithMetrics => "spanline, with metrics",
        }
    }

    pub(crate) fn works(self, state: State) -> Works {
        match self {
            Self::Plain => plain::works(),
            Self::ByHand | Self::ByHandWithMetrics => by_hand::works(state),
            Self::Tracing | Self::TracingLean => tracing::works(),
            Self::Fastrace => fastrace::works(),
            Self::Spanline | Self::SpanlineWithMetrics => spanline::works(),
        }
    }

    /// With room for so many ended spans.
    pub(crate) fn set_up(self, state: State, counter: Counter, queue: usize) -> TearDown {
        match self {
            Self::Plain => Box::new(|| ()),
            Self::ByHand => by_hand::set_up(state, counter, queue, false),
            Self::ByHandWithMetrics => by_hand::set_up(state, counter, queue, true),
            Self::Tracing => tracing::set_up(state, counter, queue, false),
            Self::TracingLean => tracing::set_up(state, counter, queue, true),
            // It has no bound to be set.
            Self::Fastrace => fastrace::set_up(state, counter),
            Self::Spanline => spanline::set_up(state, counter, queue, false),
            Self::SpanlineWithMetrics => spanline::set_up(state, counter, queue, true),
        }
    }
}

impl State {
    pub(crate) const ALL: [Self; 3] = [Self::Enabled, Self::SampledOut, Self::NotSetUp];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::SampledOut => "sampled-out",
            Self::NotSetUp => "not-set-up",
        }
    }

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Enabled => "set up",
            Self::SampledOut => "sampled out",
            Self::NotSetUp => "not set up",
        }
    }
}
