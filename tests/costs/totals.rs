//! What a pipeline, an agent or a stage comes to.

use std::sync::Arc;

use futures::FutureExt as _;
use spanline::{
    Agent, LlmCall, LlmOperation, Pipeline, SpanBuilder, Stage, Tool, TraceContext, Usage, current,
    trace_agent, trace_pipeline, trace_stage,
};
use spanline_tests::trace::Trace;
use tokio::sync::Notify;

use super::{TOTAL, call, told, watch};

fn total(trace: &Trace, span: &str) -> String {
    told(trace, span, TOTAL)
}

#[tokio::test]
async fn a_pipeline_an_agent_and_a_stage_carry_what_is_under_them() {
    #[trace_pipeline]
    async fn answer() {
        plan().await;
        call(1, 0).await;
    }
    #[trace_stage]
    async fn plan() {
        assist().await;
        call(10, 0).await;
    }
    #[trace_agent]
    async fn assist() {
        call(100, 7).await;
        Tool::new("search").start().end();
    }
    let ((), trace) = watch(async { answer().await }).await;
    assert_eq!(
        total(&trace, "invoke_workflow answer"),
        "cost.usd=0.000181 input_tokens=111 llm_calls=3 output_tokens=7 \
         stages=1 tokens=118 tool_calls=1"
    );
    assert_eq!(
        total(&trace, "invoke_agent assist"),
        "cost.usd=0.00017 input_tokens=100 llm_calls=1 output_tokens=7 \
         tokens=107 tool_calls=1"
    );
    assert_eq!(
        total(&trace, "plan"),
        "cost.usd=0.00018 input_tokens=110 output_tokens=7 tokens=117"
    );
    assert_eq!(trace.attribute("invoke_workflow answer", "gen_ai.usage.input_tokens"), "");
}

#[tokio::test]
async fn a_stage_without_calls_and_a_pipeline_without_tokens_say_nothing_of_them() {
    let ((), trace) = watch(async {
        let inside = async { Stage::new("quiet").start().end() };
        Pipeline::new("quiet").run_with(inside, |(), _| ()).await;
    })
    .await;
    assert_eq!(total(&trace, "quiet"), "");
    assert_eq!(total(&trace, "invoke_workflow quiet"), "stages=1");
}

#[tokio::test]
async fn every_kind_of_token_is_summed_and_calls_without_a_price_are_counted() {
    let ((), trace) = watch(async {
        let inside = async {
            for _ in 0..2 {
                let usage = Usage::new(100, 50)
                    .cache_read_input_tokens(30)
                    .cache_creation_input_tokens(20)
                    .reasoning_output_tokens(40);
                LlmCall::new("acme", "unknown")
                    .run_with(async {}, |(), outcome| outcome.usage(usage))
                    .await;
            }
            LlmCall::new("acme", "m")
                .operation_kind(LlmOperation::Embeddings)
                .run_with(async {}, |(), outcome| outcome.usage(Usage::input(5)))
                .await;
        };
        Pipeline::new("kinds").run_with(inside, |(), _| ()).await;
    })
    .await;
    assert_eq!(
        total(&trace, "invoke_workflow kinds"),
        "cache_creation.input_tokens=40 cache_read.input_tokens=60 cost.usd=5e-6 \
         input_tokens=205 llm_calls=2 output_tokens=100 reasoning.output_tokens=80 \
         tokens=305 unpriced_calls=2"
    );
}

#[tokio::test]
async fn the_totals_can_be_read_while_they_grow_from_wherever_one_is() {
    let ((), trace) = watch(async {
        assert_eq!(current().totals(), None, "outside any pipeline or agent");
        let inside = async {
            assert_eq!(current().totals().unwrap().tokens, 0);
            call(3, 4).await;
            let deep = async {
                let totals = current().totals().unwrap();
                assert_eq!((totals.input_tokens, totals.output_tokens, totals.tokens), (3, 4, 7));
                assert_eq!((totals.llm_calls, totals.cost_usd), (1, Some(43e-6)));
                Tool::new("tool").start().end();
                assert_eq!(current().totals().unwrap().tool_calls, 1);
            };
            Stage::new("deep").run_with(deep, |(), _| ()).await;
            let agent = async {
                call(1, 0).await;
                assert_eq!(current().totals().unwrap().tokens, 1);
            };
            Agent::new("inner").run_with(agent, |(), _| ()).await;
            let totals = current().totals().unwrap();
            assert_eq!((totals.tokens, totals.stages), (8, 1));
        };
        Pipeline::new("live").run_with(inside, |(), _| ()).await;
    })
    .await;
    assert_eq!(trace.attribute("invoke_workflow live", "spanline.total.tokens"), "8");
}

#[tokio::test]
async fn a_spawned_call_that_outlives_its_stage_reaches_the_pipeline() {
    let ((), trace) = watch(async {
        let pipeline = async {
            let gate = Arc::new(Notify::new());
            let waiting = Arc::clone(&gate);
            let slow = async move { waiting.notified().await };
            let stage = || {
                let call = LlmCall::new("acme", "m");
                tokio::spawn(call.run_with(slow, |(), outcome| outcome.usage((5, 5))))
            };
            let late = Stage::new("early").run_blocking_with(stage, |_, _| ());
            gate.notify_one();
            late.await.unwrap();
        };
        Pipeline::new("patient").run_with(pipeline, |(), _| ()).await;
    })
    .await;
    assert_eq!(total(&trace, "early"), "");
    assert_eq!(trace.attribute("invoke_workflow patient", "spanline.total.tokens"), "10");
    assert_eq!(trace.attribute("invoke_workflow patient", "spanline.total.llm_calls"), "1");
}

#[tokio::test]
async fn what_ends_after_its_pipeline_is_counted_in_those_that_are_open_alone() {
    let ((), trace) = watch(async {
        let outer = async {
            let inner = async { LlmCall::new("acme", "m").start() };
            let late = Pipeline::new("inner").run_with(inner, |_, _| ()).await;
            late.usage((2, 3));
            late.end();
        };
        Pipeline::new("outer").run_with(outer, |(), _| ()).await;
    })
    .await;
    assert_eq!(trace.attribute("invoke_workflow inner", "spanline.total.llm_calls"), "");
    assert_eq!(trace.attribute("invoke_workflow outer", "spanline.total.tokens"), "5");
}

#[tokio::test]
async fn every_failed_operation_is_an_error_of_what_is_around_it() {
    let ((), trace) = watch(async {
        let inside = async {
            let failing = async { Tool::new("t").run(async { Err::<(), _>("no") }).await };
            Stage::new("failing").run(failing).await.unwrap_err();
            let mut dropped =
                Box::pin(Stage::new("dropped").run_with(std::future::pending::<()>(), |(), _| ()));
            assert!(dropped.as_mut().now_or_never().is_none());
            drop(dropped);
            tokio::spawn(SpanBuilder::new("panics").run_with(async { panic!("no") }, |(), _| ()))
                .await
                .unwrap_err();
            Err::<(), _>("in the end")
        };
        Pipeline::new("unlucky").run(inside).await.unwrap_err();
    })
    .await;
    // The tool, the stage and the span; not what was dropped, and not the pipeline itself.
    assert_eq!(trace.attribute("invoke_workflow unlucky", "spanline.total.errors"), "3");
}

#[tokio::test]
async fn a_usage_that_is_given_for_an_agent_is_not_counted_twice() {
    let ((), trace) = watch(async {
        let inside = async {
            let usage = |(): &(), outcome: &mut spanline::Outcome| outcome.usage((100, 10));
            Agent::new("talking").run_with(call(60, 6), usage).await;
            Agent::new("silent").remote().run_with(async {}, usage).await;
        };
        Pipeline::new("p").run_with(inside, |(), _| ()).await;
    })
    .await;
    assert_eq!(trace.attribute("invoke_agent talking", "gen_ai.usage.input_tokens"), "100");
    assert_eq!(trace.attribute("invoke_agent talking", "spanline.total.tokens"), "66");
    assert_eq!(trace.attribute("invoke_agent silent", "spanline.total.tokens"), "110");
    assert_eq!(trace.attribute("invoke_workflow p", "spanline.total.tokens"), "176");
}

#[tokio::test]
async fn what_is_in_another_trace_is_in_no_total() {
    let remote =
        TraceContext::from_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    let ((), trace) = watch(async {
        let inside = async {
            let usage = |(): &(), outcome: &mut spanline::Outcome| outcome.usage((1, 1));
            LlmCall::new("acme", "m").root().run_with(async {}, usage).await;
            LlmCall::new("acme", "m").parent(remote).run_with(async {}, usage).await;
        };
        Pipeline::new("alone").run_with(inside, |(), _| ()).await;
    })
    .await;
    assert_eq!(trace.attribute("invoke_workflow alone", "spanline.total.llm_calls"), "");
}

#[tokio::test]
async fn a_trace_that_is_not_sampled_has_totals_all_the_same() {
    super::set_up();
    let unsampled =
        TraceContext::from_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00");
    let inside = async {
        let told = async {
            current().usage(Usage::new(10, 2).cache_read_input_tokens(4));
        };
        LlmCall::new("acme", "m").run_with(told, |(), _| ()).await;
        assert!(!current().is_recording());
        current().totals().unwrap()
    };
    let totals = Pipeline::new("p").parent(unsampled).run_with(inside, |_, _| ()).await;
    assert_eq!((totals.tokens, totals.cache_read_input_tokens), (12, 4));
    assert_eq!(totals.cost_usd, Some(30e-6));
}

#[tokio::test]
async fn the_last_word_on_the_totals_is_ours() {
    let ((), trace) = watch(async {
        let inside = async {
            current().set("spanline.total.tokens", 99);
            call(1, 1).await;
        };
        Pipeline::new("boastful").run_with(inside, |(), _| ()).await;
    })
    .await;
    assert_eq!(trace.attribute("invoke_workflow boastful", "spanline.total.tokens"), "2");
}
