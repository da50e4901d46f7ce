//! Model calls inside of model calls.

use futures::future::ready;
use futures::stream::{self, Stream, StreamExt as _};
use spanline::{
    Agent, LlmCall, LlmOperation, Outcome, Pipeline, Tool, attempt, current, trace_llm_call,
};

use super::metric::cost_of;
use super::{TOTAL, call, set_up, told, watch};

#[tokio::test]
async fn what_a_wrapper_tells_again_is_counted_once_and_stays_on_both_spans() {
    #[trace_llm_call(provider = "acme", model = "m", usage = |()| (100, 10))]
    async fn wrapper() {
        library().await;
    }
    #[trace_llm_call(provider = "acme", model = "m", name = "library", usage = |()| (100, 10))]
    async fn library() {}

    set_up();
    let inside = async {
        Agent::new("a").run_with(async { wrapper().await }, |(), _| ()).await;
    };
    let ((), trace) = watch(Pipeline::new("p").run_with(inside, |(), _| ())).await;
    let once = "cost.usd=0.0002 input_tokens=100 llm_calls=1 output_tokens=10 tokens=110";
    assert_eq!(told(&trace, "invoke_workflow p", TOTAL), once);
    assert_eq!(told(&trace, "invoke_agent a", TOTAL), once);
    assert_eq!(trace.attribute("invoke_agent a", "spanline.agent.inference_calls"), "1");
    for span in ["chat m", "library"] {
        assert_eq!(trace.attribute(span, "gen_ai.usage.input_tokens"), "100");
        assert_eq!(trace.attribute(span, "spanline.cost.usd"), "0.0002");
    }
}

#[tokio::test]
async fn each_call_of_a_wrapper_that_makes_several_is_counted() {
    set_up();
    let several = async {
        call(1, 0).await;
        Tool::new("between").run_with(call(2, 0), |(), _| ()).await;
    };
    let wrapper = LlmCall::new("acme", "m")
        .name("wrapper")
        .run_with(several, |(), outcome| outcome.usage((3, 0)));
    let agent = Agent::new("a").run_with(wrapper, |(), _| ());
    let ((), trace) = watch(agent).await;
    assert_eq!(
        told(&trace, "invoke_agent a", TOTAL),
        "cost.usd=3e-6 input_tokens=3 llm_calls=2 output_tokens=0 tokens=3 tool_calls=1"
    );
    assert_eq!(trace.attribute("invoke_agent a", "spanline.agent.inference_calls"), "2");
}

#[tokio::test]
async fn what_nothing_inside_told_is_counted_where_it_is_told() {
    set_up();
    let silent = || LlmCall::new("acme", "unpriced").run_with(async {}, |(), _| ());
    let embedding = || {
        LlmCall::new("acme", "m")
            .operation_kind(LlmOperation::Embeddings)
            .run_with(async {}, |(), outcome| outcome.usage((1000, 0)))
    };
    let costless =
        || LlmCall::new("acme", "unpriced").run_with(async {}, |(), outcome| outcome.usage((7, 7)));
    let priced = |(): &(), outcome: &mut Outcome| {
        outcome.usage((7, 7));
        outcome.cost_usd(0.5);
    };
    let inside = async {
        LlmCall::new("acme", "m")
            .run_with(async { silent().await }, |(), outcome| outcome.usage((1, 0)))
            .await;
        // Embeddings tell nothing of what the answer around them used.
        LlmCall::new("acme", "m")
            .run_with(async { embedding().await }, |(), outcome| outcome.usage((2, 0)))
            .await;
        LlmCall::new("acme", "m").run_with(async { costless().await }, priced).await;
    };
    let ((), trace) = watch(Pipeline::new("p").run_with(inside, |(), _| ())).await;
    let totals = told(&trace, "invoke_workflow p", TOTAL);
    assert_eq!(
        totals,
        "cost.usd=0.501003 input_tokens=1010 llm_calls=3 output_tokens=7 tokens=1017 \
         unpriced_calls=1"
    );
}

#[tokio::test]
async fn a_failed_attempt_whose_call_told_its_tokens_is_counted_once() {
    set_up();
    let inside = async {
        for number in 1..=2 {
            let send = async {
                call(10, 0).await;
                current().usage((10, 0));
                if number == 1 { Err("cut off") } else { Ok(()) }
            };
            let _ = attempt(send).await;
        }
    };
    let wrapper = LlmCall::new("acme", "m").name("wrapper").run_with(inside, |(), _| ());
    let ((), trace) = watch(Pipeline::new("p").run_with(wrapper, |(), _| ())).await;
    assert_eq!(trace.attribute("invoke_workflow p", "spanline.total.tokens"), "20");
    assert_eq!(trace.attribute("wrapper", "spanline.failed_attempts.input_tokens"), "10");
}

#[tokio::test]
async fn the_metric_of_cost_has_what_is_told_inside_once() {
    let cost = |(): &(), outcome: &mut Outcome| outcome.cost_usd(0.25);
    set_up();
    let inner = || LlmCall::new("metered", "inner").run_with(async {}, cost);
    LlmCall::new("metered", "outer").run_with(async { inner().await }, cost).await;
    let silent = LlmCall::new("metered", "silent").run_with(async {}, |(), _| ());
    LlmCall::new("metered", "telling").run_with(silent, cost).await;
    assert_eq!(cost_of("inner"), ["0.25"]);
    assert_eq!(cost_of("outer"), [""; 0]);
    assert_eq!(cost_of("telling"), ["0.25"]);
}

#[tokio::test]
async fn a_call_with_a_trace_of_its_own_tells_nothing_of_the_one_around_it() {
    set_up();
    let elsewhere =
        LlmCall::new("acme", "m").root().run_with(async {}, |(), outcome| outcome.usage((5, 0)));
    let outer = LlmCall::new("acme", "m").run_with(elsewhere, |(), outcome| outcome.usage((9, 0)));
    let ((), trace) = watch(Pipeline::new("p").run_with(outer, |(), _| ())).await;
    assert_eq!(trace.attribute("invoke_workflow p", "spanline.total.tokens"), "9");
}

#[tokio::test]
async fn an_inference_is_counted_in_the_agent_that_makes_it_alone() {
    set_up();
    let inner = || Agent::new("inner").run_with(async { call(1, 0).await }, |(), _| ());
    let wrapper = async {
        LlmCall::new("acme", "m")
            .name("wrapper")
            .run_with(async { inner().await }, |(), _| ())
            .await;
    };
    let ((), trace) = watch(Agent::new("outer").run_with(wrapper, |(), _| ())).await;
    let calls = |agent| trace.attribute(agent, "spanline.agent.inference_calls");
    assert_eq!((&*calls("invoke_agent outer"), &*calls("invoke_agent inner")), ("0", "1"));
    assert_eq!(trace.attribute("invoke_agent outer", "spanline.total.llm_calls"), "1");
}

#[tokio::test]
async fn a_stream_whose_function_has_made_the_call_is_counted_by_that_call() {
    #[trace_llm_call(provider = "acme", model = "m", name = "wrapper")]
    fn wrapper() -> impl Stream<Item = u8> {
        LlmCall::new("acme", "m").run_blocking_with(|| (), |(), outcome| outcome.usage((5, 0)));
        stream::iter([1, 2])
    }

    set_up();
    let inside = async {
        wrapper().for_each(|_| ready(())).await;
        drop(wrapper());
    };
    let ((), trace) = watch(Agent::new("a").run_with(inside, |(), _| ())).await;
    assert_eq!(trace.attribute("invoke_agent a", "spanline.agent.inference_calls"), "2");
    assert_eq!(trace.attribute("invoke_agent a", "spanline.total.llm_calls"), "2");
    assert_eq!(trace.attribute("invoke_agent a", "spanline.total.tokens"), "10");
}

#[tokio::test]
async fn a_call_that_begins_when_the_one_around_it_has_ended_is_one_beside_it() {
    set_up();
    let told = |tokens: u64| move |(): &(), outcome: &mut Outcome| outcome.usage((tokens, 0));
    let inside = async {
        let mut late = None;
        let first = async { late = Some(LlmCall::new("acme", "m").run_with(async {}, told(5))) };
        LlmCall::new("acme", "m").name("first").run_with(first, told(2)).await;
        late.unwrap().await;
    };
    let ((), trace) = watch(Agent::new("a").run_with(inside, |(), _| ())).await;
    assert_eq!(trace.attribute("invoke_agent a", "spanline.agent.inference_calls"), "2");
    assert_eq!(trace.attribute("invoke_agent a", "spanline.total.llm_calls"), "2");
    assert_eq!(trace.attribute("invoke_agent a", "spanline.total.tokens"), "7");
}
