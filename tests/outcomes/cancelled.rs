//! Work that is dropped half-way.

use std::future::{pending, ready};
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use spanline::{LlmCall, Stage, trace_llm_call, trace_pipeline, trace_stage};
use spanline_tests::telemetry::{metrics, watch, watch_blocking};
use tokio::sync::Notify;
use tokio::task::JoinSet;

#[trace_stage]
async fn endless() {
    pending::<()>().await;
}

/// Says that it runs, then runs for ever.
#[trace_stage]
async fn started(running: Arc<Notify>) -> Result<(), String> {
    running.notify_one();
    pending().await
}

const CANCELLED: &str = "error.type=\"cancelled\"";

#[tokio::test]
async fn a_timeout_cancels() {
    let ((), trace) = watch(async {
        tokio::time::timeout(Duration::from_millis(1), endless()).await.unwrap_err();
    })
    .await;
    assert_eq!(trace.tree(), format!("endless {CANCELLED}\n"));
}

#[tokio::test]
async fn the_branch_that_loses_a_select_is_cancelled_and_the_winner_is_ok() {
    #[trace_stage]
    async fn quick() -> u8 {
        tokio::task::yield_now().await;
        5
    }
    let (won, trace) = watch(async {
        tokio::select! {
            () = endless() => 0,
            number = quick() => number,
        }
    })
    .await;
    assert_eq!(won, 5);
    assert_eq!(trace.tree(), format!("endless {CANCELLED}\nquick\n"));
}

#[tokio::test]
async fn an_aborted_task_is_cancelled() {
    let ((), trace) = watch(async {
        let running = Arc::new(Notify::new());
        let task = tokio::spawn(started(Arc::clone(&running)));
        running.notified().await;
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
    })
    .await;
    assert_eq!(trace.tree(), format!("started {CANCELLED}\n"));
}

#[tokio::test]
async fn a_dropped_future_is_cancelled() {
    let ((), trace) = watch(async {
        let mut future = Box::pin(endless());
        assert!(future.as_mut().now_or_never().is_none());
        drop(future);
    })
    .await;
    assert_eq!(trace.tree(), format!("endless {CANCELLED}\n"));
}

#[tokio::test]
async fn a_dropped_join_set_cancels_its_tasks() {
    let ((), trace) = watch(async {
        let running = Arc::new(Notify::new());
        let mut tasks = JoinSet::new();
        for _ in 0..3 {
            tasks.spawn(started(Arc::clone(&running)));
            running.notified().await;
        }
        drop(tasks);
        // Aborted tasks are dropped when the runtime gets to them.
        while Arc::strong_count(&running) > 1 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(trace.tree(), format!("started {CANCELLED}\n").repeat(3));
}

#[test]
fn a_runtime_that_ends_cancels_what_runs_on_it() {
    let ((), trace) = watch_blocking(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let running = Arc::new(Notify::new());
            drop(tokio::spawn(started(Arc::clone(&running))));
            running.notified().await;
        });
    });
    assert_eq!(trace.tree(), format!("started {CANCELLED}\n"));
}

#[tokio::test]
async fn what_was_never_polled_leaves_no_span() {
    let ((), trace) = watch(async {
        drop(endless());
        drop(Stage::new("built").run(ready(Ok::<_, String>(()))));
        let _ = Stage::new("described");
    })
    .await;
    assert_eq!(trace.tree(), "");
    assert_eq!(trace.spans.len(), 1);
}

#[tokio::test]
async fn everything_inside_is_cancelled_with_it() {
    #[trace_pipeline("cut-short")]
    async fn outer() {
        Stage::new("done").run(ready(Ok::<_, String>(()))).await.unwrap();
        endless().await;
    }
    let ((), trace) = watch(async {
        tokio::time::timeout(Duration::from_millis(1), outer()).await.unwrap_err();
    })
    .await;
    assert_eq!(
        trace.tree(),
        format!("invoke_workflow cut-short {CANCELLED}\n  done\n  endless {CANCELLED}\n")
    );
}

#[tokio::test]
async fn what_is_done_while_dropping_is_still_inside() {
    struct Released;
    impl Drop for Released {
        fn drop(&mut self) {
            spanline::current().set("released", true);
            Stage::new("release").run_blocking(|| Ok::<_, String>(())).unwrap();
        }
    }
    #[trace_stage]
    async fn holding() {
        let _released = Released;
        pending::<()>().await;
    }
    let ((), trace) = watch(async {
        tokio::time::timeout(Duration::from_millis(1), holding()).await.unwrap_err();
    })
    .await;
    assert_eq!(
        trace.tree_with(&["error.type", "released"]),
        format!("holding {CANCELLED} released=true\n  release\n")
    );
}

#[tokio::test]
async fn a_panic_while_dropping_ends_the_span_as_panicked() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("dropped")
        }
    }
    #[trace_stage]
    async fn bomb() {
        let _bomb = Bomb;
        pending::<()>().await;
    }
    let ((), trace) = watch(async {
        let mut future = Box::pin(bomb());
        assert!(future.as_mut().now_or_never().is_none());
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(future))).unwrap_err();
    })
    .await;
    assert_eq!(trace.tree(), "bomb error \"panicked: dropped\" error.type=\"panic\"\n");
}

#[tokio::test]
async fn a_future_dropped_while_another_panic_unwinds_is_cancelled() {
    let ((), trace) = watch(async {
        let unwound = std::panic::catch_unwind(|| {
            let mut future = Box::pin(endless());
            assert!(future.as_mut().now_or_never().is_none());
            panic!("another");
        });
        unwound.unwrap_err();
    })
    .await;
    assert_eq!(trace.tree(), format!("endless {CANCELLED}\n"));
}

#[tokio::test]
async fn an_event_status_or_attribute_that_was_set_before_survives() {
    #[trace_stage]
    async fn half() {
        spanline::current().set("step", 1).event("begun", [("n", 5)]);
        pending::<()>().await;
    }
    let ((), trace) = watch(async {
        tokio::time::timeout(Duration::from_millis(1), half()).await.unwrap_err();
    })
    .await;
    assert_eq!(trace.tree_with(&["error.type", "step"]), format!("half {CANCELLED} step=1\n"));
    assert_eq!(trace.events("half"), "begun n=5\n");
}

#[tokio::test]
async fn cancelled_calls_count_in_metrics_with_what_they_consumed() {
    #[trace_llm_call(provider = "openai", model = "cancelled-call")]
    async fn call() {
        spanline::current().usage((612_u32, 148_u32));
        pending::<()>().await;
    }
    let ((), trace) = watch(async {
        tokio::time::timeout(Duration::from_millis(1), call()).await.unwrap_err();
        let guard = LlmCall::new("openai", "cancelled-call").start();
        guard.usage((5_u32, 6_u32));
        drop(guard);
    })
    .await;
    let keys = ["error.type", "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"];
    assert_eq!(
        trace.tree_with(&keys),
        format!(
            "chat cancelled-call <client> {CANCELLED} gen_ai.usage.input_tokens=5 gen_ai.usage.output_tokens=6\n\
             chat cancelled-call <client> {CANCELLED} gen_ai.usage.input_tokens=612 gen_ai.usage.output_tokens=148\n"
        )
    );
    let metrics = metrics();
    let counts = |name| metrics.counts(name, "gen_ai.request.model", "cancelled-call");
    assert_eq!(
        counts("gen_ai.client.operation.duration"),
        "error.type=\"cancelled\" gen_ai.operation.name=\"chat\" gen_ai.provider.name=\"openai\" \
         gen_ai.request.model=\"cancelled-call\": 2\n"
    );
    assert_eq!(
        counts("gen_ai.client.token.usage"),
        "gen_ai.operation.name=\"chat\" gen_ai.provider.name=\"openai\" \
         gen_ai.request.model=\"cancelled-call\" gen_ai.token.type=\"input\": 2\n\
         gen_ai.operation.name=\"chat\" gen_ai.provider.name=\"openai\" \
         gen_ai.request.model=\"cancelled-call\" gen_ai.token.type=\"output\": 2\n"
    );
}

#[test]
fn a_guard_that_is_dropped_is_cancelled() {
    let ((), trace) = watch_blocking(|| {
        drop(Stage::new("left").start());
        Stage::new("done").start().end();
    });
    assert_eq!(trace.tree(), format!("done\nleft {CANCELLED}\n"));
}
