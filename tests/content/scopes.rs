//! What refuses content, and what is not evaluated where it is refused.

use std::cell::Cell;

use spanline::{LlmCall, SpanBuilder, TraceContext, scope, trace_llm_call, trace_pipeline};
use spanline_tests::telemetry::{watch, watch_blocking};

use super::capture;

thread_local! {
    static EVALUATED: Cell<u32> = const { Cell::new(0) };
}

fn argument() -> &'static str {
    EVALUATED.set(EVALUATED.get() + 1);
    "why?"
}

#[trace_llm_call(
    provider = "openai",
    model = "m",
    input_messages = argument(),
    output_messages = |()| argument()
)]
async fn call() {}

/// How many of both arguments were evaluated.
async fn evaluated(work: impl Future<Output = ()>) -> (u32, String) {
    capture();
    EVALUATED.set(0);
    let ((), trace) = watch(work).await;
    (EVALUATED.get(), trace.attribute("chat m", "gen_ai.input.messages"))
}

#[trace_pipeline(capture_content = is_captured)]
async fn pipeline(is_captured: bool) {
    scope().capture_content(true).run(async { call().await }).await;
}

#[tokio::test]
async fn what_is_under_a_refusal_is_not_evaluated() {
    assert_eq!(evaluated(async { call().await }).await.0, 2);
    let refused = scope().capture_content(false).run(async { call().await });
    assert_eq!(evaluated(refused).await, (0, String::new()));
    assert_eq!(evaluated(async { pipeline(false).await }).await, (0, String::new()));
    let (count, attribute) = evaluated(async { pipeline(true).await }).await;
    assert_eq!(count, 2);
    assert!(attribute.contains("why?"), "{attribute}");
    let unsaid = scope().session("s").capture_content(None::<bool>).run(async { call().await });
    assert_eq!(evaluated(unsaid).await.0, 2);
}

#[tokio::test]
async fn a_refusal_holds_on_other_tasks_and_for_what_was_made_before_it() {
    let spawned = async {
        let refused = scope().capture_content(false).run(async { tokio::spawn(call()).await });
        refused.await.unwrap();
    };
    assert_eq!(evaluated(spawned).await, (0, String::new()));
    let made = async {
        let call = LlmCall::new("openai", "m").input_messages(argument());
        let call = call.capture_in(scope().capture_content(false));
        call.await;
    };
    let (_, attribute) = evaluated(made).await;
    assert_eq!(attribute, "");
}

#[tokio::test]
async fn a_refusal_holds_for_what_was_made_in_a_scope_of_its_own() {
    let elsewhere = async {
        let made = scope()
            .tenant("t")
            .run_blocking(|| SpanBuilder::new("made").run_with(async { call().await }, |(), _| ()));
        scope().user("u").capture_content(false).run(made).await;
    };
    assert_eq!(evaluated(elsewhere).await.1, "");
}

/// Runs a call in a scope that is entered after it was described.
trait CaptureIn {
    fn capture_in(self, scope: spanline::Scope) -> impl Future<Output = ()>;
}

impl CaptureIn for LlmCall {
    async fn capture_in(self, scope: spanline::Scope) {
        scope.run(async { self.run_with(async {}, |(), _| ()).await }).await;
    }
}

#[tokio::test]
async fn under_a_parent_that_is_not_sampled_nothing_is_evaluated() {
    capture();
    let unsampled =
        TraceContext::from_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00");
    EVALUATED.set(0);
    SpanBuilder::new("unsampled")
        .parent(unsampled)
        .run_with(async { call().await }, |(), _| ())
        .await;
    assert_eq!(EVALUATED.get(), 0);
}

#[test]
fn outside_any_span_content_is_kept_for_whoever_runs_it() {
    capture();
    EVALUATED.set(0);
    let made = call();
    let ((), trace) = watch_blocking(|| futures::executor::block_on(made));
    assert!(trace.attribute("chat m", "gen_ai.input.messages").contains("why?"));
    assert_eq!(EVALUATED.get(), 2);
}
