//! Which calls are counted, and for which agent.

use std::future::pending;
use std::sync::Arc;

use futures::FutureExt as _;
use spanline::{
    Agent, LlmCall, LlmOperation, Pipeline, Stage, Tool, TraceContext, trace_agent, trace_llm_call,
    trace_tool,
};
use spanline_tests::telemetry::{watch, watch_blocking};
use spanline_tests::trace::Trace;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

/// The model calls and the tool calls on the span of an agent.
pub(crate) fn calls(trace: &Trace, agent: &str) -> [String; 2] {
    let name = format!("invoke_agent {agent}");
    ["spanline.agent.inference_calls", "spanline.agent.tool_calls"]
        .map(|key| trace.attribute(&name, key))
}

#[trace_llm_call(provider = "openai", model = "m")]
async fn ask(answer: Result<u8, String>) -> Result<u8, String> {
    for _ in 0..3 {
        tokio::task::yield_now().await;
    }
    answer
}

#[trace_tool]
async fn search(answer: Result<u8, String>) -> Result<u8, String> {
    tokio::task::yield_now().await;
    answer
}

#[tokio::test]
async fn calls_are_counted_whatever_they_answer() {
    #[trace_agent]
    async fn tenacious() -> u8 {
        ask(Err("busy".into())).await.unwrap_err();
        search(Err("none".into())).await.unwrap_err();
        let mut dropped = Box::pin(search(Ok(1)));
        assert!(dropped.as_mut().now_or_never().is_none());
        drop(dropped);
        tokio::spawn(LlmCall::new("openai", "p").run_with(async { panic!("no") }, |(), _| ()))
            .await
            .unwrap_err();
        ask(Ok(5)).await.unwrap()
    }
    let (answer, trace) = watch(async { tenacious().await }).await;
    assert_eq!(answer, 5);
    assert_eq!(calls(&trace, "tenacious"), ["3", "2"]);
}

#[tokio::test]
async fn the_calls_of_a_sub_agent_are_its_own() {
    #[trace_agent]
    async fn lead() {
        ask(Ok(1)).await.unwrap();
        delegate().await;
        ask(Ok(2)).await.unwrap();
    }
    #[trace_tool]
    async fn delegate() {
        scout().await;
    }
    #[trace_agent]
    async fn scout() {
        for _ in 0..3 {
            ask(Ok(3)).await.unwrap();
        }
        search(Ok(4)).await.unwrap();
        search(Ok(5)).await.unwrap();
    }
    let ((), trace) = watch(async { lead().await }).await;
    assert_eq!(calls(&trace, "lead"), ["2", "1"]);
    assert_eq!(calls(&trace, "scout"), ["3", "2"]);
    assert_eq!(
        trace.attribute("execute_tool delegate", "gen_ai.agent.name"),
        "\"lead\"",
        "the agent that runs the tool"
    );
}

#[tokio::test]
async fn stages_and_pipelines_between_an_agent_and_its_calls_hide_nothing() {
    let ((), trace) = watch(async {
        let step = async {
            let inner = async { Pipeline::new("inner").run(async { ask(Ok(1)).await }).await };
            Stage::new("step").run(inner).await
        };
        Agent::new("deep").run(step).await.unwrap();
    })
    .await;
    assert_eq!(calls(&trace, "deep"), ["1", "0"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_agents_count_their_own_spawned_calls() {
    const AGENTS: u8 = 12;
    /// All agents run at once, each with `number` model calls and twice as many tools on other tasks.
    async fn busy(number: u8, all: Arc<Barrier>) {
        let work = async {
            all.wait().await;
            let mut tasks = JoinSet::new();
            for at in 0..number {
                tasks.spawn(ask(if at % 2 == 0 { Ok(at) } else { Err("odd".into()) }));
                tasks.spawn(search(Ok(at)));
                tasks.spawn(Tool::new("built").run(async { Ok::<_, String>(1) }));
            }
            tasks.join_all().await.len()
        };
        let spans = Agent::new(format!("busy-{number}")).run_with(work, |_, _| ()).await;
        assert_eq!(spans, usize::from(number) * 3);
    }
    let ((), trace) = watch(async {
        let all = Arc::new(Barrier::new(usize::from(AGENTS)));
        let mut agents = JoinSet::new();
        for number in 0..AGENTS {
            let context = spanline::opentelemetry::Context::current();
            let agent = busy(number, Arc::clone(&all));
            agents.spawn(spanline::opentelemetry::trace::FutureExt::with_context(agent, context));
        }
        agents.join_all().await;
    })
    .await;
    for number in 0..AGENTS {
        let told = calls(&trace, &format!("busy-{number}"));
        assert_eq!(told, [number.to_string(), (number * 2).to_string()], "busy-{number}");
    }
}

#[tokio::test]
async fn an_agent_on_a_thread_of_its_own_counts_what_it_takes_along() {
    let ((), trace) = watch_blocking(|| {
        let agent = Agent::new("threaded").start();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let _attached = agent.attach();
                    Tool::new("work").start().end();
                });
            }
        });
        agent.end();
    });
    assert_eq!(calls(&trace, "threaded"), ["0", "4"]);
}

#[tokio::test]
async fn a_call_that_starts_after_the_agent_ended_counts_nowhere() {
    let ((), trace) = watch(async {
        let outer = Agent::new("outlived").start();
        let late = {
            let _attached = outer.attach();
            let inner = Agent::new("ended").start();
            let late = {
                let _attached = inner.attach();
                ask(Ok(1)).await.unwrap();
                ask(Ok(2))
            };
            inner.end();
            late
        };
        late.await.unwrap();
        outer.end();
    })
    .await;
    assert_eq!(calls(&trace, "ended"), ["1", "0"]);
    assert_eq!(calls(&trace, "outlived"), ["0", "0"]);
}

#[tokio::test]
async fn a_call_that_was_still_running_when_the_agent_ended_is_counted() {
    let ((), trace) = watch(async {
        let agent = Agent::new("impatient").start();
        let mut call = {
            let _attached = agent.attach();
            Box::pin(Tool::new("slow").run_with(pending::<()>(), |(), _| ()))
        };
        assert!(call.as_mut().now_or_never().is_none());
        agent.end();
    })
    .await;
    assert_eq!(calls(&trace, "impatient"), ["0", "1"]);
}

#[tokio::test]
async fn a_call_that_is_never_polled_is_none() {
    let ((), trace) = watch(async {
        Agent::new("idle").run_with(async { drop(ask(Ok(1))) }, |(), _| ()).await;
    })
    .await;
    assert_eq!(calls(&trace, "idle"), ["0", "0"]);
}

#[tokio::test]
async fn every_kind_of_inference_counts_and_embeddings_do_not() {
    let ((), trace) = watch_blocking(|| {
        let work = || {
            for operation in [
                LlmOperation::Chat,
                LlmOperation::TextCompletion,
                LlmOperation::GenerateContent,
                LlmOperation::Embeddings,
            ] {
                LlmCall::new("openai", "m").operation_kind(operation).start().end();
            }
        };
        Agent::new("versatile").run_blocking_with(work, |(), _| ());
    });
    assert_eq!(calls(&trace, "versatile"), ["3", "0"]);
}

#[tokio::test]
async fn a_call_in_another_trace_is_no_part_of_the_agent() {
    let remote =
        TraceContext::from_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    let ((), trace) = watch(async {
        let work = async {
            LlmCall::new("openai", "root").root().start().end();
            Tool::new("continued").parent(remote.clone()).start().end();
            let mut headers = std::collections::HashMap::new();
            spanline::inject_context(&remote, &mut headers);
            Tool::new("extracted").parent(spanline::extract(&headers)).start().end();
            let aside = Stage::new("aside").root();
            aside.run(async { search(Ok(1)).await }).await.unwrap();
        };
        Agent::new("narrow").run_with(work, |(), _| ()).await;
    })
    .await;
    assert_eq!(calls(&trace, "narrow"), ["0", "0"]);
}

#[tokio::test]
async fn a_call_belongs_to_the_agent_that_it_was_made_in_wherever_it_runs() {
    let ((), trace) = watch(async {
        let work = async { Agent::new("executor").run(ask(Ok(1))).await };
        Agent::new("around").run(work).await.unwrap();
    })
    .await;
    assert_eq!(calls(&trace, "around"), ["1", "0"]);
    assert_eq!(calls(&trace, "executor"), ["0", "0"]);
}

#[tokio::test]
async fn a_remote_agent_has_the_calls_that_were_made_here_and_no_others() {
    let ((), trace) = watch(async {
        Agent::new("far").remote().start().end();
        Agent::new("calls-back").remote().run(async { search(Ok(1)).await }).await.unwrap();
    })
    .await;
    assert_eq!(calls(&trace, "far"), ["", ""]);
    assert_eq!(calls(&trace, "calls-back"), ["", "1"]);
}

#[tokio::test]
async fn the_last_word_on_the_counts_is_ours() {
    let ((), trace) = watch(async {
        let work = async {
            spanline::current().set("spanline.agent.tool_calls", 99);
            search(Ok(1)).await
        };
        let agent = Agent::new("boastful").attribute("spanline.agent.inference_calls", 99);
        agent.run(work).await.unwrap();
    })
    .await;
    assert_eq!(calls(&trace, "boastful"), ["0", "1"]);
}
