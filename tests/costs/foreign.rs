//! Calls under spans of other OpenTelemetry code: these are in no total, and stand in nobody's way.

use opentelemetry::trace::{
    FutureExt as _, SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState,
    Tracer, TracerProvider as _,
};
use opentelemetry::{Context, global};
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use spanline::{Agent, LlmCall, Pipeline, Stage, Totals, current};
use spanline_tests::telemetry;

use super::{TOTAL, call, set_up, told, watch};

/// A call under a span of theirs.
async fn under<T: Tracer>(tracer: T)
where
    T::Span: Send + Sync + 'static,
{
    let theirs = Context::current_with_span(tracer.start("theirs"));
    call(100, 10).with_context(theirs).await;
}

/// A pipeline with that parent, and in it an agent that does it; gives the pipeline's totals.
async fn totals(parent: Option<Context>, name: &str, work: impl Future) -> Totals {
    let agent = async {
        Agent::new(name.to_owned()).run_with(work, |_, _| ()).await;
        current().totals().unwrap()
    };
    Pipeline::new("p").parent(parent).run_with(agent, |_, _| ()).await
}

/// Of another process, which has decided that nothing is kept.
fn unsampled() -> Context {
    let parent = SpanContext::new(
        TraceId::from(7),
        SpanId::from(7),
        TraceFlags::default(),
        true,
        TraceState::NONE,
    );
    Context::new().with_remote_span_context(parent)
}

#[tokio::test]
async fn a_call_under_a_span_of_others_counts_in_its_stage_its_agent_and_its_pipeline() {
    set_up();
    let stage = Stage::new("s").run_with(under(global::tracer("theirs")), |(), _| ());
    let agent = Agent::new("a").run_with(stage, |(), _| ());
    let ((), trace) = watch(Pipeline::new("p").run_with(agent, |(), _| ())).await;
    let once = "cost.usd=0.0002 input_tokens=100 output_tokens=10 tokens=110";
    assert_eq!(told(&trace, "s", TOTAL), once);
    assert_eq!(trace.attribute("invoke_agent a", "spanline.agent.inference_calls"), "1");
    let all = "cost.usd=0.0002 input_tokens=100 llm_calls=1 output_tokens=10 stages=1 tokens=110";
    assert_eq!(told(&trace, "invoke_workflow p", TOTAL), all);
}

#[tokio::test]
async fn a_call_in_a_call_under_a_span_of_others_is_counted_once() {
    set_up();
    let used = |(): &(), outcome: &mut spanline::Outcome| outcome.usage((100, 10));
    let wrapper =
        LlmCall::new("acme", "m").name("wrapper").run_with(under(global::tracer("theirs")), used);
    let ((), trace) = watch(Pipeline::new("p").run_with(wrapper, |(), _| ())).await;
    assert_eq!(
        told(&trace, "invoke_workflow p", TOTAL),
        "cost.usd=0.0002 input_tokens=100 llm_calls=1 output_tokens=10 tokens=110"
    );
}

#[tokio::test]
async fn a_call_under_a_span_of_others_counts_where_nothing_is_sampled() {
    set_up();
    let called = totals(Some(unsampled()), "unsampled", under(global::tracer("theirs"))).await;
    assert_eq!((called.tokens, called.llm_calls), (110, 1));
    let metrics = telemetry::metrics();
    let calls = "gen_ai.invoke_agent.inference_calls";
    let points = metrics.points(calls, "gen_ai.agent.name", "unsampled");
    let calls: f64 = points.iter().filter_map(|point| point.sum).sum();
    assert!((calls - 1.0).abs() < 0.5, "{calls} calls");
}

#[tokio::test]
async fn a_call_in_a_call_under_a_span_of_others_is_counted_once_where_nothing_is_sampled() {
    set_up();
    let wrapper = LlmCall::new("acme", "m")
        .run_with(under(global::tracer("theirs")), |(), outcome| outcome.usage((100, 10)));
    let called = totals(Some(unsampled()), "wrapping", wrapper).await;
    assert_eq!((called.tokens, called.llm_calls), (110, 1));
}

#[tokio::test]
async fn a_call_in_another_trace_is_no_part_of_what_happens_to_run_around_it() {
    set_up();
    let provider = SdkTracerProvider::builder().build();
    let elsewhere = async {
        let theirs = provider.tracer("theirs").start_with_context("theirs", &Context::new());
        call(100, 10).with_context(Context::current_with_span(theirs)).await;
    };
    assert_eq!(totals(Some(unsampled()), "elsewhere", elsewhere).await.tokens, 0);
}

#[tokio::test]
async fn a_call_under_a_span_of_another_provider_counts_in_its_agent_and_its_pipeline() {
    set_up();
    for sampler in [Sampler::AlwaysOn, Sampler::AlwaysOff] {
        let provider = SdkTracerProvider::builder().with_sampler(sampler).build();
        for parent in [None, Some(unsampled())] {
            let called = totals(parent, "elsewhere", under(provider.tracer("theirs"))).await;
            assert_eq!((called.tokens, called.llm_calls), (110, 1));
        }
    }
}

#[tokio::test]
async fn a_call_under_a_span_of_others_that_has_ended_counts_in_the_pipeline() {
    set_up();
    let ended = async {
        let theirs = Context::current_with_span(global::tracer("theirs").start("theirs"));
        theirs.span().end();
        call(100, 10).with_context(theirs).await;
    };
    assert_eq!(totals(None, "ended", ended).await.tokens, 110);
}
