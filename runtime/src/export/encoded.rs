//! Spans as OTLP has them in protobuf, written as they are: its official types would copy every text once
//! more before they are encoded.

mod message;

use std::time::{SystemTime, UNIX_EPOCH};

use opentelemetry::trace::{Event, Link, SpanId, SpanKind, Status, TraceState};
use opentelemetry::{Array, InstrumentationScope, KeyValue, StringValue, Value};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SpanData;

use self::message::{Message, nested_length};
use crate::export::queue::Measure;
use crate::export::span_data::is_valuable;

/// Spans by their scopes in the order of the first of each.
#[derive(Clone, Debug, Default)]
pub(crate) struct EncodedSpans {
    scopes: Vec<Scope>,
    /// The scope of the last one: as a rule all are of one.
    last: usize,
    /// Room for so many bytes is made for the first scope.
    room: usize,
}

/// What stands round the spans of a request.
#[derive(Debug)]
pub(crate) struct EncodedResource {
    resource: Message,
    schema_url: String,
}

#[derive(Clone, Debug)]
struct Scope {
    made_by: InstrumentationScope,
    spans: Message,
    ends: Vec<End>,
}

/// Where a span ends.
#[derive(Clone, Copy, Debug)]
struct End {
    place: usize,
    is_valuable: bool,
}

/// What is in one request: spans by their scopes.
#[derive(Debug)]
pub(crate) struct Cut<'a>(Vec<Part<'a>>);

/// The spans of one scope that are in one request.
#[derive(Debug)]
struct Part<'a> {
    scope: &'a InstrumentationScope,
    start: usize,
    spans: &'a [u8],
    items: usize,
}

impl Cut<'_> {
    /// How many spans are inside.
    pub(crate) fn items(&self) -> usize {
        self.0.iter().map(|part| part.items).sum()
    }
}

impl EncodedResource {
    pub(crate) fn new(resource: &Resource) -> Self {
        let mut message = Message::default();
        for (key, value) in resource {
            message.nested(1, |message| attribute(message, key.as_str(), value));
        }
        let schema_url = resource.schema_url().unwrap_or_default().to_owned();
        Self { resource: message, schema_url }
    }

    /// A request with these spans.
    pub(crate) fn request(&self, Cut(parts): &Cut<'_>) -> Vec<u8> {
        let length: usize = parts.iter().map(|part| part.spans.len()).sum();
        let mut request = Message(Vec::with_capacity(length + 1024));
        request.nested(1, |message| {
            message.bytes_or_default(1, &self.resource.0);
            for part in parts {
                message.nested(2, |message| {
                    message.nested(1, |message| write_scope(message, part.scope));
                    message.0.extend_from_slice(part.spans);
                    message.bytes(3, part.scope.schema_url().unwrap_or_default().as_bytes());
                });
            }
            message.bytes(3, self.schema_url.as_bytes());
        });
        request.0
    }

    /// Bytes round the scopes of a request, at most.
    fn around(&self) -> usize {
        nested_length(self.resource.0.len())
            + nested_length(self.schema_url.len())
            + nested_length(0)
    }
}

impl EncodedSpans {
    pub(crate) fn new(spans: &[SpanData]) -> Self {
        let mut encoded = Self::default();
        for span in spans {
            encoded.push(span);
        }
        encoded
    }

    /// Makes room for so many bytes.
    pub(crate) fn make_room(&mut self, bytes: usize) {
        self.room = bytes;
    }

    /// Bytes of all spans.
    pub(crate) fn len(&self) -> usize {
        self.scopes.iter().map(|scope| scope.spans.0.len()).sum()
    }

    /// How many spans there are.
    pub(crate) fn count(&self) -> usize {
        self.scopes.iter().map(|scope| scope.ends.len()).sum()
    }

    /// Returns how many bytes the span takes.
    pub(crate) fn push(&mut self, span: &SpanData) -> usize {
        let Some(scope) = self.scope(&span.instrumentation_scope) else { return 0 };
        let start = scope.spans.0.len();
        scope.spans.nested(2, |message| write(message, span));
        let end = scope.spans.0.len();
        scope.ends.push(End { place: end, is_valuable: is_valuable(span) });
        end - start
    }

    fn scope(&mut self, scope: &InstrumentationScope) -> Option<&mut Scope> {
        if self.scopes.get(self.last).is_none_or(|last| last.made_by != *scope) {
            let known = self.scopes.iter().position(|known| known.made_by == *scope);
            self.last = known.unwrap_or_else(|| {
                let spans = Message(Vec::with_capacity(std::mem::take(&mut self.room)));
                self.scopes.push(Scope { made_by: scope.clone(), spans, ends: Vec::new() });
                self.scopes.len() - 1
            });
        }
        self.scopes.get_mut(self.last)
    }

    /// The names of all.
    #[cfg(test)]
    #[cfg(all(feature = "file", feature = "otlp-http"))]
    pub(crate) fn names(&self) -> Vec<String> {
        use opentelemetry_proto::tonic::trace::v1::ScopeSpans;
        use prost::Message as _;

        let decode = |scope: &Scope| ScopeSpans::decode(&*scope.spans.0).unwrap_or_default().spans;
        self.scopes.iter().flat_map(decode).map(|span| span.name).collect()
    }

    pub(crate) fn measures(&self) -> Vec<Measure> {
        let of = |scope: &Scope| {
            let starts = std::iter::once(0).chain(scope.ends.iter().map(|end| end.place));
            let measures = scope.ends.iter().zip(starts).map(|(end, start)| Measure {
                bytes: end.place - start,
                is_valuable: end.is_valuable,
            });
            measures.collect::<Vec<_>>()
        };
        self.scopes.iter().flat_map(of).collect()
    }

    /// Leaves those, by their places.
    pub(crate) fn retain(&mut self, is_kept: &[bool]) {
        let mut is_kept = is_kept.iter();
        for scope in &mut self.scopes {
            let all = std::mem::take(&mut scope.spans.0);
            let mut start = 0;
            scope.ends.retain_mut(|end| {
                let span = all.get(start..end.place).unwrap_or_default();
                start = end.place;
                let is_kept = is_kept.next().copied().unwrap_or(true);
                if is_kept {
                    scope.spans.0.extend_from_slice(span);
                    end.place = scope.spans.0.len();
                }
                is_kept
            });
        }
        self.scopes.retain(|scope| !scope.ends.is_empty());
        self.last = 0;
    }

    /// What belongs into one request after the other, so that each has at most so many bytes. A span that
    /// is larger alone is a request of its own: its receiver decides.
    pub(crate) fn cut(&self, most: usize, resource: &EncodedResource) -> Vec<Cut<'_>> {
        let around = resource.around();
        let mut cuts = Vec::new();
        let mut parts: Vec<Part<'_>> = Vec::new();
        let mut length = around;
        for scope in &self.scopes {
            let mut start = 0;
            let around_scope = scope.around();
            let mut is_open = false;
            for End { place: end, .. } in &scope.ends {
                let bytes = scope.spans.0.get(start..*end).unwrap_or_default();
                let mut added = bytes.len() + if is_open { 0 } else { around_scope };
                if length + added > most && !parts.is_empty() {
                    cuts.push(Cut(std::mem::take(&mut parts)));
                    length = around;
                    is_open = false;
                    added = bytes.len() + around_scope;
                }
                if let Some(part) = parts.last_mut().filter(|_| is_open) {
                    part.spans = scope.spans.0.get(part.start..*end).unwrap_or_default();
                    part.items += 1;
                } else {
                    let scope = &scope.made_by;
                    parts.push(Part { scope, start, spans: bytes, items: 1 });
                }
                is_open = true;
                length += added;
                start = *end;
            }
        }
        if !parts.is_empty() {
            cuts.push(Cut(parts));
        }
        cuts
    }
}

impl Scope {
    /// How many bytes are round its spans, at most.
    fn around(&self) -> usize {
        let mut message = Message::default();
        write_scope(&mut message, &self.made_by);
        let schema_url = self.made_by.schema_url().unwrap_or_default();
        nested_length(message.0.len()) + nested_length(schema_url.len()) + nested_length(0)
    }
}

fn write_scope(message: &mut Message, scope: &InstrumentationScope) {
    message.bytes(1, scope.name().as_bytes());
    message.bytes(2, scope.version().unwrap_or_default().as_bytes());
    attributes(message, 3, scope.attributes());
}

fn write(message: &mut Message, span: &SpanData) {
    let context = &span.span_context;
    message.bytes(1, &context.trace_id().to_bytes());
    message.bytes(2, &context.span_id().to_bytes());
    trace_state(message, context.trace_state());
    if span.parent_span_id != SpanId::INVALID {
        message.bytes(4, &span.parent_span_id.to_bytes());
    }
    message.bytes(5, span.name.as_bytes());
    message.whole(6, kind(&span.span_kind));
    message.fixed64(7, nanoseconds(span.start_time));
    message.fixed64(8, nanoseconds(span.end_time));
    attributes(message, 9, span.attributes.iter());
    message.whole(10, span.dropped_attributes_count.into());
    for event in &span.events.events {
        message.nested(11, |message| write_event(message, event));
    }
    message.whole(12, span.events.dropped_count.into());
    for link in &span.links.links {
        message.nested(13, |message| write_link(message, link));
    }
    message.whole(14, span.links.dropped_count.into());
    message.nested(15, |message| match &span.status {
        Status::Unset => {}
        Status::Ok => message.whole(3, 1),
        Status::Error { description } => {
            message.bytes(2, description.as_bytes());
            message.whole(3, 2);
        }
    });
    message.fixed32(16, flags(span.parent_span_is_remote, context.trace_flags().to_u8()));
}

fn write_event(message: &mut Message, event: &Event) {
    message.fixed64(1, nanoseconds(event.timestamp));
    message.bytes(2, event.name.as_bytes());
    attributes(message, 3, event.attributes.iter());
    message.whole(4, event.dropped_attributes_count.into());
}

fn write_link(message: &mut Message, link: &Link) {
    let context = &link.span_context;
    message.bytes(1, &context.trace_id().to_bytes());
    message.bytes(2, &context.span_id().to_bytes());
    trace_state(message, context.trace_state());
    attributes(message, 4, link.attributes.iter());
    message.whole(5, link.dropped_attributes_count.into());
    message.fixed32(6, flags(context.is_remote(), context.trace_flags().to_u8()));
}

fn trace_state(message: &mut Message, state: &TraceState) {
    if *state != TraceState::NONE {
        message.bytes(3, state.header().as_bytes());
    }
}

fn attributes<'a>(
    message: &mut Message,
    field: u32,
    attributes: impl Iterator<Item = &'a KeyValue>,
) {
    for KeyValue { key, value, .. } in attributes {
        message.nested(field, |message| attribute(message, key.as_str(), value));
    }
}

fn attribute(message: &mut Message, key: &str, value: &Value) {
    message.bytes(1, key.as_bytes());
    message.nested(2, |message| any(message, value));
}

fn any(message: &mut Message, value: &Value) {
    match value {
        Value::Bool(flag) => boolean(message, *flag),
        Value::I64(number) => integer(message, *number),
        Value::F64(number) => message.double_or_default(4, *number),
        Value::String(value) => text(message, value),
        Value::Array(array) => message.nested(5, |message| list(message, array)),
        // A kind of value to come: as text.
        other => message.bytes_or_default(1, other.as_str().as_bytes()),
    }
}

fn list(message: &mut Message, array: &Array) {
    match array {
        Array::Bool(flags) => elements(message, flags, |message, flag| boolean(message, *flag)),
        Array::I64(numbers) => elements(message, numbers, |message, it| integer(message, *it)),
        Array::F64(numbers) => {
            elements(message, numbers, |message, number| message.double_or_default(4, *number));
        }
        Array::String(texts) => elements(message, texts, text),
        // A kind of list to come: as one text.
        other => elements(message, &[other.to_string().into()], text),
    }
}

fn elements<T>(message: &mut Message, elements: &[T], write: impl Fn(&mut Message, &T)) {
    for element in elements {
        message.nested(1, |message| write(message, element));
    }
}

fn text(message: &mut Message, text: &StringValue) {
    message.bytes_or_default(1, text.as_str().as_bytes());
}

fn boolean(message: &mut Message, flag: bool) {
    message.whole_or_default(2, flag.into());
}

fn integer(message: &mut Message, number: i64) {
    message.whole_or_default(3, number.cast_unsigned());
}

fn kind(kind: &SpanKind) -> u64 {
    match kind {
        SpanKind::Internal => 1,
        SpanKind::Server => 2,
        SpanKind::Client => 3,
        SpanKind::Producer => 4,
        SpanKind::Consumer => 5,
    }
}

/// The flags of the trace, and whether it is known that a context came from elsewhere.
fn flags(is_remote: bool, trace_flags: u8) -> u32 {
    u32::from(trace_flags) | 0x100 | if is_remote { 0x200 } else { 0 }
}

fn nanoseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
