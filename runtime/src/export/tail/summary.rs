//! What rules know of a trace.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use opentelemetry::{KeyValue, Value};

use super::span::{Ending, HeldSpan};
use crate::export::record::Record;
use crate::semconv::{Measured, attribute};
use crate::span::record::operation_name;
use crate::usage::money::Money;

/// A trace of this process, as a rule of [`TailSampling`](crate::TailSampling) sees it: its spans that
/// have ended, in sum, and its local root.
///
/// The local root is the span without a parent in this process: without any, or with a remote one.
///
/// ```
/// use std::time::Duration;
///
/// use spanline::TailSampling;
///
/// // Every long trace of one tenant, whatever it did.
/// let sampling = TailSampling::new().errors().rule("acme", |trace| {
///     trace.duration() > Duration::from_secs(1)
///         && trace.attribute("spanline.tenant.id").is_some_and(|it| it.as_str() == "acme")
/// });
/// # drop(sampling);
/// ```
pub struct TraceSummary {
    trace_id: u128,
    spans: usize,
    errors: usize,
    cancelled: usize,
    panics: usize,
    /// What the model calls used, each by itself.
    calls: Consumed,
    has_remote_parent: bool,
    /// Nanoseconds since the Unix epoch.
    start: u64,
    end: u64,
    root: Option<Root>,
}

#[derive(Debug)]
struct Root {
    name: Cow<'static, str>,
    operation: Cow<'static, str>,
    duration: Duration,
    /// What was used in it, if it has totals.
    totals: Consumed,
    span: HeldSpan,
}

#[derive(Clone, Copy, Debug, Default)]
struct Consumed {
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
    cost: Option<Money>,
}

impl TraceSummary {
    pub(super) fn new(trace_id: u128) -> Self {
        Self {
            trace_id,
            spans: 0,
            errors: 0,
            cancelled: 0,
            panics: 0,
            calls: Consumed::default(),
            has_remote_parent: false,
            start: u64::MAX,
            end: 0,
            root: None,
        }
    }

    /// The trace id, 32 hexadecimal digits.
    pub fn trace_id(&self) -> String {
        format!("{:032x}", self.trace_id)
    }

    /// The name of the local root's span, such as `invoke_workflow support-answer`; empty where that
    /// has not ended.
    pub fn name(&self) -> &str {
        self.root.as_ref().map_or("", |root| &root.name)
    }

    /// The local root's `gen_ai.operation.name`, such as `invoke_workflow`; empty where it has none or
    /// has not ended.
    pub fn operation(&self) -> &str {
        self.root.as_ref().map_or("", |root| &root.operation)
    }

    /// Whether the local root has ended. It has not where a trace is decided early: at one of the
    /// bounds, or at shutdown.
    pub fn is_complete(&self) -> bool {
        self.root.is_some()
    }

    /// Whether the parent of the local root is in another process.
    pub fn has_remote_parent(&self) -> bool {
        self.has_remote_parent
    }

    /// How long the local root took; where it has not ended, from the first start to the last end that
    /// are known.
    pub fn duration(&self) -> Duration {
        match &self.root {
            Some(root) => root.duration,
            None => Duration::from_nanos(self.end.saturating_sub(self.start)),
        }
    }

    /// Spans that have ended.
    pub fn spans(&self) -> usize {
        self.spans
    }

    /// Spans whose status is an error, panics among them, wherever they are in the trace.
    pub fn errors(&self) -> usize {
        self.errors
    }

    /// Spans of operations that were cancelled, and of streams and sinks that were abandoned.
    pub fn cancelled(&self) -> usize {
        self.cancelled
    }

    /// Spans of operations that panicked.
    pub fn panics(&self) -> usize {
        self.panics
    }

    /// What the trace cost in US dollars, if anything of it is known: the local root's total, or where it
    /// has none what the model calls cost.
    pub fn cost_usd(&self) -> Option<f64> {
        let total = self.root.as_ref().and_then(|root| root.totals.cost);
        total.or(self.calls.cost).map(Money::dollars)
    }

    /// Input tokens: the local root's total, or where it has none those of the model calls.
    pub fn input_tokens(&self) -> u64 {
        let total = self.root.as_ref().and_then(|root| root.totals.input_tokens);
        total.or(self.calls.input_tokens).unwrap_or_default()
    }

    /// Output tokens: the local root's total, or where it has none those of the model calls.
    pub fn output_tokens(&self) -> u64 {
        let total = self.root.as_ref().and_then(|root| root.totals.output_tokens);
        total.or(self.calls.output_tokens).unwrap_or_default()
    }

    /// An attribute of the local root, by the name that it has in the default conventions: one of its own,
    /// or one of whom it is for, such as `session.id`. Content is none.
    pub fn attribute(&self, key: &str) -> Option<Value> {
        let root = self.root.as_ref()?;
        let find = |attributes: &[KeyValue]| {
            let found = attributes.iter().find(|attribute| attribute.key.as_str() == key);
            found.map(|attribute| attribute.value.clone())
        };
        let (own, associations) = match &root.span {
            HeldSpan::Own(own) => (&own.0.attributes, &own.0.associations),
            HeldSpan::Foreign(foreign) => (&foreign.span.attributes, &foreign.associations),
        };
        find(own).or_else(|| {
            let mut shared = Vec::new();
            associations.as_ref()?.put_on(&root.operation, &mut shared);
            find(&shared)
        })
    }

    pub(super) fn key(&self) -> u128 {
        self.trace_id
    }

    /// Whether a span without any parent has ended: nothing but stragglers can follow.
    pub(super) fn is_over(&self) -> bool {
        self.root.as_ref().is_some_and(|root| root.span.is_root())
    }

    /// Counts a span.
    pub(super) fn add(&mut self, span: &HeldSpan, ending: Ending) {
        self.spans += 1;
        self.errors += usize::from(ending.is_error);
        self.cancelled += usize::from(ending.is_cancelled);
        self.panics += usize::from(ending.is_panicked);
        self.has_remote_parent |= span.has_remote_parent();
        let (start, end) = match span {
            HeldSpan::Own(own) => {
                let identity = &own.0.identity;
                (identity.start, identity.start.saturating_add(identity.duration))
            }
            HeldSpan::Foreign(foreign) => {
                (nanoseconds(foreign.span.start_time), nanoseconds(foreign.span.end_time))
            }
        };
        self.start = self.start.min(start);
        self.end = self.end.max(end);
        if let HeldSpan::Own(own) = span
            && own.0.head.operation.is_model_call()
        {
            self.calls.add(&own.0);
        }
    }

    /// Takes a local root, and gives back the one that it takes the place of, if it does, or itself: of
    /// several the one without any parent is the root.
    pub(super) fn put_root(
        &mut self,
        span: HeldSpan,
        name: impl FnOnce(&HeldSpan) -> Cow<'static, str>,
    ) -> Option<HeldSpan> {
        if self.root.as_ref().is_some_and(|known| known.span.is_root() || !span.is_root()) {
            return Some(span);
        }
        let name = name(&span);
        let root = Root::new(span, name);
        self.root.replace(root).map(|before| before.span)
    }

    pub(super) fn take_root(&mut self) -> Option<HeldSpan> {
        self.root.take().map(|root| root.span)
    }
}

/// Without texts of the program's.
impl fmt::Debug for TraceSummary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TraceSummary")
            .field("trace_id", &self.trace_id())
            .field("name", &self.name())
            .field("is_complete", &self.is_complete())
            .field("duration", &self.duration())
            .field("spans", &self.spans)
            .field("errors", &self.errors)
            .field("cancelled", &self.cancelled)
            .field("cost_usd", &self.cost_usd())
            .finish_non_exhaustive()
    }
}

impl Root {
    fn new(span: HeldSpan, name: Cow<'static, str>) -> Self {
        let (operation, duration, totals) = match &span {
            HeldSpan::Own(own) => {
                let record = &own.0;
                let operation = Cow::Borrowed(operation_name(record.head.operation));
                let duration = Duration::from_nanos(record.identity.duration);
                (operation, duration, Consumed::totals(record))
            }
            HeldSpan::Foreign(foreign) => {
                let span = &foreign.span;
                let operation = span
                    .attributes
                    .iter()
                    .find(|attribute| attribute.key.as_str() == attribute::OPERATION_NAME)
                    .map(|attribute| Cow::Owned(attribute.value.as_str().into_owned()));
                let duration = span.end_time.duration_since(span.start_time);
                (operation.unwrap_or_default(), duration.unwrap_or_default(), Consumed::default())
            }
        };
        Self { name, operation, duration, totals, span }
    }
}

impl Consumed {
    /// What everything in an operation used.
    fn totals(record: &Record) -> Self {
        Self {
            input_tokens: count(record.attribute(attribute::TOTAL_INPUT_TOKENS)),
            output_tokens: count(record.attribute(attribute::TOTAL_OUTPUT_TOKENS)),
            cost: money(record.attribute(attribute::TOTAL_COST_USD)),
        }
    }

    /// Adds a model call, as the metrics do.
    fn add(&mut self, call: &Record) {
        let add = |sum: &mut Option<u64>, more: Option<u64>| {
            if let Some(more) = more {
                *sum = Some(sum.unwrap_or_default().saturating_add(more));
            }
        };
        add(&mut self.input_tokens, count(call.measured(Measured::USAGE_INPUT_TOKENS)));
        add(&mut self.output_tokens, count(call.measured(Measured::USAGE_OUTPUT_TOKENS)));
        if !call.head.is_cost_told_inside {
            let of_call = money(call.measured(Measured::COST_USD));
            let of_failed = money(call.measured(Measured::FAILED_ATTEMPTS_COST_USD));
            let costs = self.cost.into_iter().chain(of_call).chain(of_failed);
            self.cost = costs.reduce(Money::saturating_add);
        }
    }
}

fn count(value: Option<&Value>) -> Option<u64> {
    match value {
        Some(Value::I64(count)) => u64::try_from(*count).ok(),
        _ => None,
    }
}

fn money(value: Option<&Value>) -> Option<Money> {
    match value {
        Some(Value::F64(dollars)) => Money::of_dollars(*dollars),
        _ => None,
    }
}

fn nanoseconds(time: std::time::SystemTime) -> u64 {
    let since = time.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
