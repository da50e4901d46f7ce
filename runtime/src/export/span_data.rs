//! From a record to the SDK's `SpanData`: names, status, limits.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use opentelemetry::trace::{Event, Link, SpanContext, SpanId, Status, TraceFlags, TraceId};
use opentelemetry::{Array, KeyValue, StringValue, Value};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};

use crate::content::captured::{Captured, Values};
use crate::export::event::{Ended, Events};
use crate::export::log_record::LogRecord;
use crate::export::naming::{self, Naming, subject};
use crate::export::outgoing::Outgoing;
use crate::export::pending::Pending;
use crate::export::record::Record;
use crate::export::ring::Foreign;
use crate::export::texts::Texts;
use crate::semconv::rule::Subject;
use crate::semconv::{self, Measured, attribute, error_type};
use crate::span::detail::Extent;
use crate::span::record::{Exit, Head, Identity, OperationKind, operation_name};
use crate::span::value::bytes_of;
use crate::span::words::{Aside, Word};
use crate::telemetry::settings::Limits;

/// Turns records into spans as exporters know them.
#[derive(Debug)]
pub(crate) struct Renderer {
    schema_url: Option<&'static str>,
    limits: Limits,
    texts: Texts,
    outgoing: Outgoing,
    /// Whether a cancelled operation, or an abandoned stream, has the error status; by default it
    /// has none.
    cancelled_is_error: bool,
    events: Events,
    /// None where spans are written as they were recorded.
    naming: Option<Naming>,
    /// Whether the console wants spans as a person reads them.
    has_console: bool,
}

impl Renderer {
    pub(crate) fn new(
        limits: Limits,
        outgoing: Outgoing,
        cancelled_is_error: bool,
        events: Events,
        naming: Naming,
        has_console: bool,
    ) -> Self {
        let schema_url = naming.schema_url();
        let naming = Some(naming).filter(|naming| !naming.is_default());
        let texts = Texts::new(Arc::clone(outgoing.masks()));
        Self {
            schema_url,
            limits,
            texts,
            outgoing,
            cancelled_is_error,
            events,
            naming,
            has_console,
        }
    }

    /// Reads one record with masks on all its texts; of one that is not sampled so much. Returns whether
    /// the words were whole.
    pub(crate) fn read(
        &mut self,
        record: &mut Record,
        words: &[Word],
        asides: &mut [Aside],
        unsampled: Extent,
    ) -> bool {
        let is_read = record.read(words, asides, unsampled, &mut self.texts);
        let has_details = !record.events.is_empty() || !record.links.is_empty();
        if has_details && record.is_sampled() {
            self.outgoing.mask_details(&mut record.events, &mut record.links);
        }
        is_read
    }

    /// Writes the span of a [masked](Self::read) record with what was captured, and the log records that
    /// follow from it. The record has nothing of worth afterwards.
    pub(crate) fn render(
        &mut self,
        record: &mut Record,
        captured: Captured,
        spans: &mut Pending,
        records: &mut Vec<LogRecord>,
    ) {
        let Head { operation, exit, .. } = record.head;
        let subject = subject(operation, record.head.kind);
        let status = self.status(record);
        let name = self.name(record);
        let Identity { trace_id, span_id, parent_span_id, start, duration } = record.identity;
        let start_time = UNIX_EPOCH + Duration::from_nanos(start);
        let span = spans.begin(SpanData {
            span_context: SpanContext::new(
                TraceId::from(trace_id),
                SpanId::from(span_id),
                TraceFlags::new(record.head.trace_flags),
                false,
                std::mem::take(&mut record.trace_state),
            ),
            parent_span_id: SpanId::from(parent_span_id),
            parent_span_is_remote: record.head.parent_is_remote,
            span_kind: record.head.kind.into(),
            name,
            start_time,
            end_time: start_time + Duration::from_nanos(duration),
            attributes: std::mem::take(&mut record.attributes),
            dropped_attributes_count: record.excess.attributes,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status,
            // Made of constants in less time than it is cloned in.
            instrumentation_scope: naming::scope(self.schema_url),
        });
        std::mem::swap(&mut span.events.events, &mut record.events);
        span.events.dropped_count = record.excess.events;
        std::mem::swap(&mut span.links.links, &mut record.links);
        span.links.dropped_count = record.excess.links;
        let own = span.attributes.len();
        let may_limit = record.associations.is_some()
            || !captured.values.is_empty()
            || self.outgoing.may_limit(record.text);
        if let Some(associations) = record.associations.take() {
            associations.put_on(operation_name(operation), &mut span.attributes);
            self.outgoing.mask_attributes(span.attributes.get_mut(own..).unwrap_or_default());
        }
        // No text is masked twice: a function of the program's may not know what it has changed.
        let own = captured.put_on(&mut span.attributes, own);
        let has_details = self.events.has_details(operation);
        let mut details = if has_details { captured.into_details() } else { Values::new() };
        let cut = self.outgoing.limit_details(&mut details);
        let ended = Ended { operation, exit, subject };
        let naming = self.naming.as_ref();
        let told = self.events.derive(ended, span, details, naming, records);
        let cut_here = if may_limit { self.outgoing.limit(span) } else { 0 };
        self.outgoing.count(cut.max(cut_here));
        let plain = self.complete(span, subject, own, told);
        let has_more = may_limit || !span.events.is_empty() || !span.links.is_empty();
        let bytes = if has_more { bytes(span) } else { plain_bytes(span) + record.text };
        if let Some(span) = spans.end(bytes, plain) {
            // The memory is the next one's.
            record.attributes = std::mem::take(&mut span.attributes);
        }
    }

    /// The same for a span that other code has made.
    pub(crate) fn render_foreign(&self, foreign: Foreign, spans: &mut Pending) {
        let Foreign { mut span, associations } = foreign;
        let operation = span
            .attributes
            .iter()
            .find(|attribute| attribute.key.as_str() == attribute::OPERATION_NAME)
            .map(|attribute| attribute.value.as_str().into_owned())
            .unwrap_or_default();
        let own = span.attributes.len();
        if let Some(associations) = associations {
            associations.put_on(&operation, &mut span.attributes);
        }
        self.outgoing.mask_foreign(&mut span);
        self.outgoing.count(self.outgoing.limit(&mut span));
        let plain = self.complete(&mut span, Subject::Foreign, own, Vec::new());
        let bytes = bytes(&span);
        spans.begin(span);
        spans.end(bytes, plain);
    }

    /// A name of ours, as this program writes it.
    pub(crate) fn own_name(&self, name: &'static str) -> &'static str {
        self.naming.as_ref().map_or(name, |naming| naming.own(name))
    }

    /// `told` are the events that log records tell, and that a person wants on the span. Returns what the
    /// console gets in place of the span, where that differs: boxed, for as a rule nothing does.
    fn complete(
        &self,
        span: &mut SpanData,
        subject: Subject,
        mut own: usize,
        told: Vec<Event>,
    ) -> Option<Box<SpanData>> {
        let mut for_console = None;
        if self.has_console && (self.naming.is_some() || !told.is_empty()) {
            let mut plain = span.clone();
            plain.events.events.extend(told);
            self.limit(&mut plain, own, semconv::rank);
            for_console = Some(Box::new(plain));
        }
        if let Some(naming) = &self.naming {
            own = naming.apply(subject, span, own);
        }
        let rank = |key: &str| match &self.naming {
            Some(naming) => naming.rank(key),
            None => semconv::rank(key),
        };
        self.limit(span, own, rank);
        for_console
    }

    fn name(&mut self, record: &mut Record) -> Cow<'static, str> {
        // A name that other code gave the span later wins.
        if !record.name.is_empty() {
            return std::mem::take(&mut record.name);
        }
        self.name_of_operation(record)
    }

    /// The name that the record's span will have by default.
    pub(crate) fn name_of(&mut self, record: &Record) -> Cow<'static, str> {
        if record.name.is_empty() { self.name_of_operation(record) } else { record.name.clone() }
    }

    fn name_of_operation(&mut self, record: &Record) -> Cow<'static, str> {
        let operation = operation_name(record.head.operation);
        let subject = match record.head.operation {
            OperationKind::Workflow => record.measured(Measured::WORKFLOW_NAME),
            OperationKind::Agent => record.measured(Measured::AGENT_NAME),
            OperationKind::Tool => record.measured(Measured::TOOL_NAME),
            OperationKind::Retrieval => record.attribute(attribute::DATA_SOURCE_ID),
            OperationKind::Stage | OperationKind::Span => None,
            _ => record.measured(Measured::REQUEST_MODEL),
        };
        self.texts.name(operation, subject)
    }

    fn status(&self, record: &mut Record) -> Status {
        let said = record.status.take();
        let described = |said: Option<Result<(), Cow<'static, str>>>| match said {
            Some(Err(description)) => description,
            _ => Cow::Borrowed(""),
        };
        match record.head.exit {
            Exit::Ok => match said {
                Some(Ok(())) => Status::Ok,
                Some(Err(description)) => Status::Error { description },
                None => Status::Unset,
            },
            Exit::Error | Exit::Panicked => Status::Error { description: described(said) },
            Exit::Cancelled if self.cancelled_is_error => {
                Status::Error { description: Cow::Borrowed(error_type::CANCELLED) }
            }
            Exit::Abandoned if self.cancelled_is_error => {
                Status::Error { description: Cow::Borrowed(error_type::ABANDONED) }
            }
            Exit::Cancelled | Exit::Abandoned => Status::Unset,
        }
    }

    /// Cuts what is over the limits and says how much; the attributes behind its `own` are shared
    /// ones.
    fn limit(&self, span: &mut SpanData, own: usize, rank: impl Fn(&str) -> u8) {
        // As a rule it has no more than these, and not too many of them.
        if span.attributes.len() <= self.limits.attributes
            && span.events.events.is_empty()
            && span.links.links.is_empty()
            && self.limits.value_length.is_none()
        {
            return;
        }
        span.dropped_attributes_count +=
            cut_attributes(&mut span.attributes, own, self.limits.attributes, rank);
        span.events.dropped_count += cut(&mut span.events.events, self.limits.events);
        for event in &mut span.events.events {
            event.dropped_attributes_count +=
                cut(&mut event.attributes, self.limits.event_attributes);
        }
        span.links.dropped_count += cut(&mut span.links.links, self.limits.links);
        for link in &mut span.links.links {
            link.dropped_attributes_count += cut(&mut link.attributes, self.limits.link_attributes);
        }
        if let Some(length) = self.limits.value_length {
            let events = span.events.events.iter_mut().flat_map(|event| &mut event.attributes);
            let links = span.links.links.iter_mut().flat_map(|link| &mut link.attributes);
            for attribute in span.attributes.iter_mut().chain(events).chain(links) {
                shorten(&mut attribute.value, length);
            }
        }
    }
}

/// The memory that a span takes, about.
pub(super) fn bytes(span: &SpanData) -> usize {
    let of = |attributes: &[KeyValue]| -> usize {
        attributes.iter().map(|it| bytes_of(&it.value)).sum::<usize>() + size_of_val(attributes)
    };
    let events = span.events.iter().map(|it| size_of::<Event>() + of(&it.attributes));
    let links = span.links.iter().map(|it| size_of::<Link>() + of(&it.attributes));
    let values: usize = span.attributes.iter().map(|it| bytes_of(&it.value)).sum();
    plain_bytes(span) + values + events.sum::<usize>() + links.sum::<usize>()
}

/// A root, an error: what a person looks for first.
pub(super) fn is_valuable(span: &SpanData) -> bool {
    span.parent_span_id == SpanId::INVALID
        || span.parent_span_is_remote
        || matches!(span.status, Status::Error { .. })
}

/// Without its values, its events and its links.
fn plain_bytes(span: &SpanData) -> usize {
    size_of::<SpanData>() + size_of_val(span.attributes.as_slice())
}

fn cut<T>(items: &mut Vec<T>, limit: usize) -> u32 {
    let over = items.len().saturating_sub(limit);
    items.truncate(limit);
    u32::try_from(over).unwrap_or(u32::MAX)
}

/// The order of what is kept stays; what goes, goes by its rank, the latest first.
fn cut_attributes(
    attributes: &mut Vec<KeyValue>,
    own: usize,
    limit: usize,
    rank: impl Fn(&str) -> u8,
) -> u32 {
    if attributes.len() <= limit {
        return 0;
    }
    let mut by_rank: Vec<usize> = (0..attributes.len()).collect();
    by_rank.sort_by_key(|&index| match attributes.get(index) {
        Some(attribute) if index < own => rank(attribute.key.as_str()),
        _ => semconv::RANK_OF_IDENTITY,
    });
    by_rank.truncate(limit);
    by_rank.sort_unstable();
    let all = std::mem::take(attributes);
    let over = all.len() - limit;
    let mut kept = by_rank.into_iter().peekable();
    *attributes = all
        .into_iter()
        .enumerate()
        .filter_map(|(index, attribute)| kept.next_if_eq(&index).map(|_| attribute))
        .collect();
    u32::try_from(over).unwrap_or(u32::MAX)
}

/// Keeps at most `length` characters of each text.
fn shorten(value: &mut Value, length: usize) {
    match value {
        Value::String(text) => shorten_text(text, length),
        Value::Array(Array::String(texts)) => {
            for text in texts {
                shorten_text(text, length);
            }
        }
        _ => {}
    }
}

pub(super) fn shorten_text(text: &mut StringValue, length: usize) {
    if let Some((end, _)) = text.as_str().char_indices().nth(length) {
        let kept = text.as_str().get(..end).unwrap_or_default().to_owned();
        *text = kept.into();
    }
}
