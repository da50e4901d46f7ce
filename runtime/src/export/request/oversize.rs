//! One span or log record that is larger than a request may be, made smaller: what tells least goes
//! first.

use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;

use super::Request;
use crate::semconv;

/// Texts below this are not cut: a name or an id is worth more than its bytes.
const SHORTEST: usize = 256;

impl Request {
    /// How many bytes it has as protobuf.
    pub(crate) fn encoded_len(&self) -> usize {
        match self {
            Self::Traces(traces) => traces.encoded_len(),
            Self::Metrics(metrics) => metrics.encoded_len(),
            Self::Logs(logs) => logs.encoded_len(),
        }
    }

    /// Takes about `over` bytes off a request with one span or log record, and says how many went: fewer
    /// where no more can go.
    ///
    /// The longest texts are cut to a common length, with a mark at their ends; content, which is JSON, is
    /// dropped where it is longer. Then whole events, links and attributes go, the largest first. What
    /// is dropped is counted where OTLP counts it, and what is cut in the attribute `cut_bytes`.
    pub(crate) fn shrink(&mut self, over: usize, cut_bytes: &'static str) -> usize {
        match self {
            Self::Traces(traces) => {
                let resources = traces.resource_spans.iter_mut();
                let scopes = resources.flat_map(|resource| &mut resource.scope_spans);
                let span = scopes.flat_map(|scope| &mut scope.spans).next();
                span.map_or(0, |span| shrink_span(span, over, cut_bytes))
            }
            Self::Logs(logs) => {
                let resources = logs.resource_logs.iter_mut();
                let scopes = resources.flat_map(|resource| &mut resource.scope_logs);
                let record = scopes.flat_map(|scope| &mut scope.log_records).next();
                record.map_or(0, |record| shrink_record(record, over, cut_bytes))
            }
            Self::Metrics(_) => 0,
        }
    }
}

fn shrink_span(span: &mut Span, over: usize, cut_bytes: &'static str) -> usize {
    let mut lengths = Lengths::default();
    lengths.of_attributes(&span.attributes);
    span.events.iter().for_each(|event| lengths.of_attributes(&event.attributes));
    span.links.iter().for_each(|link| lengths.of_attributes(&link.attributes));
    lengths.0.extend(span.status.iter().map(|status| status.message.len()));
    let mut gone = 0;
    if let Some(level) = lengths.level(over) {
        let mut cut = Cut { level, bytes: 0 };
        cut.attributes(&mut span.attributes, &mut span.dropped_attributes_count);
        for event in &mut span.events {
            cut.attributes(&mut event.attributes, &mut event.dropped_attributes_count);
        }
        for link in &mut span.links {
            cut.attributes(&mut link.attributes, &mut link.dropped_attributes_count);
        }
        if let Some(status) = &mut span.status {
            cut.text(&mut status.message);
        }
        note(&mut span.attributes, cut_bytes, cut.bytes);
        gone = cut.bytes;
    }
    let rest = |gone: usize| over.saturating_sub(gone);
    gone += drop_largest(&mut span.events, rest(gone), &mut span.dropped_events_count, |_| true);
    gone += drop_largest(&mut span.links, rest(gone), &mut span.dropped_links_count, |_| true);
    let dropped = &mut span.dropped_attributes_count;
    let may_go = |attribute: &KeyValue| attribute.key != cut_bytes;
    gone + drop_largest(&mut span.attributes, rest(gone), dropped, may_go)
}

fn shrink_record(record: &mut LogRecord, over: usize, cut_bytes: &'static str) -> usize {
    let mut lengths = Lengths::default();
    lengths.of_attributes(&record.attributes);
    record.body.iter().for_each(|body| lengths.of_value(body));
    let mut gone = 0;
    if let Some(level) = lengths.level(over) {
        let mut cut = Cut { level, bytes: 0 };
        cut.attributes(&mut record.attributes, &mut record.dropped_attributes_count);
        if let Some(body) = &mut record.body {
            cut.value(body);
        }
        note(&mut record.attributes, cut_bytes, cut.bytes);
        gone = cut.bytes;
    }
    let (rest, dropped) = (over.saturating_sub(gone), &mut record.dropped_attributes_count);
    let may_go = |attribute: &KeyValue| attribute.key != cut_bytes;
    gone + drop_largest(&mut record.attributes, rest, dropped, may_go)
}

/// How long each text is, however deep it is.
#[derive(Default)]
struct Lengths(Vec<usize>);

impl Lengths {
    fn of_attributes(&mut self, attributes: &[KeyValue]) {
        attributes.iter().filter_map(|it| it.value.as_ref()).for_each(|value| self.of_value(value));
    }

    fn of_value(&mut self, value: &AnyValue) {
        match &value.value {
            Some(Value::StringValue(text)) => self.0.push(text.len()),
            Some(Value::ArrayValue(list)) => {
                list.values.iter().for_each(|value| self.of_value(value));
            }
            Some(Value::KvlistValue(map)) => self.of_attributes(&map.values),
            _ => {}
        }
    }

    /// The length that the longest texts are cut to, so that `over` bytes go; as few as possible are
    /// cut. `None` where no text is long enough.
    fn level(mut self, over: usize) -> Option<usize> {
        self.0.retain(|length| *length > SHORTEST);
        self.0.sort_unstable_by_key(|length| std::cmp::Reverse(*length));
        let (mut together, mut level) = (0, None);
        for (index, length) in self.0.iter().enumerate() {
            together += length;
            let next = self.0.get(index + 1).copied().unwrap_or(SHORTEST);
            let each = together.saturating_sub(over) / (index + 1);
            level = Some(each.max(SHORTEST));
            if each >= next {
                break;
            }
        }
        level
    }
}

/// Cuts texts to a level.
struct Cut {
    level: usize,
    bytes: usize,
}

impl Cut {
    fn attributes(&mut self, attributes: &mut Vec<KeyValue>, dropped: &mut u32) {
        attributes.retain_mut(|attribute| {
            let Some(value) = &mut attribute.value else { return true };
            if let Some(Value::StringValue(text)) = &value.value
                && text.len() > self.level
                && semconv::is_content(&attribute.key)
            {
                // JSON that was cut would be none.
                self.bytes += text.len();
                *dropped += 1;
                return false;
            }
            self.value(value);
            true
        });
    }

    fn value(&mut self, value: &mut AnyValue) {
        match &mut value.value {
            Some(Value::StringValue(text)) => self.text(text),
            Some(Value::ArrayValue(list)) => {
                list.values.iter_mut().for_each(|value| self.value(value));
            }
            Some(Value::KvlistValue(map)) => {
                for member in &mut map.values {
                    if let Some(value) = &mut member.value {
                        self.value(value);
                    }
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &mut String) {
        if text.len() <= self.level {
            return;
        }
        let before = text.len();
        // As long as the real mark, or longer: fewer bytes are cut than there are.
        let room = self.level.saturating_sub(mark(before).len());
        let end = (0..=room).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        text.truncate(end);
        text.push_str(&mark(before - end));
        self.bytes += before - end;
    }
}

fn mark(bytes: usize) -> String {
    format!("…[{bytes} bytes cut]")
}

/// Adds to what was cut before.
fn note(attributes: &mut Vec<KeyValue>, key: &'static str, bytes: usize) {
    let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
    let known = attributes.iter_mut().find(|attribute| attribute.key == key);
    if let Some(KeyValue {
        value: Some(AnyValue { value: Some(Value::IntValue(known)) }), ..
    }) = known
    {
        *known = known.saturating_add(bytes);
        return;
    }
    let value = Some(AnyValue { value: Some(Value::IntValue(bytes)) });
    attributes.push(KeyValue { key: key.to_owned(), value, ..KeyValue::default() });
}

/// Drops the largest until `over` bytes are gone; says how many went.
fn drop_largest<T: prost::Message>(
    items: &mut Vec<T>,
    over: usize,
    dropped: &mut u32,
    may_go: impl Fn(&T) -> bool,
) -> usize {
    let mut sizes: Vec<(usize, usize)> = items
        .iter()
        .enumerate()
        .filter(|(_, item)| may_go(item))
        .map(|(index, item)| (item.encoded_len(), index))
        .collect();
    sizes.sort_unstable_by_key(|(size, _)| std::cmp::Reverse(*size));
    let mut gone = 0;
    let mut stays = vec![true; items.len()];
    for (size, index) in sizes {
        if gone >= over {
            break;
        }
        gone += size;
        *dropped += 1;
        if let Some(stays) = stays.get_mut(index) {
            *stays = false;
        }
    }
    let mut stays = stays.into_iter();
    items.retain(|_| stays.next().unwrap_or(true));
    gone
}
