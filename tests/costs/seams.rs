//! What becomes of totals and budgets where a span may come to nothing, or belong elsewhere.

use futures::stream::{self, Stream, StreamExt as _};
use spanline::{
    Agent, ErrorDetail, LlmCall, Pipeline, attempt, check_budget, current, summed, trace_agent,
    trace_llm_call, trace_pipeline,
};

use super::{TOTAL, call, set_up, told, watch};

#[trace_llm_call(provider = "acme", model = "m", usage = |tokens: &u64| summed((*tokens, 0)))]
fn complete() -> impl Stream<Item = u64> + Send + Unpin {
    stream::iter([3, 4])
}

#[trace_pipeline(max_total_tokens = 10)]
fn chunks() -> impl Stream<Item = u64> + Send + Unpin {
    Box::pin(stream::once(async {
        call(10, 0).await;
        u64::from(check_budget().is_err())
    }))
}

#[tokio::test]
async fn a_stream_made_outside_any_span_counts_where_it_is_polled() {
    set_up();
    let made = complete();
    let (items, trace) =
        watch(async { Agent::new("a").run_with(made.collect::<Vec<_>>(), |_, _| ()).await }).await;
    assert_eq!(items, [3, 4]);
    assert_eq!(
        told(&trace, "invoke_agent a", TOTAL),
        "cost.usd=7e-6 input_tokens=7 llm_calls=1 output_tokens=0 tokens=7"
    );
    assert_eq!(trace.attribute("invoke_agent a", "spanline.agent.inference_calls"), "1");
}

#[tokio::test]
async fn a_pipeline_that_moves_keeps_its_budget_and_counts_in_what_it_moved_to() {
    set_up();
    let made = chunks();
    let (items, trace) =
        watch(async { Pipeline::new("outer").run_with(made.collect::<Vec<_>>(), |_, _| ()).await })
            .await;
    assert_eq!(items, [1], "the budget is used up inside");
    let inner = "invoke_workflow chunks";
    assert_eq!(trace.attribute(inner, "spanline.budget.max_total_tokens"), "10");
    assert_eq!(trace.attribute(inner, "spanline.total.tokens"), "10");
    assert_eq!(trace.attribute("invoke_workflow outer", "spanline.total.tokens"), "10");
}

#[tokio::test]
async fn a_call_whose_stream_nobody_polls_is_counted_nowhere() {
    let ((), trace) = watch(async {
        Agent::new("a").run_with(async { drop(complete()) }, |(), _| ()).await;
    })
    .await;
    assert_eq!(trace.attribute("invoke_agent a", "spanline.agent.inference_calls"), "0");
    assert_eq!(told(&trace, "invoke_agent a", TOTAL), "");
}

#[tokio::test]
async fn a_function_that_returns_a_stream_sees_the_totals_of_where_it_is_called() {
    #[trace_agent]
    fn research() -> impl Stream<Item = u64> + Send + Unpin {
        let calls = current().totals().map_or(u64::MAX, |totals| totals.llm_calls);
        let budget = u64::from(check_budget().is_err());
        stream::iter([calls, budget])
    }
    let (items, _) = watch(async {
        let inside = async {
            call(5, 0).await;
            research().collect::<Vec<_>>().await
        };
        Pipeline::new("p").max_total_tokens(5).run_with(inside, |_, _| ()).await
    })
    .await;
    assert_eq!(items, [0, 1], "its own totals, and the budget around it");
}

#[tokio::test]
async fn an_attempt_tells_no_more_of_its_errors_than_its_operation() {
    let ((), trace) = watch(async {
        let failing = async {
            let _ = attempt(async { Err::<(), _>("what the user wrote") }).await;
        };
        LlmCall::new("acme", "m").err(ErrorDetail::Type).run_with(failing, |(), _| ()).await;
    })
    .await;
    let events = trace.events("chat m");
    assert!(events.contains("spanline.attempt.failed"), "{events}");
    assert!(!events.contains("what the user wrote"), "{events}");
}
