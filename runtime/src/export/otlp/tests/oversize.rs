//! What is too large for a request alone, and arrives all the same.

use opentelemetry::trace::{Event, Status};
use opentelemetry::{Key, KeyValue};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_sdk::trace::SpanData;

use super::*;
use crate::export::log_record::text;
use crate::semconv::attribute;

const MOST: usize = 16 * 1024;
const CUT: &str = attribute::CONTENT_CUT_BYTES;

/// One span after the change, as it arrived, with what is said of it.
fn arrived(protocol: Protocol, change: impl FnOnce(&mut SpanData)) -> (Span, usize) {
    let receiver = Receiver::start();
    let mut settings = settings(protocol, &receiver.url());
    settings.max_request_bytes = MOST;
    let mut spans = sample::spans(3);
    change(&mut spans[1]);
    run(async {
        let mut exporter = OtlpExporter::new(&settings).unwrap();
        let delivery = exporter.export_spans(&sample::resource(), spans).await;
        assert_eq!(delivery, Delivery::complete(), "{protocol:?}");
        assert_eq!(exporter.take_shrunk_items(), 1, "{protocol:?}");
        assert_eq!(exporter.take_shrunk_items(), 0);
    });
    let mut largest = 0;
    for request in receiver.requests() {
        let Payload::Traces(traces) = request.payload else { panic!("metrics") };
        let request = Request::Traces(traces);
        let bytes = match protocol {
            Protocol::HttpJson => request.to_json().unwrap(),
            _ => request.to_protobuf(),
        };
        assert!(bytes.len() <= MOST, "{protocol:?}: {}", bytes.len());
        largest = largest.max(bytes.len());
    }
    assert_eq!(receiver.spans().len(), 3, "{protocol:?}: nothing else is lost with it");
    let span = receiver.spans().into_iter().map(|it| it.span).find(|it| it.name == "span 2");
    (span.unwrap(), largest)
}

fn value<'a>(span: &'a Span, key: &str) -> Option<&'a Value> {
    let found = span.attributes.iter().find(|attribute| attribute.key == key)?;
    found.value.as_ref()?.value.as_ref()
}

fn string<'a>(span: &'a Span, key: &str) -> &'a str {
    match value(span, key) {
        Some(Value::StringValue(text)) => text,
        other => panic!("{key}: {other:?}"),
    }
}

#[test]
fn the_longest_text_of_a_span_is_cut_and_says_by_how_much() {
    for protocol in PROTOCOLS {
        let (span, largest) = arrived(protocol, |span| {
            span.attributes.push(KeyValue::new("long", "ä".repeat(50_000)));
            span.attributes.push(KeyValue::new("short", "kept"));
        });
        assert_eq!(string(&span, "short"), "kept");
        let long = string(&span, "long");
        let (kept, mark) = long.split_once('…').unwrap();
        assert!(kept.chars().all(|character| character == 'ä'), "{protocol:?}");
        assert_eq!(mark, format!("[{} bytes cut]", 100_000 - kept.len()));
        let cut = i64::try_from(100_000 - kept.len()).unwrap();
        assert_eq!(value(&span, CUT), Some(&Value::IntValue(cut)), "{protocol:?}");
        assert!(largest > MOST - 512, "{protocol:?}: no more is cut than has to: {largest}");
        assert_eq!((span.events.len(), span.links.len()), (1, 1));
    }
}

#[test]
fn the_longest_texts_are_cut_to_a_common_length_however_deep_they_are() {
    for protocol in PROTOCOLS {
        let (span, _) = arrived(protocol, |span| {
            span.attributes.push(KeyValue::new("one", "x".repeat(40_000)));
            span.attributes.push(KeyValue::new("other", "x".repeat(20_000)));
            span.attributes.push(KeyValue::new("small", "x".repeat(1_000)));
            let stack = KeyValue::new("stack", "\n".repeat(30_000));
            span.events.events.push(Event::new("failed", span.start_time, vec![stack], 0));
            span.status = Status::error("x".repeat(30_000));
        });
        let (one, other) = (string(&span, "one"), string(&span, "other"));
        assert!(one.len().abs_diff(other.len()) <= 8, "{} and {}", one.len(), other.len());
        assert_eq!(string(&span, "small").len(), 1_000);
        assert!(span.status.unwrap().message.ends_with(" bytes cut]"));
        let Some(Value::StringValue(stack)) =
            &span.events[1].attributes[0].value.as_ref().unwrap().value
        else {
            panic!("no stack")
        };
        assert!(stack.ends_with(" bytes cut]"), "{protocol:?}");
    }
}

#[test]
fn content_is_dropped_whole_for_json_that_was_cut_is_none() {
    for protocol in PROTOCOLS {
        let mut before = 0;
        let (span, _) = arrived(protocol, |span| {
            before = span.dropped_attributes_count;
            let messages = format!("[{}]", "1,".repeat(40_000));
            span.attributes.push(KeyValue::new(attribute::INPUT_MESSAGES, messages));
        });
        assert_eq!(value(&span, attribute::INPUT_MESSAGES), None, "{protocol:?}");
        assert_eq!(span.dropped_attributes_count, before + 1);
        assert!(value(&span, CUT).is_some());
    }
}

#[test]
fn where_no_text_is_long_events_go_and_then_attributes() {
    for protocol in PROTOCOLS {
        let (span, _) = arrived(protocol, |span| {
            for number in 0..500 {
                let attributes = vec![KeyValue::new("text", "x".repeat(200))];
                span.events.events.push(Event::new("small", span.start_time, attributes, 0));
                span.attributes.push(KeyValue::new(format!("key {number}"), "x".repeat(200)));
            }
        });
        assert!(span.events.is_empty(), "{protocol:?}");
        assert_eq!(span.dropped_events_count, 501);
        assert!(span.attributes.len() > 10 && span.attributes.len() < 500);
        assert!(span.dropped_attributes_count > 400);
    }
}

#[test]
fn a_log_record_is_cut_too() {
    for protocol in PROTOCOLS {
        let receiver = Receiver::start();
        let mut settings = over_logs(settings(protocol, &receiver.url()));
        settings.max_request_bytes = MOST;
        let mut records = sample::records(2);
        records[0].body = Some(text("x".repeat(100_000)));
        records[0].attributes.push((Key::new("long"), text("\u{1}".repeat(100_000))));
        run(async {
            let mut exporter = OtlpExporter::new(&settings).unwrap();
            let delivery = exporter.export_records(&sample::resource(), records).await;
            assert_eq!(delivery, Delivery::complete(), "{protocol:?}");
            assert_eq!(exporter.take_shrunk_items(), 1, "{protocol:?}");
        });
        let records = receiver.records();
        assert_eq!(records.len(), 2);
        let cut = records.iter().filter(|it| format!("{:?}", it.record).contains(" bytes cut]"));
        assert_eq!(cut.count(), 1, "{protocol:?}");
    }
}

#[test]
fn what_cannot_be_made_to_fit_is_left_to_the_receiver_as_it_is() {
    for protocol in PROTOCOLS {
        let receiver = Receiver::start();
        let mut settings = settings(protocol, &receiver.url());
        settings.max_request_bytes = 1;
        assert_eq!(send_spans(&settings, 1), Delivery::complete());
        let Payload::Traces(traces) = receiver.requests()[0].payload.clone() else {
            panic!("none")
        };
        let whole = Request::traces(&sample::resource(), sample::spans(1));
        assert_eq!(Request::Traces(traces), whole, "{protocol:?}");
    }
}
