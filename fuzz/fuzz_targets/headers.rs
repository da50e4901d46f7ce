//! Headers of trace context from strangers: `name: value`, one on each line.
#![no_main]

use std::collections::{BTreeMap, BTreeSet, HashMap};

use http::{HeaderMap, HeaderName, HeaderValue};
use libfuzzer_sys::fuzz_target;
use percent_encoding::percent_decode_str;
use spanline::opentelemetry::Context;
use spanline::{
    ExporterName, SpanReference, Telemetry, TraceContext, extract, inject_context, inject_for,
};
use spanline_fuzz::{bounded, lines};

/// Hosts that are told whom a request is for, and one that is not.
const TOLD: &str = "search.internal.example:8443";
const STRANGER: &str = "example.com";
/// What that is called in baggage.
const IDENTITY: [&str; 3] = ["session.id", "user.id", "region"];
const NOWHERE: [ExporterName; 0] = [];

type Sent = BTreeMap<String, String>;

fn set_up() {
    let telemetry = Telemetry::builder()
        .traces_to(NOWHERE)
        .metrics_to(NOWHERE)
        .logs_to(NOWHERE)
        .identity_baggage(["session", "user", "region"], ["*.internal.example"])
        .init()
        .expect("nothing stands in its way");
    // The process ends without a word.
    std::mem::forget(telemetry);
    // What is made once is nobody's share.
    pass_on(&HashMap::from([("baggage".to_owned(), "session.id=a,b=c;d".to_owned())]));
}

fn sent(context: &TraceContext) -> Sent {
    let mut headers = Sent::new();
    inject_context(context, &mut headers);
    headers
}

fn sent_to(host: &str, context: &TraceContext) -> Sent {
    let _attached = Context::from(context.clone()).attach();
    let mut headers = Sent::new();
    inject_for(host, &mut headers);
    headers
}

/// The entries of baggage, which have no order, without their properties: of those a propagator joins
/// what was escaped and what was not.
fn baggage(sent: &Sent) -> BTreeSet<&str> {
    let entries = sent.get("baggage").into_iter().flat_map(|baggage| baggage.split(','));
    entries.map(|entry| entry.split(';').next().unwrap_or_default()).collect()
}

/// The names in baggage, as their receiver reads them.
fn names_in_baggage(sent: &Sent) -> Vec<String> {
    let names = baggage(sent).into_iter().filter_map(|entry| entry.split('=').next());
    names.map(|name| percent_decode_str(name).decode_utf8_lossy().trim().to_owned()).collect()
}

fn hold_to_the_limits(sent: &Sent) {
    for (name, value) in sent {
        assert!(HeaderName::try_from(name).is_ok(), "{name:?}");
        let is_visible = value.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~'));
        assert!(is_visible, "{name}: {value:?}");
        let (most, members) = match name.as_str() {
            "traceparent" => (55, 1),
            "tracestate" => (512, 32),
            "baggage" => (8192, 64),
            other => panic!("{other} is no header of ours"),
        };
        assert!(value.len() <= most, "{name} of {} bytes", value.len());
        assert!(value.split(',').count() <= members, "{name}: {value}");
    }
}

fn pass_on(received: &HashMap<String, String>) {
    let context = extract(received);
    let to_anyone = sent(&context);
    hold_to_the_limits(&to_anyone);
    assert_eq!(context.is_valid(), to_anyone.contains_key("traceparent"));
    assert_eq!(context.traceparent().as_ref(), to_anyone.get("traceparent"));

    let again = sent(&extract(&to_anyone));
    assert_eq!(again.get("traceparent"), to_anyone.get("traceparent"), "one trace, hop by hop");
    assert_eq!(again.get("tracestate"), to_anyone.get("tracestate"), "one state, hop by hop");
    assert_eq!(baggage(&again), baggage(&to_anyone), "one baggage, hop by hop");

    let to_stranger = sent_to(STRANGER, &context);
    hold_to_the_limits(&to_stranger);
    for sent in [&to_anyone, &to_stranger] {
        let is_told = |name: &String| IDENTITY.contains(&name.as_str());
        assert!(!names_in_baggage(sent).iter().any(is_told), "identity leaves: {sent:?}");
    }
    hold_to_the_limits(&sent_to(TOLD, &context));

    let headers: HeaderMap = received
        .iter()
        .filter_map(|(name, value)| {
            let value = HeaderValue::from_bytes(value.as_bytes()).ok()?;
            Some((HeaderName::try_from(name).ok()?, value))
        })
        .collect();
    hold_to_the_limits(&sent(&extract(&headers)));
}

fn refer(text: &str) {
    let context = TraceContext::from_traceparent(text);
    let reference = text.parse::<SpanReference>();
    if let Ok(reference) = reference {
        assert_eq!(reference.to_string().parse(), Ok(reference), "{text:?}");
    }
    if let Some(written) = context.traceparent() {
        assert_eq!(TraceContext::from_traceparent(&written).traceparent(), Some(written));
        assert!(context.is_valid());
    }
}

fuzz_target!(init: set_up(), |input: &[u8]| {
    bounded(input, 128 << 10, 64, || {
        let mut received = HashMap::new();
        for (name, value) in lines(input).filter_map(|line| line.split_once(':')) {
            refer(value);
            received.insert(name.trim().to_ascii_lowercase(), value.trim().to_owned());
        }
        pass_on(&received);
    });
});
