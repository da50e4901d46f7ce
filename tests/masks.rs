//! What leaves the process: no secrets, and no more content than there is room for, whoever wrote it.
#![cfg(test)]

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use opentelemetry::trace::{
    Link, Span as _, SpanContext, Status, TraceFlags, TraceState, Tracer as _,
};
use opentelemetry::{KeyValue, global};
use opentelemetry_proto::tonic::trace::v1::Span;
use serde_json::{Value, json};
use spanline::{
    ExporterName, LlmCall, Mask, Pipeline, Protocol, SpanBuilder, Stage, Telemetry,
    TelemetryBuilder, Usage, current, scope, trace_stage,
};

#[path = "masks/content.rs"]
mod content;
mod support;

use support::receiver::Receiver;
use support::tree;

/// Looks like a key, and is none.
const KEY: &str = "sk-aB3dE5gH7jK9mN1pQ3sT5vW7";

/// Telemetry is one per process; the tests of this file take turns.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn telemetry(receiver: &Receiver) -> TelemetryBuilder {
    Telemetry::builder()
        .traces_to([ExporterName::Otlp])
        .metrics_to([ExporterName::Otlp])
        .console(false)
        .otlp_endpoint(receiver.url())
        .otlp_protocol(Protocol::HttpProtobuf)
        .shutdown_timeout(Duration::from_secs(30))
}

fn span(receiver: &Receiver, name: &str) -> Span {
    let found = receiver.spans().into_iter().find(|span| span.span.name == name);
    found.unwrap_or_else(|| panic!("no span {name}")).span
}

fn attribute(span: &Span, key: &str) -> String {
    let line = tree::attributes(&span.attributes)
        .into_iter()
        .find_map(|line| line.strip_prefix(&format!("{key} = ")).map(str::to_owned));
    line.unwrap_or_default()
}

#[derive(Debug)]
struct Refused(String);

impl std::fmt::Display for Refused {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "the key {} was refused", self.0)
    }
}

impl std::error::Error for Refused {}

#[trace_stage(attributes(header = format!("Bearer {KEY}")))]
fn refused() -> Result<(), Refused> {
    current().event("asked", [("with", KEY)]);
    Err(Refused(KEY.to_owned()))
}

/// A span with the key wherever a span has text.
fn theirs() {
    let tracer = global::tracer("theirs");
    let other =
        SpanContext::new(1_u128.into(), 1_u64.into(), TraceFlags::SAMPLED, true, TraceState::NONE);
    let link = Link::new(other, vec![KeyValue::new("of", KEY)], 0);
    let mut span =
        tracer.span_builder(format!("GET /?api_key={KEY}")).with_links(vec![link]).start(&tracer);
    span.set_attribute(KeyValue::new("db.password", "hunter2"));
    span.set_attribute(KeyValue::new("http.request.header.x-api-key", "0123456789abcdef"));
    span.set_attribute(KeyValue::new("count", 4_111_111_111_111_111_i64));
    let texts = opentelemetry::Array::String(vec!["plain".into(), KEY.into()]);
    span.set_attribute(KeyValue::new("texts", opentelemetry::Value::Array(texts)));
    span.set_attribute(KeyValue::new("body", json!({"a": [{"b": KEY}], "n": 1.50}).to_string()));
    span.add_event(format!("sent {KEY}"), vec![KeyValue::new("exception.message", KEY)]);
    span.set_status(Status::error(format!("refused {KEY}")));
    span.end();
}

fn work() {
    refused().unwrap_err();
    theirs();
    SpanBuilder::new(format!("span {KEY}")).run_blocking_with(|| (), |(), _| ());
    Stage::new(format!("stage {KEY}")).kind(KEY).run_blocking_with(|| (), |(), _| ());
    Pipeline::new("p").property("login", KEY).tags([KEY]).run_blocking_with(|| (), |(), _| ());
}

#[test]
fn a_secret_reaches_no_receiver() {
    let _turn = turn();
    for protocol in [Protocol::Grpc, Protocol::HttpProtobuf, Protocol::HttpJson] {
        let receiver = Receiver::start();
        let telemetry = telemetry(&receiver).otlp_protocol(protocol).init().unwrap();
        work();
        telemetry.shutdown().unwrap();
        let health = telemetry.health();
        let sent = format!("{:?}", receiver.requests());
        assert!(!sent.contains(KEY) && !sent.contains("hunter2"), "{protocol:?}: {sent}");
        let theirs = span(&receiver, "GET /?api_key=[masked:openai-key]");
        assert_eq!(
            tree::attributes(&theirs.attributes),
            [
                r#"body = "{\"a\":[{\"b\":\"[masked:openai-key]\"}],\"n\":1.5}""#,
                "count = 4111111111111111",
                r#"db.password = "[masked:password]""#,
                r#"http.request.header.x-api-key = "[masked:api-key]""#,
                r#"texts = ["plain", "[masked:openai-key]"]"#,
            ]
        );
        let message = theirs.status.as_ref().unwrap().message.as_str();
        assert_eq!(message, "refused [masked:openai-key]");
        assert_eq!(theirs.events[0].name, "sent [masked:openai-key]");
        assert_eq!(
            tree::attributes(&theirs.events[0].attributes),
            [r#"exception.message = "[masked:openai-key]""#]
        );
        assert_eq!(
            tree::attributes(&theirs.links[0].attributes),
            [r#"of = "[masked:openai-key]""#]
        );
        let ours = span(&receiver, "refused");
        let message = ours.status.as_ref().unwrap().message.as_str();
        assert_eq!(message, "the key [masked:openai-key] was refused");
        assert_eq!(attribute(&ours, "header"), r#""Bearer [masked:authorization]""#);
        let pipeline = span(&receiver, "invoke_workflow p");
        assert_eq!(attribute(&pipeline, "login"), r#""[masked:openai-key]""#);
        assert_eq!(attribute(&pipeline, "spanline.tags"), r#"["[masked:openai-key]"]"#);
        // Metrics say the same as spans.
        let metrics = format!("{:?}", receiver.metrics());
        assert!(metrics.contains("stage [masked:openai-key]"), "{metrics}");
        let said = health.to_string();
        assert!(
            said.contains("\nmasked texts: 2 × api-key") || said.contains(" × openai-key"),
            "{said}"
        );
        let count = |name: &str| {
            health.masked_texts.iter().find(|(known, _)| known == name).map(|(_, count)| *count)
        };
        assert_eq!(count("password"), Some(1));
        assert!(count("openai-key") > Some(10), "{:?}", health.masked_texts);
    }
}

#[test]
fn a_secret_reaches_no_file() {
    let _turn = turn();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("spans.jsonl");
    let telemetry = Telemetry::builder().traces_to([]).metrics_to([ExporterName::File]).file(&file);
    let telemetry = telemetry.init().unwrap();
    work();
    telemetry.shutdown().unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("[masked:openai-key]") && text.contains("resourceMetrics"), "{text}");
    assert!(!text.contains(KEY) && !text.contains("hunter2"), "{text}");
}

#[test]
fn a_secret_reaches_no_terminal() {
    let ended = spanline_tests::process::Process::new(env!("CARGO_BIN_EXE_program"), "masks")
        .env("OTEL_TRACES_EXPORTER", "console")
        .env("OTEL_METRICS_EXPORTER", "console")
        .run();
    assert!(ended.success, "{ended:?}");
    assert!(ended.stderr.contains("[masked:openai-key]"), "{}", ended.stderr);
    assert!(!ended.stderr.contains(KEY), "{}", ended.stderr);
}

#[test]
fn ids_and_names_of_models_stay_whatever_they_look_like() {
    let _turn = turn();
    let receiver = Receiver::start();
    let masks = [Mask::Secrets, Mask::Email, Mask::Card, Mask::Iban];
    let telemetry = telemetry(&receiver).masks(masks).init().unwrap();
    Pipeline::new("p")
        .session("4111111111111111")
        .user("alice@example.com")
        .property("login", "alice@example.com")
        .property("card", "4111111111111111")
        .run_blocking_with(
            || {
                LlmCall::new("openai", "DE89370400440532013000")
                    .run_blocking_with(|| (), |(), _| ());
            },
            |(), _| (),
        );
    telemetry.shutdown().unwrap();
    let pipeline = span(&receiver, "invoke_workflow p");
    assert_eq!(attribute(&pipeline, "session.id"), r#""4111111111111111""#);
    assert_eq!(attribute(&pipeline, "user.id"), r#""alice@example.com""#);
    assert_eq!(attribute(&pipeline, "login"), r#""[masked:email]""#);
    assert_eq!(attribute(&pipeline, "card"), r#""[masked:card]""#);
    let call =
        receiver.spans().into_iter().find(|span| span.span.name.starts_with("chat")).unwrap();
    assert_eq!(attribute(&call.span, "gen_ai.request.model"), r#""DE89370400440532013000""#);
}

#[test]
fn a_mask_of_the_programs_own_is_used_and_may_fail() {
    let _turn = turn();
    let receiver = Receiver::start();
    let telemetry = telemetry(&receiver)
        .mask("ticket", r"T-\d+")
        .mask_with(|text| {
            assert!(!text.contains("unlucky"), "a mask that panics");
            text.contains("host-7").then(|| text.replace("host-7", "a host"))
        })
        .init()
        .unwrap();
    let mut stage = Stage::new("work").attribute("ticket", "see T-12");
    stage = stage.attribute("at", "on host-7 now").attribute("bad", "unlucky secret");
    stage.run_blocking_with(|| (), |(), _| ());
    telemetry.shutdown().unwrap();
    let work = span(&receiver, "work");
    assert_eq!(attribute(&work, "ticket"), r#""see [masked:ticket]""#);
    assert_eq!(attribute(&work, "at"), r#""on a host now""#);
    assert_eq!(attribute(&work, "bad"), r#""[masked:failed]""#);
    let masked = telemetry.health().masked_texts;
    for name in ["failed", "function", "ticket"] {
        assert!(masked.contains(&(name.to_owned(), 1)), "{masked:?}");
    }
}

#[test]
fn a_mask_of_the_programs_own_sees_each_text_once_also_where_metrics_read_it() {
    let _turn = turn();
    let receiver = Receiver::start();
    let telemetry = telemetry(&receiver).mask_with(|text| Some(format!("{text}!"))).init().unwrap();
    let failed = || {
        let stage = Stage::new("work").attribute("spanline.stage.kind", "loader");
        let stage = stage.attribute("at", "home");
        stage.run_blocking_with(|| (), |(), outcome| outcome.fail("late", "too late"));
    };
    scope().tag("t").run_blocking(failed);
    telemetry.shutdown().unwrap();
    let work = span(&receiver, "work!");
    for (key, masked) in [
        ("spanline.stage.name", "work!"),
        ("spanline.stage.kind", "loader!"),
        ("error.type", "late!"),
        ("at", "home!"),
    ] {
        assert_eq!(attribute(&work, key), format!("{masked:?}"), "{key}");
    }
    assert_eq!(attribute(&work, "spanline.tags"), r#"["t!"]"#);
    assert_eq!(work.status.unwrap().message, "too late!");
    let measured = format!("{:?}", receiver.metrics());
    for masked in ["work!", "loader!", "late!"] {
        assert!(measured.contains(&format!("StringValue({masked:?})")), "{measured}");
    }
}

#[test]
fn a_mistake_in_a_mask_is_an_error_of_init() {
    let _turn = turn();
    let error = Telemetry::builder().console(true).mask("ticket", "T-(").init().unwrap_err();
    assert!(error.to_string().contains("mask \"ticket\": \"T-(\""), "{error}");
}

#[test]
fn without_masks_texts_leave_as_they_are() {
    let _turn = turn();
    let receiver = Receiver::start();
    let telemetry = telemetry(&receiver).masks([]).init().unwrap();
    Stage::new("work").attribute("key", KEY).run_blocking_with(|| (), |(), _| ());
    telemetry.shutdown().unwrap();
    assert_eq!(attribute(&span(&receiver, "work"), "key"), format!("{KEY:?}"));
    assert_eq!(telemetry.health().masked_texts, []);
}

/// What an attribute holds, as JSON.
fn parsed(span: &Span, key: &str) -> (usize, Value) {
    let text: String = serde_json::from_str(&attribute(span, key)).unwrap();
    (text.len(), serde_json::from_str(&text).unwrap())
}

/// A call with usage.
fn call() -> LlmCall {
    LlmCall::new("openai", "m")
}

fn used(call: LlmCall) {
    call.run_blocking_with(|| (), |(), outcome| outcome.usage(Usage::new(3, 4)));
}
