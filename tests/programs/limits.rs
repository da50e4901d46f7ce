//! Spans with more than they may keep.

use std::future::pending;
use std::time::Duration;

use futures::stream::{self, StreamExt as _};
use opentelemetry::trace::{Span, Tracer};
use opentelemetry::{KeyValue, global};
use spanline::{LlmCall, SpanBuilder, Stage, Telemetry, TraceContext};

/// 200 attributes before those that matter, of the user's own and of a content convention.
pub(crate) fn attributes() {
    let telemetry = spanline::init().unwrap();
    let call = LlmCall::new("openai", "m").start();
    for number in 0..200 {
        call.set(format!("app.{number}"), number);
        call.set(format!("gen_ai.prompt.{number}.content"), "…");
    }
    call.set("session.id", "s-1");
    call.usage((612_u32, 148_u32));
    call.fail(&std::fmt::Error);

    let mut theirs = global::tracer("theirs").start("theirs");
    for number in 0..200 {
        theirs.set_attribute(KeyValue::new(format!("app.{number}"), number));
    }
    theirs.set_attribute(KeyValue::new("gen_ai.usage.output_tokens", 148));
    theirs.end();
    telemetry.shutdown().unwrap();
}

/// The same for somebody.
pub(crate) fn attributes_in_scope() {
    let telemetry = spanline::init().unwrap();
    let in_scope = spanline::scope()
        .session("s-1")
        .user("u-1")
        .tenant("t-1")
        .conversation("c-1")
        .tag("beta")
        .property("region", "eu")
        .enter();
    let call = LlmCall::new("openai", "m").start();
    for number in 0..200 {
        call.set(format!("app.{number}"), number);
        call.set(format!("gen_ai.custom.n{number}"), "…");
    }
    call.usage((612_u32, 148_u32));
    call.fail(&std::fmt::Error);

    let mut theirs = global::tracer("theirs").start("theirs");
    for number in 0..200 {
        theirs.set_attribute(KeyValue::new(format!("app.{number}"), number));
    }
    theirs.end();
    drop(in_scope);
    telemetry.shutdown().unwrap();
}

/// Long text in every place that text can be in.
pub(crate) fn lengths() {
    let telemetry = spanline::init().unwrap();
    let text = "añ→😀x";
    let span = Stage::new("ours").attribute("built", text).start();
    span.set("set", text);
    span.set("array", [text, "short"]);
    span.set("number", 1_234_567_890);
    span.handle().event("event", [("text", text)]);
    span.end();
    let mut theirs = global::tracer("theirs").start("theirs");
    theirs.set_attribute(KeyValue::new("text", text));
    theirs.end();
    telemetry.shutdown().unwrap();
}

pub(crate) fn events_and_links() {
    let telemetry = spanline::init().unwrap();
    let links: Vec<TraceContext> = (1..=5)
        .map(|n| TraceContext::from_traceparent(&format!("00-{n:032x}-{n:016x}-01")))
        .collect();
    let span = Stage::new("ours").links(&links).start();
    for number in 0..5 {
        span.handle().event("event", [("a", number), ("b", number), ("c", number)]);
    }
    span.end();
    telemetry.shutdown().unwrap();
}

/// Spans of many words, where the queue is as small as it can be.
pub(crate) fn large_in_small_queue() {
    let telemetry = Telemetry::builder().queue_size(2).init().unwrap();
    for _ in 0..20 {
        let span = SpanBuilder::new("large").start();
        for number in 0..100 {
            span.set(format!("app.{number}"), "x".repeat(1000));
        }
        span.end();
        telemetry.flush().unwrap();
    }
    telemetry.shutdown().unwrap();
}

/// A cancelled span and an abandoned one are errors where that is asked for.
pub(crate) fn cancelled() {
    let telemetry = Telemetry::builder().cancelled_is_error(true).init().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        let endless = Stage::new("endless").run_with(pending::<()>(), |(), _| ());
        tokio::time::timeout(Duration::from_millis(1), endless).await.unwrap_err();
        let left = Stage::new("left").run_stream_with(stream::iter([1, 2]), |_, _| ());
        assert_eq!(left.take(1).next().await, Some(1));
    });
    telemetry.shutdown().unwrap();
}
