//! Spans of other OpenTelemetry code, above and below ours, and what it writes on ours.

use opentelemetry::trace::{FutureExt, Span, SpanKind, Status, TraceContextExt, Tracer};
use opentelemetry::{Context, KeyValue, global};
use spanline::{Stage, trace_pipeline, trace_stage};
use spanline_tests::telemetry::{telemetry, trace, watch, watch_blocking};

#[trace_stage]
async fn ours() {
    tokio::task::yield_now().await;
    let tracer = global::tracer("theirs");
    let mut span = tracer.start("theirs below");
    span.set_attribute(KeyValue::new("n", 5));
    span.end();
}

#[tokio::test]
async fn spans_of_other_code_nest_below_ours() {
    let ((), trace) = watch(async { ours().await }).await;
    assert_eq!(trace.tree_with(&["n"]), "ours\n  theirs below n=5\n");
}

#[tokio::test]
async fn our_spans_nest_below_those_of_other_code() {
    let ((), trace) = watch(async {
        let tracer = global::tracer("theirs");
        let span = tracer.span_builder("theirs above").with_kind(SpanKind::Client).start(&tracer);
        async { ours().await }.with_context(Context::current_with_span(span)).await;
    })
    .await;
    assert_eq!(trace.tree(), "theirs above <client>\n  ours\n    theirs below\n");
}

#[tokio::test]
async fn called_outside_any_span_a_future_takes_the_one_that_it_is_polled_in() {
    telemetry();
    let future = ours();
    let tracer = global::tracer("theirs");
    let span = tracer.start("theirs above");
    let trace_id = span.span_context().trace_id().to_string();
    future.with_context(Context::current_with_span(span)).await;
    let trace = trace(&trace_id);
    assert_eq!(trace.tree(), "theirs above\n  ours\n    theirs below\n");
}

#[tokio::test]
async fn a_root_stays_one_wherever_it_is_polled() {
    #[trace_stage(root)]
    async fn alone() {}
    let ((), trace) = watch(async {
        let future = alone();
        let span = global::tracer("theirs").start("theirs above");
        future.with_context(Context::current_with_span(span)).await;
    })
    .await;
    assert_eq!(trace.tree(), "theirs above\n");
}

#[test]
fn blocking_spans_nest_both_ways() {
    #[trace_stage]
    fn inner() {
        global::tracer("theirs").in_span("innermost", |_| ());
    }
    #[trace_pipeline]
    fn outer() {
        global::tracer("theirs").in_span("between", |_| inner());
    }
    let ((), trace) = watch_blocking(outer);
    assert_eq!(trace.tree(), "invoke_workflow outer\n  between\n    inner\n      innermost\n");
}

#[tokio::test]
async fn other_code_writes_on_our_span_through_the_context() {
    #[trace_stage("first name")]
    async fn written_on() {
        let context = Context::current();
        let span = context.span();
        span.set_attribute(KeyValue::new("theirs", 1.5));
        span.add_event("their event", vec![KeyValue::new("k", "v")]);
        span.set_status(Status::error("their status"));
        span.update_name("their name");
    }
    let ((), trace) = watch(async { written_on().await }).await;
    assert_eq!(
        trace.tree_with(&["theirs", "error.type"]),
        "their name error \"their status\" theirs=1.5 error.type=\"_OTHER\"\n"
    );
    assert_eq!(trace.events("their name"), "their event k=\"v\"\n");
}

#[tokio::test]
async fn a_span_that_other_code_ends_is_exported_once() {
    let ((), trace) = watch(async {
        Stage::new("ended early")
            .run(async {
                Context::current().span().end();
                spanline::current().set("late", true);
                Err::<(), _>("later")
            })
            .await
            .unwrap_err();
    })
    .await;
    assert_eq!(trace.tree_with(&["late", "error.type"]), "ended early\n");
}

#[tokio::test]
async fn other_code_sees_the_ids_that_are_exported() {
    let (seen, trace) = watch(async {
        Stage::new("seen")
            .run(async {
                let context = Context::current();
                let span = context.span();
                let span_context = span.span_context();
                assert!(span_context.is_valid() && !span_context.is_remote());
                assert!(span_context.is_sampled() && span.is_recording());
                Ok::<_, String>(span_context.span_id())
            })
            .await
            .unwrap()
    })
    .await;
    assert_eq!(trace.span("seen").span_id, seen.to_bytes());
}

#[test]
fn a_span_of_other_code_that_is_never_ended_is_ended_by_its_drop() {
    let ((), trace) = watch_blocking(|| drop(global::tracer("theirs").start("dropped")));
    assert_eq!(trace.tree(), "dropped\n");
}

#[test]
fn nothing_is_traced_where_telemetry_is_suppressed() {
    let ((), trace) = watch_blocking(|| {
        let _suppressed = Context::enter_telemetry_suppressed_scope();
        Stage::new("hidden").run_blocking(|| Ok::<_, String>(())).unwrap();
        global::tracer("theirs").in_span("hidden too", |_| ());
    });
    assert_eq!(trace.tree(), "");
}
