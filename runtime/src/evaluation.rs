//! What somebody, or a model, thinks of an answer: told about a span, at any later time.

use std::borrow::Cow;
use std::fmt::Debug;
use std::sync::atomic::{AtomicU64, Ordering};

use opentelemetry::trace::TraceContextExt as _;
use opentelemetry::{Context, KeyValue};

use crate::propagation::reference::SpanReference;
use crate::semconv::attribute;
use crate::span::active::Draft;
use crate::span::detail::Wanted;
use crate::span::dispatch::{is_enabled, with_way};
use crate::span::outcome::Outcome;
use crate::span::record::{Kind, OperationKind};
use crate::span::value::{AttributeValue, Number, Text, ValueRef, widen};

static REFUSED: AtomicU64 = AtomicU64::new(0);

/// One judgement: a score, a label, or both, under a name.
///
/// ```
/// use spanline::Evaluation;
///
/// let evaluation = Evaluation::new("relevance")
///     .score(0.8)
///     .label("good")
///     .explanation("answers the question");
/// # drop(evaluation);
/// ```
#[derive(Clone, Debug)]
#[must_use = "an evaluation is told by `spanline::evaluate` or `current().evaluate`"]
pub struct Evaluation {
    pub(crate) name: Cow<'static, str>,
    pub(crate) score: Option<f64>,
    pub(crate) label: Option<String>,
    pub(crate) explanation: Option<String>,
    pub(crate) error_type: Option<Cow<'static, str>>,
    pub(crate) attributes: Vec<KeyValue>,
}

impl Evaluation {
    /// Of this name, such as `relevance`: few different ones.
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self {
            name: name.into(),
            score: None,
            label: None,
            explanation: None,
            error_type: None,
            attributes: Vec::new(),
        }
    }

    /// The score, on whatever scale the name stands for. One that is no finite number is no score: the
    /// evaluation then is refused, and counted in `Health::refused_evaluations`.
    #[allow(clippy::needless_pass_by_value, reason = "takes values and references to them alike")]
    pub fn score(mut self, score: impl Number) -> Self {
        match score.double() {
            Some(ValueRef::Float(score)) => self.score = Some(score),
            Some(ValueRef::Single(score)) => self.score = Some(widen(score)),
            _ => {}
        }
        self
    }

    /// The judgement as a word, such as `good`: few different ones.
    #[allow(clippy::needless_pass_by_value, reason = "takes values and references to them alike")]
    pub fn label(mut self, label: impl Text) -> Self {
        if let Some(ValueRef::Text(label)) = label.value() {
            self.label = Some(label.to_owned());
        }
        self
    }

    /// Why. It may quote the answer.
    #[allow(clippy::needless_pass_by_value, reason = "takes values and references to them alike")]
    pub fn explanation(mut self, explanation: impl Text) -> Self {
        if let Some(ValueRef::Text(explanation)) = explanation.value() {
            self.explanation = Some(explanation.to_owned());
        }
        self
    }

    /// The evaluation itself failed, and this is its `error.type`: few different ones.
    pub fn failed(mut self, error_type: impl Into<Cow<'static, str>>) -> Self {
        self.error_type = Some(error_type.into());
        self
    }

    /// One more attribute; `None` sets nothing.
    #[allow(clippy::needless_pass_by_value, reason = "takes values and references to them alike")]
    pub fn attribute(
        mut self,
        key: impl Into<Cow<'static, str>>,
        value: impl AttributeValue,
    ) -> Self {
        if let Some(value) = value.value() {
            self.attributes.push(KeyValue::new(key.into(), value.into_value()));
        }
        self
    }

    fn is_sound(&self) -> bool {
        !self.name.is_empty() && self.score.is_none_or(f64::is_finite)
    }
}

/// Takes evaluations where log records are exported.
pub(crate) trait EvaluationSink: Debug + Send + Sync {
    fn take(&self, evaluated: &SpanReference, evaluation: Evaluation);
}

/// Tells what somebody thinks of the answer that this span gave: at any time after it, from any
/// process that has telemetry set up.
///
/// Where log records are exported it is the event `gen_ai.evaluation.result` of the evaluated span;
/// elsewhere a span `evaluate {name}` below that span. Without telemetry it is nothing.
///
/// ```
/// use spanline::{Evaluation, SpanReference, evaluate};
///
/// fn thumbs_up(answer: &SpanReference) {
///     evaluate(answer, Evaluation::new("thumbs").score(1).label("up"));
/// }
/// # thumbs_up(&"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".parse()?);
/// # Ok::<(), spanline::InvalidSpanReference>(())
/// ```
pub fn evaluate(evaluated: &SpanReference, evaluation: Evaluation) {
    evaluate_in(evaluated, evaluation, || {
        Context::new().with_remote_span_context(evaluated.span_context())
    });
}

/// The same where the context of the evaluated span is at hand.
pub(crate) fn evaluate_in(
    evaluated: &SpanReference,
    evaluation: Evaluation,
    context: impl FnOnce() -> Context,
) {
    if !is_enabled() || Context::is_current_telemetry_suppressed() {
        return;
    }
    if !evaluation.is_sound() {
        REFUSED.fetch_add(1, Ordering::Relaxed);
        return;
    }
    let left = with_way(|dispatch, _| match &dispatch.evaluations {
        Some(records) => {
            records.take(evaluated, evaluation);
            None
        }
        None => Some(evaluation),
    });
    if let Some(Some(evaluation)) = left {
        carry(evaluated, evaluation, context());
    }
}

/// As a span of its own: what has ended takes no more events.
fn carry(evaluated: &SpanReference, evaluation: Evaluation, parent: Context) {
    let mut span = Draft::new(OperationKind::Span, Kind::Internal);
    span.set_parent(parent);
    span.name(format!("evaluate {}", evaluation.name).into());
    let mut text = |key, value: Option<&str>| span.attribute(key, value.map(ValueRef::Text));
    text(attribute::CARRIED_EVALUATION_NAME, Some(&evaluation.name));
    text(attribute::CARRIED_EVALUATION_SCORE_LABEL, evaluation.label.as_deref());
    text(attribute::CARRIED_EVALUATION_EXPLANATION, evaluation.explanation.as_deref());
    text(attribute::CARRIED_EVALUATION_RESPONSE_ID, evaluated.response_id());
    let score = evaluation.score.map(ValueRef::Float);
    span.attribute(attribute::CARRIED_EVALUATION_SCORE_VALUE, score);
    span.write(|words| {
        for KeyValue { key, value, .. } in evaluation.attributes {
            words.owned_key(key.as_str());
            words.owned_value(value);
        }
    });
    if let Some(span) = span.start() {
        let mut outcome = Outcome::new(Wanted::default());
        if let Some(error_type) = evaluation.error_type {
            outcome.fail(error_type, "");
        }
        span.finish(outcome);
    }
}

/// Evaluations that said nothing that could be recorded.
pub(crate) fn refused() -> u64 {
    REFUSED.load(Ordering::Relaxed)
}
