//! Traces that a function of the program decides on when they begin.
#![cfg(test)]
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::fs::File;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use opentelemetry::trace::Tracer as _;
use opentelemetry::{Context, global};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use spanline::{
    Agent, ExporterName, LlmCall, Pipeline, Retrieval, Sampler, SpanBuilder, Stage, Telemetry,
    TelemetryBuilder, Tool, TraceContext, TraceStart,
};
use spanline_tests::lines::Lines;

/// Telemetry is one per process; the tests take turns.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn builder() -> TelemetryBuilder {
    Telemetry::builder()
        .service_name("sample if")
        .traces_to([ExporterName::File])
        .metrics_to([])
        .shutdown_timeout(Duration::from_secs(60))
}

/// What is recorded of some work, and the telemetry when it is over.
fn recorded(builder: TelemetryBuilder, work: impl FnOnce()) -> (String, Telemetry) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("spans.jsonl");
    let telemetry = builder.file(&path).init().unwrap();
    work();
    telemetry.shutdown().unwrap();
    let mut lines = Lines::new(File::open(path).unwrap());
    lines.read();
    (lines.all().tree(), telemetry)
}

fn stage(name: &'static str) {
    Stage::new(name).run_blocking_with(|| (), |(), _| ());
}

fn pipeline(name: &'static str) {
    Pipeline::new(name).run_blocking_with(
        || {
            stage("ours");
            global::tracer("theirs").in_span("theirs", |_| stage("inside"));
        },
        |(), _| (),
    );
}

fn remote(flags: &str) -> TraceContext {
    let parent = format!("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-{flags}");
    TraceContext::from_traceparent(&parent)
}

#[test]
fn it_is_asked_once_for_each_trace_and_what_is_below_follows() {
    let _turn = turn();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&asked);
    let builder = builder().sample_if(move |start| {
        noted.lock().unwrap().push(start.name().into_owned());
        !start.name().ends_with("dropped")
    });
    let (trees, telemetry) = recorded(builder, || {
        pipeline("kept");
        pipeline("dropped");
        global::tracer("theirs").in_span("their kept", |_| stage("below"));
        global::tracer("theirs").in_span("their dropped", |_| stage("below"));
    });
    assert_eq!(trees, "invoke_workflow kept\n  ours\n  theirs\n    inside\ntheir kept\n  below\n");
    assert_eq!(
        *asked.lock().unwrap(),
        ["invoke_workflow kept", "invoke_workflow dropped", "their kept", "their dropped"]
    );
    let health = telemetry.health();
    let decision = String::from("sampler: a function of the program (code)");
    assert!(health.decisions.contains(&decision), "{health}");
    assert_eq!(health.sampler_panics, 0);
}

/// Counts the spans that it is given.
#[derive(Clone, Debug, Default)]
struct Counter(Arc<AtomicUsize>);

impl SpanExporter for Counter {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.fetch_add(batch.len(), Ordering::Relaxed);
        Ok(())
    }
}

#[test]
fn what_is_below_follows_where_nothing_is_measured_either() {
    let _turn = turn();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&asked);
    let exported = Counter::default();
    let telemetry = Telemetry::builder()
        .metrics_to([])
        .span_exporter(exported.clone())
        .shutdown_timeout(Duration::from_secs(60))
        .sample_if(move |start| {
            noted.lock().unwrap().push(start.name().into_owned());
            false
        })
        .init()
        .unwrap();
    pipeline("dropped");
    Pipeline::new("of another")
        .parent(remote("01"))
        .run_blocking_with(|| stage("below"), |(), _| ());
    telemetry.shutdown().unwrap();
    assert_eq!(*asked.lock().unwrap(), ["invoke_workflow dropped", "invoke_workflow of another"]);
    assert_eq!(exported.0.load(Ordering::Relaxed), 0);
}

#[test]
fn it_wins_over_the_parent_in_another_process_and_over_a_sampler() {
    let _turn = turn();
    let work = || {
        for (name, flags) in [("of sampled", "01"), ("of unsampled", "00")] {
            Pipeline::new(name)
                .parent(remote(flags))
                .run_blocking_with(|| stage("work"), |(), _| ());
        }
        stage("here");
    };
    let trees = |decide: fn(&TraceStart<'_>) -> bool| {
        let builder = builder().sampler(Sampler::AlwaysOff).sample_if(decide);
        recorded(builder, work).0
    };
    let sampled = "… invoke_workflow of sampled\n  work\n";
    let unsampled = "… invoke_workflow of unsampled\n  work\n";
    assert_eq!(trees(|start| start.parent_is_sampled() == Some(true)), sampled);
    assert_eq!(trees(|start| start.parent_is_sampled() == Some(false)), unsampled);
    assert_eq!(trees(|start| start.parent_is_sampled().is_none()), "here\n");
    let id = |start: &TraceStart<'_>| start.trace_id() == "0af7651916cd43dd8448eb211c80319c";
    assert_eq!(trees(id), format!("{sampled}{unsampled}"));
}

#[test]
fn it_knows_the_name_the_operation_and_the_attributes_that_are_given_before() {
    let _turn = turn();
    let facts = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&facts);
    let builder = builder().sample_if(move |start| {
        let text = |key| start.attribute(key).map(|value| value.as_str().into_owned());
        let given = ["tier", "count", "share", "yes", "list", "session.id", "none"].map(text);
        noted.lock().unwrap().push((
            start.name().into_owned(),
            start.operation().into_owned(),
            given.map(Option::unwrap_or_default).join("|"),
        ));
        true
    });
    let (trees, _) = recorded(builder, || {
        Pipeline::new("answer")
            .session("s-1")
            .attribute("tier", "gold, which is a text of more than a word")
            .attribute("count", 3)
            .attribute("share", 0.5)
            .attribute("yes", true)
            .attribute("list", ["a", "b"])
            .run_blocking_with(|| (), |(), _| ());
        spanline::scope().session("s-2").run_blocking(|| stage("retrieve"));
        LlmCall::new("openai", "gpt").run_blocking_with(|| (), |(), _| ());
        Agent::new("helper").run_blocking_with(|| (), |(), _| ());
        Tool::new("search").run_blocking_with(|| (), |(), _| ());
        Retrieval::new("wiki").run_blocking_with(|| (), |(), _| ());
        SpanBuilder::new("span").run_blocking_with(|| (), |(), _| ());
        let tracer = global::tracer("theirs");
        let theirs = tracer.span_builder("theirs").with_attributes([
            opentelemetry::KeyValue::new("tier", "silver"),
            opentelemetry::KeyValue::new("gen_ai.operation.name", "chat"),
        ]);
        drop(tracer.build_with_context(theirs, &Context::new()));
    });
    let facts = facts.lock().unwrap();
    let told: Vec<String> = facts
        .iter()
        .map(|(name, operation, given)| format!("{name}: {operation}: {given}"))
        .collect();
    assert_eq!(
        told,
        [
            "invoke_workflow answer: invoke_workflow: gold, which is a text of more than a \
             word|3|0.5|true|[\"a\",\"b\"]|s-1|",
            "retrieve: : |||||s-2|",
            "chat gpt: chat: ||||||",
            "invoke_agent helper: invoke_agent: ||||||",
            "execute_tool search: execute_tool: ||||||",
            "retrieval wiki: retrieval: ||||||",
            "span: : ||||||",
            "theirs: chat: silver||||||",
        ]
    );
    let mut names: Vec<&str> = facts.iter().map(|(name, _, _)| name.as_str()).collect();
    names.sort_unstable();
    let mut recorded: Vec<&str> =
        trees.lines().map(|line| line.split(" <").next().unwrap()).collect();
    recorded.sort_unstable();
    assert_eq!(names, recorded, "spans are called as they were called when they began");
}

#[test]
fn what_is_known_of_a_trace_prints_without_the_texts_that_it_was_given() {
    let _turn = turn();
    let printed = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&printed);
    let builder = builder().sample_if(move |start| {
        noted.lock().unwrap().push(format!("{start:?}"));
        true
    });
    let (_, _telemetry) = recorded(builder, || {
        let secret = "a secret that is longer than a word";
        let stage = Stage::new("ours").attribute("key", secret);
        stage.run_blocking_with(|| (), |(), _| ());
        let tracer = global::tracer("theirs");
        let theirs = tracer.span_builder("theirs");
        let theirs = theirs.with_attributes([opentelemetry::KeyValue::new("key", secret)]);
        drop(tracer.build_with_context(theirs, &Context::new()));
    });
    let printed = printed.lock().unwrap().concat();
    assert!(
        printed.contains(r#"name: "ours""#) && printed.contains(r#"name: "theirs""#),
        "{printed}"
    );
    assert!(!printed.contains("secret"), "{printed}");
}

#[test]
fn one_that_panics_or_makes_spans_itself_does_no_harm() {
    let _turn = turn();
    let builder = builder().sample_if(|start| {
        pipeline("inner");
        global::tracer("theirs").in_span("inner", |_| stage("below"));
        let tracer = global::tracer("theirs");
        drop(tracer.build_with_context(tracer.span_builder("inner"), &Context::new()));
        spanline::current().set("nowhere", true);
        assert!(start.name() != "odd", "cannot say");
        true
    });
    let (trees, telemetry) = recorded(builder, || {
        stage("outer");
        stage("odd");
        global::tracer("theirs").in_span("theirs", |_| stage("below"));
    });
    assert_eq!(trees, "odd\nouter\ntheirs\n  below\n");
    let health = telemetry.health();
    // The SDK holds the current context while it asks: whoever enters a span then panics.
    assert_eq!((health.sampler_panics, health.late_spans), (2, 0));
    assert!(health.to_string().ends_with("\n2 panics of the sampler"), "{health}");
}
