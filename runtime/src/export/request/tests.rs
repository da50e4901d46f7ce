//! Counting, dividing and writing requests.

use opentelemetry::trace::{
    SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState,
};
use opentelemetry::{Array, InstrumentationScope, KeyValue, Value};
use opentelemetry_proto::tonic::metrics::v1::metric::Data;

use super::sample;
use super::*;
use crate::export::encoded::{Cut, EncodedResource, EncodedSpans};
use crate::export::route::points;

fn names(request: &Request) -> Vec<String> {
    let mut names = Vec::new();
    match request {
        Request::Traces(traces) => {
            for resource in &traces.resource_spans {
                assert_eq!(resource.resource.as_ref().unwrap().attributes.len(), 1);
                for scope in &resource.scope_spans {
                    let scope_name = &scope.scope.as_ref().unwrap().name;
                    names.extend(
                        scope.spans.iter().map(|span| format!("{scope_name} {}", span.name)),
                    );
                }
            }
        }
        Request::Metrics(metrics) => {
            for resource in &metrics.resource_metrics {
                assert_eq!(resource.resource.as_ref().unwrap().attributes.len(), 1);
                for scope in &resource.scope_metrics {
                    for metric in &scope.metrics {
                        let points = match metric.data.as_ref().unwrap() {
                            Data::Gauge(gauge) => format!("{:?}", gauge.data_points),
                            Data::Sum(sum) => {
                                assert!(sum.is_monotonic);
                                format!("{:?}", sum.data_points)
                            }
                            Data::Histogram(histogram) => {
                                format!("{:?}", histogram.data_points)
                            }
                            other => panic!("no such sample: {other:?}"),
                        };
                        // One line per point, whatever request it is in.
                        for point in points.split("Point {").skip(1) {
                            let place = ["a", "b", "c"]
                                .into_iter()
                                .find(|place| point.contains(&format!("StringValue(\"{place}\")")));
                            names.push(format!("{} {}", metric.name, place.unwrap_or("-")));
                        }
                    }
                }
            }
        }
        Request::Logs(logs) => {
            for resource in &logs.resource_logs {
                assert_eq!(resource.resource.as_ref().unwrap().attributes.len(), 1);
                for scope in &resource.scope_logs {
                    let scope_name = &scope.scope.as_ref().unwrap().name;
                    let records = scope.log_records.iter();
                    names.extend(records.map(|it| format!("{scope_name} {:?}", it.span_id)));
                }
            }
        }
    }
    names
}

/// Divides until nothing can be divided.
fn pieces(request: Request) -> Vec<Request> {
    match request.halves() {
        Ok((first, second)) => {
            let mut all = pieces(first);
            all.extend(pieces(second));
            all
        }
        Err(whole) => vec![whole],
    }
}

/// Takes a request of so many items apart.
fn assert_divides(whole: Request, count: u64) {
    assert_eq!(whole.items() as u64, count);
    let mut expected = names(&whole);
    let pieces = pieces(whole);
    assert_eq!(pieces.len(), usize::try_from(count).unwrap());
    let mut found: Vec<_> = pieces.iter().flat_map(names).collect();
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
}

#[test]
fn divided_traces_hold_every_span_once_under_its_scope() {
    for count in 1..=9 {
        assert_divides(Request::traces(&sample::resource(), sample::spans(count)), count);
    }
}

/// What the official types are encoded to.
fn decoded(request: &[u8]) -> Request {
    use prost::Message as _;

    Request::Traces(ExportTraceServiceRequest::decode(request).unwrap())
}

/// All of them in one request.
fn whole(spans: &EncodedSpans, resource: &Resource) -> Vec<u8> {
    let resource = EncodedResource::new(resource);
    let [cut] = &spans.cut(usize::MAX, &resource)[..] else { panic!("several requests") };
    resource.request(cut)
}

fn protobuf(resource: &Resource, spans: Vec<SpanData>) -> Vec<u8> {
    Request::traces(resource, spans).to_protobuf()
}

#[test]
fn spans_are_encoded_as_the_official_types_are_byte_for_byte() {
    for count in 1..=9 {
        let encoded = EncodedSpans::new(&sample::spans(count));
        let resource = EncodedResource::new(&sample::resource());
        let [cut] = &encoded.cut(usize::MAX, &resource)[..] else { panic!("several requests") };
        let official = Request::traces(&sample::resource(), sample::spans(count));
        assert_eq!(resource.request(cut), official.to_protobuf());
        assert_eq!(cut.items(), official.items());
    }
}

#[test]
fn values_of_all_kinds_and_lengths_are_encoded_as_the_official_types_are() {
    let texts = [0, 1, 126, 127, 128, 129, 16_383, 16_384, 70_000].map(|length| "é".repeat(length));
    let numbers = [i64::MIN, -1, 0, 1, 127, 128, i64::MAX];
    let parts = [f64::NEG_INFINITY, -0.0, 0.0, 0.1, f64::MAX];
    let mut span = sample::spans(1).remove(0);
    span.attributes = (texts.iter().map(|text| KeyValue::new(text.clone(), text.clone())))
        .chain(numbers.map(|number| KeyValue::new("whole", number)))
        .chain(parts.map(|part| KeyValue::new("part", part)))
        .chain([true, false].map(|flag| KeyValue::new("flag", flag)))
        .chain([
            KeyValue::new("wholes", Value::Array(numbers.to_vec().into())),
            KeyValue::new("parts", Value::Array(parts.to_vec().into())),
            KeyValue::new("flags", Value::Array(vec![true, false].into())),
            KeyValue::new("none", Value::Array(Vec::<i64>::new().into())),
            KeyValue::new("texts", Value::Array(Array::String(vec!["".into(), "é".into()]))),
        ])
        .collect();
    let state = TraceState::from_key_value([("vendor", "one"), ("other", "two")]).unwrap();
    span.span_context = SpanContext::new(
        TraceId::INVALID,
        SpanId::from(7),
        TraceFlags::NOT_SAMPLED,
        true,
        state.clone(),
    );
    span.links.links[0].span_context = span.span_context.clone();
    span.links.links[0].dropped_attributes_count = 200;
    span.events.events[0].dropped_attributes_count = 1;
    span.instrumentation_scope = InstrumentationScope::builder("with everything")
        .with_version("0")
        .with_schema_url("https://example.com/2")
        .with_attributes([KeyValue::new("kind", "sample"), KeyValue::new("empty", "")])
        .build();
    span.parent_span_id = SpanId::INVALID;
    let mut spans = vec![span];
    for (kind, status) in [
        (SpanKind::Internal, Status::Unset),
        (SpanKind::Server, Status::Ok),
        (SpanKind::Producer, Status::error("")),
        (SpanKind::Consumer, Status::error("late")),
    ] {
        let mut span = spans[0].clone();
        span.parent_span_is_remote = status == Status::Ok;
        (span.span_kind, span.status) = (kind, status);
        span.end_time = std::time::UNIX_EPOCH - std::time::Duration::from_secs(1);
        span.events.dropped_count = 300;
        span.links.dropped_count = 1;
        spans.push(span);
    }
    let resource = Resource::builder_empty()
        .with_schema_url([KeyValue::new("place", "sample")], "https://example.com/1")
        .build();
    assert_eq!(whole(&EncodedSpans::new(&spans), &resource), protobuf(&resource, spans));
}

#[test]
fn spans_that_are_left_when_others_go_are_whole() {
    let resource = sample::resource();
    for kept in 0..=9 {
        let mut spans = EncodedSpans::new(&sample::spans(9));
        let is_kept: Vec<bool> = (0..9).map(|place| place < kept).collect();
        spans.retain(&is_kept);
        assert_eq!(spans.count(), kept);
        let ids = spans.cut(usize::MAX, &EncodedResource::new(&resource));
        assert_eq!(ids.iter().map(Cut::items).sum::<usize>(), kept);
        if kept > 0 {
            // Those of the first scope go first.
            let (odd, even): (Vec<_>, Vec<_>) = sample::spans(9)
                .into_iter()
                .partition(|span| span.instrumentation_scope.name() == "odd");
            let expected = odd.into_iter().chain(even).take(kept).collect();
            assert_eq!(whole(&spans, &resource), protobuf(&resource, expected));
        }
    }
}

#[test]
fn cuts_hold_every_span_once_and_are_no_larger_than_asked_for() {
    let encoded = EncodedSpans::new(&sample::spans(9));
    let mut expected = names(&Request::traces(&sample::resource(), sample::spans(9)));
    expected.sort();
    let resource = EncodedResource::new(&sample::resource());
    let whole = resource.request(&encoded.cut(usize::MAX, &resource)[0]).len();
    for most in 0..=whole + 100 {
        let mut found = Vec::new();
        for cut in encoded.cut(most, &resource) {
            let body = resource.request(&cut);
            assert!(body.len() <= most || cut.items() == 1, "{} of {most}", body.len());
            let request = decoded(&body);
            assert_eq!(request.items(), cut.items());
            found.extend(names(&request));
        }
        found.sort();
        assert_eq!(found, expected, "{most}");
    }
    assert_eq!(encoded.cut(0, &resource).len(), 9);
    assert_eq!(encoded.cut(whole + 100, &resource).len(), 1);
}

#[test]
fn divided_logs_hold_every_record_once_under_its_scope() {
    for count in 1..=9 {
        assert_divides(Request::logs(&sample::resource(), sample::records(count)), count);
    }
}

#[test]
fn json_of_a_record_has_its_event_name_severity_and_structure() {
    let request = Request::logs(&sample::resource(), sample::records(1));
    let json: serde_json::Value = serde_json::from_slice(&request.to_json().unwrap()).unwrap();
    let record = &json["resourceLogs"][0]["scopeLogs"][0]["logRecords"][0];
    assert_eq!(record["traceId"], "00000000000000000000000000000abc");
    assert_eq!(record["spanId"], "0000000000000001");
    assert_eq!(record["eventName"], "sample.event");
    assert_eq!(record["severityNumber"], 13);
    assert_eq!(record["timeUnixNano"], "1700000000000000001");
    assert_eq!(record["body"]["stringValue"], "ä\"\n");
    assert_eq!(
        record["attributes"][5]["value"]["kvlistValue"]["values"][0]["value"]["arrayValue"]["values"],
        serde_json::json!([{"intValue": "1"}])
    );
}

#[test]
fn halves_differ_by_one_item_at_most() {
    let whole = Request::traces(&sample::resource(), sample::spans(7));
    let (first, second) = whole.halves().unwrap();
    assert_eq!((first.items(), second.items()), (3, 4));
}

#[test]
fn divided_metrics_hold_every_point_once_under_its_metric() {
    let metrics = sample::metrics();
    let whole = Request::metrics(&metrics);
    let mut expected = names(&whole);
    assert_eq!(expected.len(), 6);
    let mut found: Vec<_> = pieces(whole).iter().flat_map(names).collect();
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
}

#[test]
fn points_are_counted_alike_before_and_after_conversion() {
    let metrics = sample::metrics();
    assert_eq!(points(&metrics), 6);
    assert_eq!(Request::metrics(&metrics).items(), 6);
    assert_eq!(points(&Collection::default()), 0);
}

#[test]
fn json_has_hex_ids_numbered_enums_and_long_integers_as_strings() {
    let request = Request::traces(&sample::resource(), sample::spans(1));
    let json: serde_json::Value = serde_json::from_slice(&request.to_json().unwrap()).unwrap();
    let span = &json["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
    assert_eq!(span["traceId"], "00000000000000000000000000000abc");
    assert_eq!(span["spanId"], "0000000000000001");
    assert_eq!(span["kind"], 3);
    assert_eq!(span["startTimeUnixNano"], "1700000000000000001");
    assert_eq!(span["status"]["code"], 2);
    assert_eq!(span["attributes"][1]["value"]["intValue"], i64::MAX.to_string());
    assert_eq!(span["attributes"][2]["value"]["doubleValue"], 0.5);

    let request = Request::metrics(&sample::metrics());
    let json = String::from_utf8(request.to_json().unwrap()).unwrap();
    assert!(json.contains(r#""asInt":"7""#), "{json}");
    assert!(json.contains(r#""bucketCounts":["0","1","0"]"#), "{json}");
    assert!(json.contains(r#""explicitBounds":[0.1,1.0]"#), "{json}");
}

#[test]
fn json_never_says_null() {
    let mut spans = sample::spans(1);
    spans[0].attributes.push(opentelemetry::KeyValue::new("odds", f64::NAN));
    let request = Request::traces(&sample::resource(), spans);
    let json = String::from_utf8(request.to_json().unwrap()).unwrap();
    assert!(!json.contains("null"), "{json}");
    assert!(json.contains(r#"{"key":"odds","value":{}}"#), "{json}");
}

#[test]
fn json_reads_back_as_the_same_request() {
    let request = Request::traces(&sample::resource(), sample::spans(3));
    let back = serde_json::from_slice(&request.to_json().unwrap()).unwrap();
    assert_eq!(Request::Traces(back), request);
}
