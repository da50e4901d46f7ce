//! Spans as Zipkin's API has them.

use std::time::Duration;

use opentelemetry::trace::{SpanContext, TraceFlags, TraceId, TraceState};
use opentelemetry::{Array, InstrumentationScope};
use opentelemetry_sdk::trace::{SpanEvents, SpanLinks};

use super::*;

fn span() -> SpanData {
    let start = UNIX_EPOCH + Duration::from_nanos(1_700_000_000_123_456_789);
    SpanData {
        span_context: SpanContext::new(
            TraceId::from(0xabc),
            SpanId::from(0xd),
            TraceFlags::SAMPLED,
            false,
            TraceState::default(),
        ),
        parent_span_id: SpanId::INVALID,
        parent_span_is_remote: false,
        span_kind: SpanKind::Internal,
        name: "work".into(),
        start_time: start,
        end_time: start + Duration::from_nanos(1234),
        attributes: vec![],
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status: Status::Unset,
        instrumentation_scope: InstrumentationScope::default(),
    }
}

fn shown(span: &SpanData) -> Json {
    document(span, &json!({ "serviceName": "shop" }))
}

#[test]
fn a_span_has_what_zipkin_wants_and_nothing_that_is_empty() {
    assert_eq!(
        shown(&span()),
        json!({
            "traceId": "00000000000000000000000000000abc",
            "id": "000000000000000d",
            "name": "work",
            "timestamp": 1_700_000_000_123_456_u64,
            "duration": 1,
            "localEndpoint": { "serviceName": "shop" },
        })
    );
}

#[test]
fn a_duration_is_never_nothing() {
    let mut span = span();
    for (nanoseconds, duration) in [(0, 1), (999, 1), (2999, 2)] {
        span.end_time = span.start_time + Duration::from_nanos(nanoseconds);
        assert_eq!(shown(&span)["duration"], duration);
    }
    // A clock that was set back.
    span.end_time = span.start_time - Duration::from_secs(1);
    assert_eq!(shown(&span)["duration"], 1);
}

#[test]
fn kind_parent_scope_and_attributes_are_told() {
    let strings = Value::Array(Array::String(vec!["a\"".into(), "b".into()]));
    let span = SpanData {
        parent_span_id: SpanId::from(7),
        span_kind: SpanKind::Server,
        attributes: vec![
            KeyValue::new("text", "t"),
            KeyValue::new("number", 7),
            KeyValue::new("share", 0.5),
            KeyValue::new("flag", true),
            KeyValue::new("list", strings),
            KeyValue::new("server.address", "here"),
        ],
        dropped_attributes_count: 2,
        status: Status::Ok,
        instrumentation_scope: InstrumentationScope::builder("lib").with_version("1").build(),
        ..span()
    };
    let shown = shown(&span);
    assert_eq!(
        (&shown["kind"], &shown["parentId"]),
        (&"SERVER".into(), &"0000000000000007".into())
    );
    assert!(shown.get("remoteEndpoint").is_none(), "a server's address is its own");
    assert_eq!(
        shown["tags"],
        json!({
            "text": "t",
            "number": "7",
            "share": "0.5",
            "flag": "true",
            "list": "[\"a\\\"\",\"b\"]",
            "server.address": "here",
            "otel.scope.name": "lib",
            "otel.scope.version": "1",
            "otel.status_code": "OK",
            "otel.dropped_attributes_count": "2",
        })
    );
    let kinds = [SpanKind::Client, SpanKind::Producer, SpanKind::Consumer];
    assert_eq!(kinds.map(|it| kind(&it)), [Some("CLIENT"), Some("PRODUCER"), Some("CONSUMER")]);
}

#[test]
fn only_an_error_has_the_tag_of_an_error() {
    let mut span = SpanData { attributes: vec![KeyValue::new("error", false)], ..span() };
    assert!(shown(&span).get("tags").is_none());
    for description in ["went wrong", ""] {
        span.status = Status::error(description);
        let expected = json!({ "otel.status_code": "ERROR", "error": description });
        assert_eq!(shown(&span)["tags"], expected);
    }
}

#[test]
fn events_are_annotations_with_their_attributes() {
    let mut events = SpanEvents::default();
    let time = UNIX_EPOCH + Duration::from_micros(1_700_000_000_000_001);
    let attributes = vec![KeyValue::new("n", 1), KeyValue::new("t", "a\"b")];
    events.events =
        vec![Event::new("plain", time, vec![], 0), Event::new("full", time, attributes, 0)];
    events.dropped_count = 3;
    let shown = shown(&SpanData { events, ..span() });
    assert_eq!(
        shown["annotations"],
        json!([
            { "timestamp": 1_700_000_000_000_001_u64, "value": "plain" },
            {
                "timestamp": 1_700_000_000_000_001_u64,
                "value": "\"full\": {\"n\":1,\"t\":\"a\\\"b\"}",
            },
        ])
    );
    assert_eq!(shown["tags"], json!({ "otel.dropped_events_count": "3" }));
}

#[test]
fn the_other_side_is_named_by_the_best_that_there_is() {
    let remote = |attributes: &[(&'static str, Value)]| {
        let attributes = attributes.iter().map(|(key, value)| KeyValue::new(*key, value.clone()));
        let span =
            SpanData { span_kind: SpanKind::Client, attributes: attributes.collect(), ..span() };
        shown(&span).get("remoteEndpoint").cloned()
    };
    let peer = ("network.peer.address", Value::from("10.0.0.1"));
    let port = ("network.peer.port", Value::from(443));
    let server = ("server.address", Value::from("api.example"));
    let service = ("peer.service", Value::from("payments"));
    assert_eq!(remote(&[]), None);
    assert_eq!(remote(std::slice::from_ref(&peer)), Some(json!({ "ipv4": "10.0.0.1" })));
    assert_eq!(
        remote(&[peer.clone(), port.clone()]),
        Some(json!({ "ipv4": "10.0.0.1", "port": 443 }))
    );
    let six = ("network.peer.address", Value::from("::1"));
    assert_eq!(remote(&[six]), Some(json!({ "ipv6": "::1" })));
    let socket = ("network.peer.address", Value::from("/run/it.sock"));
    assert_eq!(remote(&[socket]), Some(json!({ "serviceName": "/run/it.sock" })));
    let named = [peer.clone(), port.clone(), server.clone()];
    assert_eq!(remote(&named), Some(json!({ "serviceName": "api.example" })));
    let all = [peer, port, server, service];
    assert_eq!(remote(&all), Some(json!({ "serviceName": "payments" })));
}

#[test]
fn a_request_is_an_array_below_its_limit() {
    let spans = || ["{1}", "{2}", "{3}", "{4444444444}"].map(String::from).into_iter();
    let request = |body: &str, count| (body.to_owned(), count);
    assert_eq!(requests(spans(), 1000), [request("[{1},{2},{3},{4444444444}]", 4)]);
    let cut = [request("[{1},{2}]", 2), request("[{3}]", 1), request("[{4444444444}]", 1)];
    assert_eq!(requests(spans(), 9), cut);
    assert_eq!(requests(std::iter::empty(), 9), []);
}
