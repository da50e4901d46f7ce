//! Spans of other OpenTelemetry code.

use opentelemetry::trace::{FutureExt as _, Span as _, TraceContextExt as _, Tracer as _};
use opentelemetry::{Context, KeyValue, global};
use spanline::{Pipeline, scope, trace_stage};
use spanline_tests::telemetry::{watch, watch_blocking};

#[trace_stage]
async fn ours() {}

#[tokio::test]
async fn they_have_it_too_and_pass_it_on() {
    let ((), trace) = watch(scope().session("s-1").property("region", "eu").run(async {
        let span = global::tracer("theirs").start("theirs");
        async {
            ours().await;
            global::tracer("theirs").in_span("theirs below", |_| ());
        }
        .with_context(Context::current_with_span(span))
        .await;
    }))
    .await;
    assert_eq!(
        trace.tree_with(&["session.id", "region"]),
        "theirs session.id=\"s-1\" region=\"eu\"\n  \
         ours session.id=\"s-1\" region=\"eu\"\n  \
         theirs below session.id=\"s-1\" region=\"eu\"\n"
    );
}

#[test]
fn what_they_say_themselves_wins_whenever_they_say_it() {
    let ((), trace) = watch_blocking(|| {
        Pipeline::new("p").session("s-1").user("u-1").run_blocking_with(
            || {
                let tracer = global::tracer("theirs");
                let mut span = tracer
                    .span_builder("theirs")
                    .with_attributes([KeyValue::new("session.id", "at the start")])
                    .start(&tracer);
                span.set_attribute(KeyValue::new("user.id", "later"));
                span.end();
            },
            |(), _| (),
        );
    });
    assert_eq!(
        trace.attributes("theirs"),
        "session.id=\"at the start\"\nuser.id=\"later\"\n",
        "and nothing twice"
    );
}

#[test]
fn conversation_and_prompt_are_for_their_model_calls() {
    let ((), trace) = watch_blocking(|| {
        scope().conversation("c-1").prompt("support", "3").run_blocking(|| {
            let tracer = global::tracer("theirs");
            for (name, operation) in
                [("POST", None), ("chat", Some("chat")), ("embed", Some("embeddings"))]
            {
                let mut span = tracer.start(name);
                if let Some(operation) = operation {
                    span.set_attribute(KeyValue::new("gen_ai.operation.name", operation));
                }
                span.end();
            }
        });
    });
    assert_eq!(
        trace.tree_with(&["gen_ai.conversation.id", "gen_ai.prompt.name", "gen_ai.prompt.version"]),
        "POST\nchat gen_ai.conversation.id=\"c-1\" gen_ai.prompt.name=\"support\" \
         gen_ai.prompt.version=\"3\"\nembed\n"
    );
}

#[test]
fn one_that_outlives_the_scope_still_belongs_to_it() {
    let ((), trace) = watch_blocking(|| {
        let span = scope().session("s-1").run_blocking(|| global::tracer("theirs").start("left"));
        global::tracer("theirs").in_span("outside", |_| ());
        drop(span);
    });
    assert_eq!(trace.tree_with(&["session.id"]), "left session.id=\"s-1\"\noutside\n");
}
