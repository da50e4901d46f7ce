//! Trace context in headers.

use std::collections::{BTreeMap, HashMap};

use http::HeaderMap;
use spanline::{
    Headers, HeadersMut, Stage, TraceContext, extract, inject, inject_context, trace_stage,
};
use spanline_tests::lines::hex;
use spanline_tests::telemetry::{telemetry, trace, watch_blocking};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const REMOTE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

fn round<H: Headers + HeadersMut + Default>() {
    let (sent, trace) = watch_blocking(|| {
        Stage::new("sends")
            .run_blocking(|| {
                let mut headers = H::default();
                inject(&mut headers);
                let sent = headers.get("traceparent").map(str::to_owned);
                assert_eq!(sent, spanline::current().traceparent());
                let received = extract(&headers);
                Stage::new("receives").parent(received).run_blocking(|| Ok::<_, String>(sent))
            })
            .unwrap()
    });
    let sender = trace.span("sends");
    let expected = format!("00-{}-{}-01", hex(&sender.trace_id), hex(&sender.span_id));
    assert_eq!(sent, Some(expected));
    assert_eq!(trace.tree(), "sends\n  receives\n");
}

#[test]
fn context_goes_through_every_kind_of_headers() {
    round::<HashMap<String, String>>();
    round::<BTreeMap<String, String>>();
    round::<Vec<(String, String)>>();
    round::<HeaderMap>();
}

#[test]
fn names_of_headers_know_no_case() {
    telemetry();
    let pairs = vec![(String::from("TraceParent"), String::from(REMOTE))];
    assert_eq!(extract(&pairs).trace_id().as_deref(), Some(TRACE));
    let map: HashMap<String, String> = pairs.iter().cloned().collect();
    assert_eq!(extract(&map).trace_id().as_deref(), Some(TRACE));
    let tree: BTreeMap<String, String> = pairs.iter().cloned().collect();
    assert_eq!(extract(&tree).trace_id().as_deref(), Some(TRACE));
    let mut sent = pairs;
    inject_context(&TraceContext::from_traceparent(REMOTE), &mut sent);
    let carried: Vec<_> =
        sent.iter().filter(|(name, _)| name.eq_ignore_ascii_case("traceparent")).collect();
    assert_eq!(carried.len(), 1, "replaced, not repeated");
}

#[test]
fn outside_any_span_nothing_is_injected() {
    telemetry();
    let mut headers = HashMap::new();
    inject(&mut headers);
    assert_eq!(headers.get("traceparent"), None);
}

#[test]
fn tracestate_and_baggage_travel_on() {
    telemetry();
    let received = HashMap::from([
        (String::from("traceparent"), REMOTE.replace("0af7", "1bf7")),
        (String::from("tracestate"), String::from("vendor=a,other=b")),
        (String::from("baggage"), String::from("tenant=t1")),
    ]);
    let sent = Stage::new("forwards").parent(extract(&received)).run_blocking(|| {
        let mut headers = HashMap::new();
        inject(&mut headers);
        Ok::<HashMap<String, String>, String>(headers)
    });
    let sent = sent.unwrap();
    assert_eq!(sent.get("tracestate").map(String::as_str), Some("vendor=a,other=b"));
    assert_eq!(sent.get("baggage").map(String::as_str), Some("tenant=t1"));
    let trace = trace("1bf7651916cd43dd8448eb211c80319c");
    assert_eq!(trace.span("forwards").trace_state, "vendor=a,other=b");
}

#[test]
fn a_parent_that_is_not_sampled_leaves_no_span_and_passes_the_decision_on() {
    telemetry();
    let remote = "00-2cf7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
    let received = vec![(String::from("traceparent"), String::from(remote))];
    let parent = extract(&received);
    let sent = Stage::new("unsampled")
        .parent(parent)
        .run_blocking(|| {
            assert!(!spanline::current().is_recording());
            let tracer = opentelemetry::global::tracer("theirs");
            opentelemetry::trace::Tracer::in_span(&tracer, "theirs", |_| ());
            Stage::new("below").run_blocking(|| {
                let mut headers = HashMap::new();
                inject(&mut headers);
                Ok::<HashMap<String, String>, String>(headers)
            })
        })
        .unwrap();
    let sent = sent.get("traceparent").unwrap();
    assert!(sent.starts_with("00-2cf7651916cd43dd8448eb211c80319c-"), "{sent}");
    assert!(sent.ends_with("-00"), "{sent}");
    assert!(trace("2cf7651916cd43dd8448eb211c80319c").spans.is_empty());
}

/// What is known not to be sampled leaves out attributes as soon as they are given: not where a parent may
/// still be named.
#[test]
fn a_parent_that_is_sampled_has_all_of_a_child_that_is_made_where_nothing_is() {
    #[trace_stage("annotated", attributes(given), parent = elsewhere)]
    fn annotated(elsewhere: &TraceContext, given: &str) {
        let _ = given;
    }

    telemetry();
    let unsampled = "00-3cf7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
    let sampled = "00-4cf7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let elsewhere = TraceContext::from_traceparent(sampled);
    Stage::new("here").parent(TraceContext::from_traceparent(unsampled)).run_blocking_with(
        || {
            let built = Stage::new("built").attribute("before", 1).parent(&elsewhere);
            built.attribute("after", 2).start().end();
            annotated(&elsewhere, "text");
        },
        |(), _| (),
    );
    let trace = trace("4cf7651916cd43dd8448eb211c80319c");
    assert_eq!(trace.attribute("built", "before"), "1");
    assert_eq!(trace.attribute("built", "after"), "2");
    assert_eq!(trace.attribute("annotated", "given"), r#""text""#);
}

#[test]
fn a_hostile_traceparent_is_ignored() {
    telemetry();
    let long = "0".repeat(100_000);
    for hostile in [
        "",
        "nonsense",
        "00",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0AF7651916CD43DD8448EB211C80319C-B7AD6B7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-extra",
        "00-0af7651916cd43dd8448eb211c80319z-b7ad6b7169203331-01",
        "00-+af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0g",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-+1",
        "00-0af7651916cd43dd8448eb211c80319→-b7ad6b7169203331-01",
        "\u{0}-\u{0}-\u{0}-\u{0}",
        &long,
    ] {
        let headers = vec![(String::from("traceparent"), String::from(hostile))];
        assert!(!extract(&headers).is_valid(), "extracted {hostile:?}");
        assert!(!TraceContext::from_traceparent(hostile).is_valid(), "parsed {hostile:?}");
        let ((), trace) = watch_blocking(|| {
            Stage::new("served").parent(extract(&headers)).start().end();
        });
        assert_eq!(trace.tree(), "served\n", "{hostile:?}");
    }
}

#[test]
fn a_later_version_of_traceparent_is_read_as_far_as_it_is_known() {
    telemetry();
    let later = "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-will-be";
    let context = TraceContext::from_traceparent(later);
    assert_eq!(context.trace_id().as_deref(), Some(TRACE));
    assert_eq!(context.traceparent().as_deref(), Some(REMOTE));
}
