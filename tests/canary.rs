//! Words of a program that are found where they belong, or nowhere: without the switch, nowhere at all.
//!
//! Built without the feature `content`, this shows the same of such a build.
#![cfg(test)]

mod support;

use spanline_tests::lines::Lines;
use spanline_tests::process::{Ended, Process};
use spanline_tests::trace::{Trace, written};
use support::receiver::{Payload, Receiver};

const SWITCH: &str = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT";
const EVENTS: &str = "OTEL_INSTRUMENTATION_GENAI_EMIT_EVENT";
const PROTOCOLS: [&str; 3] = ["grpc", "http/protobuf", "http/json"];

/// Each word that has a place: the span, its attribute, the word.
const PLACES: &[(&str, &str, &str)] = &[
    ("invoke_workflow macro-pipeline", "gen_ai.input.messages", "canary-mp-input"),
    ("invoke_workflow macro-pipeline", "gen_ai.output.messages", "canary-mp-output"),
    ("invoke_agent macro-agent", "gen_ai.system_instructions", "canary-ma-system"),
    ("invoke_agent macro-agent", "gen_ai.input.messages", "canary-ma-input"),
    ("invoke_agent macro-agent", "gen_ai.tool.definitions", "canary-ma-tool-name"),
    ("invoke_agent macro-agent", "gen_ai.output.messages", "canary-ma-output"),
    ("chat macro-call", "gen_ai.system_instructions", "canary-ml-system"),
    ("chat macro-call", "gen_ai.input.messages", "canary-ml-input"),
    ("chat macro-call", "gen_ai.tool.definitions", "canary-ml-tool-name"),
    ("chat macro-call", "gen_ai.output.messages", "canary-ml-output"),
    ("chat macro-chunks", "gen_ai.output.messages", "canary-mc-output"),
    ("chat macro-whole", "gen_ai.output.messages", "canary-mw-reply"),
    ("execute_tool macro-tool", "gen_ai.tool.call.arguments", "canary-mt-arguments"),
    ("execute_tool macro-tool", "gen_ai.tool.call.result", "canary-mt-result"),
    ("retrieval macro-search", "gen_ai.retrieval.query.text", "canary-mr-query"),
    ("retrieval macro-search", "gen_ai.retrieval.documents", "canary-mr-document"),
    ("invoke_workflow built-pipeline", "gen_ai.input.messages", "canary-bp-input"),
    ("invoke_workflow built-pipeline", "gen_ai.output.messages", "canary-bp-output"),
    ("chat built-call", "gen_ai.system_instructions", "canary-bl-system"),
    ("chat built-call", "gen_ai.input.messages", "canary-bl-input"),
    ("chat built-call", "gen_ai.tool.definitions", "canary-bl-tool-name"),
    ("chat built-call", "gen_ai.output.messages", "canary-bl-output"),
    ("invoke_agent built-agent", "gen_ai.system_instructions", "canary-ba-system"),
    ("invoke_agent built-agent", "gen_ai.input.messages", "canary-ba-input"),
    ("invoke_agent built-agent", "gen_ai.tool.definitions", "canary-ba-tool-name"),
    ("invoke_agent built-agent", "gen_ai.output.messages", "canary-ba-output"),
    ("execute_tool built-tool", "gen_ai.tool.call.arguments", "canary-bt-arguments"),
    ("execute_tool built-tool", "gen_ai.tool.call.result", "canary-bt-result"),
    ("retrieval built-search", "gen_ai.retrieval.query.text", "canary-br-query"),
    ("retrieval built-search", "gen_ai.retrieval.documents", "canary-br-document"),
    ("chat inside-call", "gen_ai.system_instructions", "canary-il-system"),
    ("chat inside-call", "gen_ai.input.messages", "canary-il-input"),
    ("chat inside-call", "gen_ai.tool.definitions", "canary-il-tool-name"),
    ("chat inside-call", "gen_ai.output.messages", "canary-il-output"),
    ("execute_tool inside-tool", "gen_ai.tool.call.arguments", "canary-it-arguments"),
    ("execute_tool inside-tool", "gen_ai.tool.call.result", "canary-it-result"),
    ("retrieval inside-search", "gen_ai.retrieval.query.text", "canary-ir-query"),
    ("retrieval inside-search", "gen_ai.retrieval.documents", "canary-ir-document"),
];

/// What a program sent, in every way.
struct Sent {
    ended: Ended,
    spans: Trace,
    /// Every request, with its headers.
    requests: String,
}

fn send(protocol: &str, variables: &[(&str, &str)]) -> Sent {
    let receiver = Receiver::start();
    let all = "otlp,console,file";
    let mut process = Process::new(env!("CARGO_BIN_EXE_canary"), "")
        .env("OTEL_TRACES_EXPORTER", all)
        .env("OTEL_METRICS_EXPORTER", all)
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", &receiver.url())
        .env("OTEL_EXPORTER_OTLP_PROTOCOL", protocol);
    for (name, value) in variables {
        process = process.env(name, value);
    }
    let ended = process.run();
    assert!(ended.success, "{}", ended.stderr);
    let requests = receiver.requests();
    let is_metrics = |payload: &Payload| matches!(payload, Payload::Metrics(_));
    assert!(requests.iter().any(|request| is_metrics(&request.payload)), "metrics were sent");
    let spans = Trace::new(receiver.spans().into_iter().map(|received| received.span).collect());
    assert_eq!(spans.spans.len(), ended.lines.all().spans.len(), "both have every span");
    assert!(ended.stderr.contains("macro-pipeline"), "the console has its tree");
    let requests = format!("{requests:?}");
    assert!(requests.contains("execute_tool refused-tool"), "it reads what was sent");
    Sent { ended, spans, requests }
}

fn assert_nothing(sent: &Sent) {
    for (way, text) in [
        ("a request", &sent.requests),
        ("the file", &sent.ended.file),
        ("the console", &sent.ended.stderr),
        ("the output", &sent.ended.stdout),
    ] {
        assert_eq!(words(text).next(), None, "in {way}");
    }
}

/// Every place where a word was found: span, attribute, word.
fn found(trace: &Trace) -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    for span in &trace.spans {
        let whole = format!("{span:?}");
        let mut of_attributes = 0;
        for attribute in &span.attributes {
            let text = written(attribute.value.as_ref());
            for word in words(&text) {
                of_attributes += 1;
                found.push((span.name.clone(), attribute.key.clone(), word));
            }
        }
        assert_eq!(words(&whole).count(), of_attributes, "in {whole}");
    }
    found.sort();
    found
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.match_indices("canary-").map(|(at, _)| {
        let rest = &text[at..];
        let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-');
        rest[..end.unwrap_or(rest.len())].to_owned()
    })
}

fn places() -> Vec<(String, String, String)> {
    let mut places: Vec<_> = PLACES
        .iter()
        .map(|(span, key, word)| ((*span).into(), (*key).into(), (*word).into()))
        .collect();
    places.sort();
    places
}

#[test]
fn unless_it_is_switched_on_no_content_leaves_the_process() {
    for protocol in PROTOCOLS {
        assert_nothing(&send(protocol, &[]));
        assert_nothing(&send(protocol, &[(SWITCH, "no_content")]));
        let logs =
            [("OTEL_LOGS_EXPORTER", "otlp,console,file"), (EVENTS, "true"), (SWITCH, "no_content")];
        let sent = send(protocol, &logs);
        assert!(sent.requests.contains("gen_ai.client.inference.operation.details"), "{protocol}");
        assert_nothing(&sent);
    }
}

#[test]
fn what_goes_to_events_alone_is_on_no_span() {
    if cfg!(feature = "content") {
        assert_nothing(&send("grpc", &[(SWITCH, "EVENT_ONLY")]));
    }
}

#[test]
fn switched_on_each_word_is_where_it_belongs_and_nowhere_else() {
    for protocol in PROTOCOLS {
        let sent = send(protocol, &[(SWITCH, "SPAN_ONLY")]);
        if !cfg!(feature = "content") {
            assert!(sent.ended.stderr.contains("the feature `content` of spanline"));
            assert_nothing(&sent);
            continue;
        }
        assert_eq!(found(&sent.spans), places(), "{protocol}");
        let lines: &Lines<_> = &sent.ended.lines;
        assert_eq!(found(&lines.all()), places(), "the file");
        let metrics = format!("{:?}", lines.collections);
        assert!(metrics.contains("gen_ai.client.operation.duration"), "there are metrics");
        assert_eq!(words(&metrics).next(), None);
        assert_eq!(words(&sent.ended.stderr).next(), None, "a tree has no room for content");
        // In the requests there is no more than on the spans.
        assert_eq!(words(&sent.requests).count(), places().len(), "{protocol}");
    }
}

#[test]
fn what_is_refused_is_captured_by_no_switch() {
    let sent = send("grpc", &[(SWITCH, "SPAN_AND_EVENT")]);
    assert!(sent.spans.tree().contains("chat refused-call"));
    assert!(!sent.requests.contains("canary-r"), "{}", sent.requests);
}

#[test]
fn a_length_or_a_hash_has_no_word_in_it() {
    for mode in ["length", "hash"] {
        let variables = [(SWITCH, "true"), ("SPANLINE_CONTENT_MODE", mode)];
        let sent = send("http/json", &variables);
        // What tools are called is kept.
        let others: Vec<_> = found(&sent.spans)
            .into_iter()
            .filter(|(.., word)| !word.ends_with("-tool-name"))
            .collect();
        assert_eq!(others, [], "{mode}");
    }
}

#[test]
fn tools_are_described_where_that_is_asked_for() {
    if !cfg!(feature = "content") {
        return;
    }
    let variables = [(SWITCH, "true"), ("SPANLINE_CONTENT_TOOL_DEFINITIONS", "full")];
    let sent = send("grpc", &variables);
    let more: Vec<_> =
        found(&sent.spans).into_iter().filter(|place| !places().contains(place)).collect();
    let described = ["parameters", "description"];
    assert_eq!(more.len(), 5 * described.len(), "{more:?}");
    for (_, key, word) in more {
        assert_eq!(key, "gen_ai.tool.definitions");
        assert!(described.iter().any(|part| word.ends_with(part)), "{word}");
    }
}
