//! Headers from strangers, and headers that would break out.

use std::collections::HashMap;

use http::HeaderMap;
use opentelemetry::baggage::{BaggageExt as _, BaggageMetadata, KeyValueMetadata};
use opentelemetry::trace::{
    SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState,
};
use opentelemetry::{Context, KeyValue};
use spanline::{HeadersMut, TraceContext, extract, inject_context};
use spanline_tests::telemetry::telemetry;

const REMOTE: &str = "00-3df7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

fn received(pairs: &[(&str, &str)]) -> HashMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// What of these headers is passed on.
fn passed_on(pairs: &[(&str, &str)]) -> HashMap<String, String> {
    telemetry();
    let mut headers = HashMap::new();
    inject_context(&extract(&received(pairs)), &mut headers);
    headers
}

fn tracestate(value: &str) -> Option<String> {
    passed_on(&[("traceparent", REMOTE), ("tracestate", value)]).remove("tracestate")
}

fn members(count: usize) -> String {
    (0..count).map(|number| format!("v{number}=x")).collect::<Vec<_>>().join(",")
}

#[test]
fn a_tracestate_within_its_limits_travels_on_as_it_is() {
    for value in ["vendor=a,other=b", "a=1", &members(32), &format!("a={}", "x".repeat(256))] {
        assert_eq!(tracestate(value).as_deref(), Some(value));
    }
}

#[test]
fn of_a_tracestate_no_more_than_its_limits_travels_on() {
    assert_eq!(tracestate(&members(33)), Some(members(32)));
    assert_eq!(tracestate(&members(100_000)), Some(members(32)));
    assert_eq!(tracestate("a=1,b=2,a=3"), Some("a=1,b=2".to_owned()));
    let x = "x".repeat(200);
    let large = format!("a=1,b={x},c={x},d={x},e=5");
    assert_eq!(tracestate(&large), Some(format!("a=1,b={x},c={x},e=5")));
    let small: Vec<String> =
        (10..40).map(|number| format!("k{number}={}", "y".repeat(20))).collect();
    let kept = tracestate(&small.join(",")).unwrap();
    assert!(kept.len() <= 512 && kept.len() > 480, "{}", kept.len());
    assert!(small.join(",").starts_with(&kept), "{kept}");
}

#[test]
fn a_member_that_no_header_could_carry_costs_itself_alone() {
    for evil in ["ä=1", "b=ä", "b=1\u{a0}", "b=1\t1"] {
        assert_eq!(tracestate(&format!("a=1,{evil},c=3")).as_deref(), Some("a=1,c=3"), "{evil:?}");
    }
}

#[test]
fn a_trace_goes_on_whatever_its_tracestate_is() {
    let long = "x".repeat(1_000_000);
    for value in ["", ",", "=", "no member", "A=1", "a=\u{0}", "a=1\r\nx-evil: 1", "ä=1", &long] {
        let sent = passed_on(&[("traceparent", REMOTE), ("tracestate", value)]);
        let parent = sent.get("traceparent").map(String::as_str);
        assert_eq!(parent, Some(REMOTE), "{:?}", value.get(..20));
        let state = sent.get("tracestate").map_or("", String::as_str);
        assert!(state.len() <= 512 && !state.contains(char::is_control), "{state}");
    }
}

#[test]
fn baggage_above_its_limits_is_not_taken() {
    let entries = |count: usize| {
        (0..count).map(|number| format!("k{number}=v")).collect::<Vec<_>>().join(",")
    };
    let of = |value: &str| passed_on(&[("baggage", value)]).remove("baggage");
    assert_eq!(of("a=1").as_deref(), Some("a=1"));
    assert_eq!(of(&format!("a={}", "x".repeat(8192))), None);
    assert!(of(&entries(180)).is_none_or(|kept| kept.split(',').count() <= 64));
    assert!(of(&entries(100_000)).is_none());
    assert_eq!(of("a=1\r\nx-evil: 1"), None);
}

#[test]
fn what_is_escaped_in_baggage_is_still_escaped_when_it_travels_on() {
    for value in
        ["a=1;p=%2Cuser.id%3Dmallory", "a=1;p=%C3%A4;q", "a=1;p=%0D%0A", "a=%2541", "%25a=%"]
    {
        let first = passed_on(&[("baggage", value)]).remove("baggage").unwrap();
        assert!(first.is_ascii() && first.split(',').count() == 1, "{first}");
        let second = passed_on(&[("baggage", &first)]).remove("baggage");
        assert_eq!(second.as_ref(), Some(&first), "{value}");
    }
}

#[test]
fn baggage_that_grows_by_its_escapes_is_kept_to_its_limit() {
    let entries: Vec<String> =
        (0..60).map(|number| format!("k{number}={}", "ä".repeat(60))).collect();
    let kept = passed_on(&[("baggage", &entries.join(","))]).remove("baggage").unwrap();
    assert!((7800..=8192).contains(&kept.len()), "{}", kept.len());
    assert!(kept.split(',').all(|entry| entry.ends_with(&"%C3%A4".repeat(60))), "{kept}");
}

#[test]
fn what_is_refused_of_headers_is_counted() {
    let refused = || telemetry().health().refused_headers;
    for (name, hostile) in [
        ("traceparent", "nonsense"),
        ("traceparent", "00-00000000000000000000000000000000-b7ad6b7169203331-01"),
        ("tracestate", "a=1\r\nx-evil: 1"),
        ("baggage", "a=1\u{0}"),
    ] {
        let before = refused();
        let context = extract(&received(&[("traceparent", REMOTE), (name, hostile)]));
        assert_eq!(context.is_valid(), name != "traceparent", "{hostile:?}");
        // Other tests of this process count too.
        assert!(refused() > before, "{name}: {hostile:?}");
    }
    assert!(telemetry().health().to_string().contains(" headers of trace context refused"));
}

/// Keeps whatever it is given, as a client without any checks would send it.
#[derive(Debug, Default)]
struct Wire(String);

impl HeadersMut for Wire {
    fn set(&mut self, name: &str, value: String) {
        for part in [name, ": ", &value, "\r\n"] {
            self.0.push_str(part);
        }
    }
}

#[test]
fn nothing_that_leaves_can_begin_another_header() {
    telemetry();
    let evil = "v\r\nx-evil: 1";
    let state = TraceState::from_key_value([("a", evil), ("b", "2")]);
    let span = SpanContext::new(
        TraceId::from(7),
        SpanId::from(7),
        TraceFlags::SAMPLED,
        true,
        state.unwrap_or_default(),
    );
    let metadata = BaggageMetadata::from(evil);
    let context = Context::new().with_remote_span_context(span).with_baggage([
        KeyValueMetadata::from(KeyValue::new("good", "1")),
        KeyValueMetadata::from(KeyValue::new("value", evil)),
        KeyValueMetadata::from(KeyValue::new("na\r\nme", "1")),
        KeyValueMetadata::new("metadata", "1", metadata),
    ]);
    let mut wire = Wire::default();
    inject_context(&TraceContext::from(context.clone()), &mut wire);
    let names: Vec<&str> =
        wire.0.split("\r\n").filter_map(|line| line.split(": ").next()).collect();
    assert!(names.contains(&"traceparent") && names.contains(&"baggage"), "{:?}", wire.0);
    let known = ["traceparent", "tracestate", "baggage", ""];
    assert!(names.iter().all(|name| known.contains(name)), "{:?}", wire.0);
    assert!(!wire.0.replace("\r\n", "").contains(char::is_control), "{:?}", wire.0);
    assert!(wire.0.contains("good=1"), "one bad entry costs itself alone: {:?}", wire.0);

    let mut headers = HeaderMap::new();
    inject_context(&TraceContext::from(context), &mut headers);
    assert!(headers.contains_key("baggage") && !headers.contains_key("x-evil"), "{headers:?}");
}
