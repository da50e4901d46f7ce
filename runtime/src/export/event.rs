//! Events as log records: a span's exceptions, the details of an inference, evaluations.

use std::sync::Arc;
use std::time::SystemTime;

use opentelemetry::logs::{AnyValue, Severity};
use opentelemetry::trace::{Event, SpanContext, Status};
use opentelemetry::{InstrumentationScope, Key, KeyValue};
use opentelemetry_sdk::trace::SpanData;

use super::log_record::{LogRecord, of_json, of_value, text};
use super::naming::Naming;
use super::record_queue::RecordQueue;
use crate::content::captured::Values;
use crate::evaluation::{Evaluation, EvaluationSink};
use crate::propagation::reference::SpanReference;
use crate::semconv::rule::Subject;
use crate::semconv::{self, attribute, event};
use crate::span::record::{Exit, OperationKind};
use crate::telemetry::settings::{Convention, ExceptionSignal};

/// What a span stood for and how it ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ended {
    pub(super) operation: OperationKind,
    pub(super) exit: Exit,
    pub(super) subject: Subject,
}

/// Which of them are told as log records.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Events {
    pub(crate) exceptions: ExceptionSignal,
    /// Whether every inference has an event with its details.
    pub(crate) details: bool,
}

impl Events {
    /// Whether this operation tells its details.
    pub(super) fn has_details(self, operation: OperationKind) -> bool {
        self.details && operation.is_generation()
    }

    /// Writes the records of a span that has everything but its limits. Returns the exceptions that
    /// it is not to have any more, since records tell them.
    pub(super) fn derive(
        self,
        ended: Ended,
        span: &mut SpanData,
        content: Values,
        naming: Option<&Naming>,
        records: &mut Vec<LogRecord>,
    ) -> Vec<Event> {
        let Ended { operation, exit, subject } = ended;
        let first = records.len();
        let mut told = Vec::new();
        if self.exceptions != ExceptionSignal::Spans {
            let is_exception = |event: &Event| event.name == event::EXCEPTION;
            let mut exceptions: Vec<Event> =
                span.events.iter().filter(|event| is_exception(event)).cloned().collect();
            if self.exceptions == ExceptionSignal::Logs {
                span.events.events.retain(|event| !is_exception(event));
                told.clone_from(&exceptions);
            }
            if exceptions.is_empty() && matches!(exit, Exit::Error | Exit::Panicked) {
                exceptions.extend(unsaid(span));
            }
            let name = exception_name(operation);
            records.extend(exceptions.into_iter().map(|event| exception(name, span, event)));
        }
        if self.has_details(operation) {
            let is_main = naming.is_some_and(|naming| naming.follows(Convention::GenAiMain));
            records.push(details(span, content, is_main));
        }
        if let Some(naming) = naming {
            for record in records.iter_mut().skip(first) {
                record.event_name = naming.own(record.event_name);
                let attributes = std::mem::take(&mut record.attributes);
                record.attributes = naming.of_event(subject, attributes, integer);
            }
        }
        told
    }
}

/// The record of something that has to do with a span.
fn record(
    event_name: &'static str,
    scope: &InstrumentationScope,
    span: &SpanContext,
    time: SystemTime,
    attributes: Vec<(Key, AnyValue)>,
) -> LogRecord {
    LogRecord {
        time: Some(time),
        observed: time,
        severity: None,
        severity_text: None,
        event_name,
        body: None,
        attributes,
        dropped_attributes: 0,
        trace_id: span.trace_id(),
        span_id: span.span_id(),
        trace_flags: span.trace_flags(),
        scope: scope.clone(),
    }
}

fn exception(name: &'static str, span: &SpanData, event: Event) -> LogRecord {
    let attributes = event.attributes.into_iter().map(|it| (it.key, of_value(it.value))).collect();
    let SpanData { instrumentation_scope: scope, span_context, .. } = span;
    let mut record = record(name, scope, span_context, event.timestamp, attributes);
    record.severity = Some(Severity::Warn);
    record.severity_text = Some(Severity::Warn.name());
    record
}

/// A panic, or a status that other code set, is an exception that no event tells.
fn unsaid(span: &SpanData) -> Option<Event> {
    let error_type =
        span.attributes.iter().find(|it| it.key.as_str() == attribute::ERROR_TYPE)?.value.clone();
    let mut attributes = vec![KeyValue::new(attribute::EXCEPTION_TYPE, error_type)];
    if let Status::Error { description } = &span.status
        && !description.is_empty()
    {
        attributes.push(KeyValue::new(attribute::EXCEPTION_MESSAGE, description.clone()));
    }
    Some(Event::new(event::EXCEPTION, span.end_time, attributes, 0))
}

/// An error travels up: each operation that it ends has a name of its own, so that nobody counts one
/// failed call twice.
fn exception_name(operation: OperationKind) -> &'static str {
    match operation {
        OperationKind::Chat
        | OperationKind::TextCompletion
        | OperationKind::GenerateContent
        | OperationKind::Embeddings
        | OperationKind::Retrieval => event::CLIENT_OPERATION_EXCEPTION,
        OperationKind::Workflow => event::PIPELINE_EXCEPTION,
        OperationKind::Agent => event::AGENT_EXCEPTION,
        OperationKind::Tool => event::TOOL_EXCEPTION,
        OperationKind::Stage => event::STAGE_EXCEPTION,
        OperationKind::Span => event::SPAN_EXCEPTION,
    }
}

/// What an inference was asked and what it answered; `content` in its own structure.
fn details(span: &SpanData, content: Values, is_main: bool) -> LogRecord {
    let own = span
        .attributes
        .iter()
        .filter(|it| semconv::is_of_details(it.key.as_str(), is_main))
        .map(|it| (it.key.clone(), of_value(it.value.clone())));
    let content = content.into_iter().map(|(key, value)| (Key::new(key), of_json(value)));
    let SpanData { instrumentation_scope: scope, span_context, end_time, .. } = span;
    let attributes = own.chain(content).collect();
    let mut record = record(event::INFERENCE_DETAILS, scope, span_context, *end_time, attributes);
    if is_main {
        record.severity = Some(Severity::Debug);
        record.severity_text = Some(Severity::Debug.name());
    }
    record
}

/// A whole number where the conventions want one.
fn integer(value: AnyValue) -> AnyValue {
    match value {
        #[allow(clippy::cast_possible_truncation, reason = "what is beyond stays at the bound")]
        AnyValue::Double(number) if number.is_finite() => AnyValue::Int(number.round() as i64),
        other => other,
    }
}

/// Evaluations on their way to the exporters of log records.
#[derive(Debug)]
pub(crate) struct EvaluationRecords {
    queue: Arc<RecordQueue>,
    scope: InstrumentationScope,
}

impl EvaluationRecords {
    pub(crate) fn new(queue: Arc<RecordQueue>, scope: InstrumentationScope) -> Self {
        Self { queue, scope }
    }
}

impl EvaluationSink for EvaluationRecords {
    fn take(&self, evaluated: &SpanReference, evaluation: Evaluation) {
        let Evaluation { name, score, label, explanation, error_type, attributes } = evaluation;
        let response_id = evaluated.response_id().map(str::to_owned);
        let own = [
            (attribute::EVALUATION_NAME, Some(text(name))),
            (attribute::EVALUATION_SCORE_VALUE, score.map(AnyValue::Double)),
            (attribute::EVALUATION_SCORE_LABEL, label.map(AnyValue::from)),
            (attribute::EVALUATION_EXPLANATION, explanation.map(AnyValue::from)),
            (attribute::RESPONSE_ID, response_id.map(AnyValue::from)),
            (attribute::ERROR_TYPE, error_type.map(text)),
        ];
        let own = own.into_iter().filter_map(|(key, value)| Some((Key::new(key), value?)));
        let more = attributes.into_iter().map(|it| (it.key, of_value(it.value)));
        let span = evaluated.span_context();
        let attributes = own.chain(more).collect();
        let now = SystemTime::now();
        self.queue.submit(record(event::EVALUATION_RESULT, &self.scope, &span, now, attributes));
    }
}
