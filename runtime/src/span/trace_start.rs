//! Whether a trace is recorded, as a function of the program decides it.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use opentelemetry::{Context, KeyValue, Value};

use super::record::{OperationKind, operation_name};
use super::sampler::is_below;
use super::value::widen;
use super::words::{Aside, Word, Words};
use crate::identity;
use crate::semconv::attribute;

/// What is known of a trace when it begins in this process, for a function that decides whether it is
/// recorded: see `TelemetryBuilder::sample_if`.
///
/// It is known by its local root: the span without a parent in this process, because it has none or
/// because that is in another process.
///
/// ```
/// # fn sample(_: impl Fn(&spanline::TraceStart<'_>) -> bool) {}
/// // Health checks never, the rest as the caller decided, and of what begins here a tenth.
/// # sample(
/// |start: &spanline::TraceStart<'_>| {
///     start.name() != "health"
///         && start.parent_is_sampled().unwrap_or_else(|| start.is_within_ratio(0.1))
/// }
/// # );
/// ```
pub struct TraceStart<'s> {
    trace_id: u128,
    parent_is_sampled: Option<bool>,
    context: &'s Context,
    root: Root<'s>,
}

/// The span that begins it.
pub(crate) enum Root<'s> {
    Own(OperationKind, &'s Words),
    /// Of other OpenTelemetry code.
    Foreign(&'s str, &'s [KeyValue]),
}

impl<'s> TraceStart<'s> {
    pub(crate) fn new(
        trace_id: u128,
        parent_is_sampled: Option<bool>,
        context: &'s Context,
        root: Root<'s>,
    ) -> Self {
        Self { trace_id, parent_is_sampled, context, root }
    }

    /// The trace id, 32 hexadecimal digits.
    pub fn trace_id(&self) -> String {
        format!("{:032x}", self.trace_id)
    }

    /// The name of the span, as it is known now and by the default conventions: `invoke_workflow
    /// support-answer`, `retrieve` for a stage.
    pub fn name(&self) -> Cow<'_, str> {
        let (operation, words) = match self.root {
            Root::Own(operation, words) => (operation, words),
            Root::Foreign(name, _) => return Cow::Borrowed(name),
        };
        if let Some(name) = words.name() {
            return name;
        }
        let own = operation_name(operation);
        match operation.subject().and_then(|subject| words.text_of(subject)) {
            Some(subject) => Cow::Owned(format!("{own} {subject}")),
            None => Cow::Borrowed(own),
        }
    }

    /// The `gen_ai.operation.name`, such as `invoke_workflow`; empty where it has none.
    pub fn operation(&self) -> Cow<'_, str> {
        match self.root {
            Root::Own(operation, _) => Cow::Borrowed(operation_name(operation)),
            Root::Foreign(..) => {
                let told = self.attribute(attribute::OPERATION_NAME);
                told.map(|value| Cow::Owned(value.as_str().into_owned())).unwrap_or_default()
            }
        }
    }

    /// Whether the parent in another process is sampled; `None` where there is no parent.
    pub fn parent_is_sampled(&self) -> Option<bool> {
        self.parent_is_sampled
    }

    /// An attribute that is known now, by the name that it has in the default conventions: one that was
    /// given before the start, or one of whom it is for, such as `session.id`. Content is none.
    pub fn attribute(&self, key: &str) -> Option<Value> {
        let own = match self.root {
            Root::Own(_, words) => words.attribute_value(key),
            Root::Foreign(_, attributes) => find(attributes, key),
        };
        own.or_else(|| {
            let operation = match self.root {
                Root::Own(operation, _) => operation_name(operation),
                Root::Foreign(..) => "",
            };
            let mut shared = Vec::new();
            identity::of(self.context)?.put_on(operation, &mut shared);
            find(&shared, key)
        })
    }

    /// Whether the trace is in this share of all traces, 0.0 to 1.0: by its id, so that every process
    /// says the same.
    pub fn is_within_ratio(&self, share: f64) -> bool {
        is_below(self.trace_id, share)
    }
}

/// Without texts of the program's but the name.
impl fmt::Debug for TraceStart<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TraceStart")
            .field("trace_id", &self.trace_id())
            .field("name", &self.name())
            .field("parent_is_sampled", &self.parent_is_sampled)
            .finish_non_exhaustive()
    }
}

fn find(attributes: &[KeyValue], key: &str) -> Option<Value> {
    let found = attributes.iter().find(|attribute| attribute.key.as_str() == key);
    found.map(|attribute| attribute.value.clone())
}

impl Words {
    /// The name that was given, if one was.
    fn name(&self) -> Option<Cow<'_, str>> {
        let words = self.as_slice();
        let place = words.iter().rposition(|word| matches!(word, Word::Name))?;
        Some(self.read_text(words.get(place + 1..)?)?.0)
    }

    /// The last value of the attribute of this name.
    fn attribute_value(&self, key: &str) -> Option<Value> {
        let words = self.value_of(key)?;
        match words.first()? {
            Word::Bool(value) => Some(Value::Bool(*value)),
            Word::Int(value) => Some(Value::I64(*value)),
            Word::Float(value) => Some(Value::F64(*value)),
            Word::Single(value) => Some(Value::F64(widen(*value))),
            Word::Aside(number) => match self.aside(*number)? {
                Aside::Array(array) => Some(Value::Array((**array).clone())),
                Aside::Text(text) => Some(Value::from(text.to_string())),
                _ => None,
            },
            _ => Some(Value::from(self.read_text(words)?.0.into_owned())),
        }
    }
}

thread_local! {
    /// Whether a function of the program is deciding on this thread.
    static IS_ASKED: Cell<bool> = const { Cell::new(false) };
}

/// A function of the program that decides whether a trace is recorded.
#[derive(Clone)]
pub(crate) struct SampleIf {
    decide: Arc<dyn Fn(&TraceStart<'_>) -> bool + Send + Sync>,
    panics: Arc<AtomicU64>,
}

impl SampleIf {
    #[cfg(feature = "telemetry")]
    pub(crate) fn new(decide: impl Fn(&TraceStart<'_>) -> bool + Send + Sync + 'static) -> Self {
        Self { decide: Arc::new(decide), panics: Arc::default() }
    }

    /// Its answer; where it panics, what it was asked about is recorded. It is not asked about what it
    /// starts itself, for it would never end: that is not recorded.
    pub(crate) fn is_sampled(&self, start: &TraceStart<'_>) -> bool {
        if IS_ASKED.replace(true) {
            return false;
        }
        let answer = catch_unwind(AssertUnwindSafe(|| (self.decide)(start)));
        IS_ASKED.set(false);
        answer.unwrap_or_else(|_| {
            self.panics.fetch_add(1, Ordering::Relaxed);
            true
        })
    }

    /// How often it panicked.
    #[cfg(feature = "telemetry")]
    pub(crate) fn panics(&self) -> u64 {
        self.panics.load(Ordering::Relaxed)
    }
}

impl fmt::Debug for SampleIf {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SampleIf").field("panics", &self.panics).finish_non_exhaustive()
    }
}
