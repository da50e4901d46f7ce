//! Futures, however they are combined, stored and spawned.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;

use futures::stream::{FuturesUnordered, StreamExt};
use futures::{FutureExt, future};
use opentelemetry::Context;
use opentelemetry::trace::TraceContextExt;
use spanline::{Stage, trace_pipeline, trace_stage};
use spanline_tests::telemetry::watch;
use tokio::sync::Barrier;
use tokio::task::{JoinSet, yield_now};

#[trace_stage(name = name)]
async fn leaf(name: &str) {
    yield_now().await;
}

#[trace_stage(name = name)]
async fn branch(name: String) {
    yield_now().await;
    leaf("leaf").await;
    yield_now().await;
}

fn no_span_here() -> bool {
    !Context::current().span().span_context().is_valid()
}

#[tokio::test]
async fn a_spawned_stage_keeps_the_parent_of_its_call() {
    #[trace_pipeline]
    async fn spawning() {
        let task = tokio::spawn(branch("spawned".into()));
        task.await.unwrap();
    }
    let ((), trace) = watch(async { spawning().await }).await;
    assert_eq!(trace.tree(), "invoke_workflow spawning\n  spawned\n    leaf\n");
}

#[tokio::test]
async fn a_spawned_stage_that_outlives_its_parent_stays_its_child() {
    #[trace_pipeline]
    async fn leaving() -> tokio::task::JoinHandle<()> {
        tokio::spawn(branch("left".into()))
    }
    let ((), trace) = watch(async { leaving().await.await.unwrap() }).await;
    assert_eq!(trace.tree(), "invoke_workflow leaving\n  left\n    leaf\n");
}

#[tokio::test]
async fn every_combinator_keeps_the_tree() {
    #[trace_pipeline]
    async fn combining() {
        Stage::new("join")
            .run_with(async { tokio::join!(branch("a".into()), branch("b".into())) }, |_, _| ())
            .await;
        Stage::new("select")
            .run_with(
                async {
                    tokio::select! {
                        () = branch("winner".into()) => {}
                        () = std::future::pending() => {}
                    }
                },
                |(), _| (),
            )
            .await;
        Stage::new("join_all")
            .run_with(
                async { future::join_all((0..2).map(|n| branch(format!("j{n}")))).await },
                |_, _| (),
            )
            .await;
        Stage::new("buffered")
            .run_with(
                futures::stream::iter(0..3)
                    .map(|n| branch(format!("s{n}")))
                    .buffer_unordered(2)
                    .collect::<Vec<()>>(),
                |_, _| (),
            )
            .await;
        Stage::new("join_set")
            .run_with(
                async {
                    let mut set = JoinSet::new();
                    for n in 0..2 {
                        set.spawn(branch(format!("t{n}")));
                    }
                    set.join_all().await
                },
                |_, _| (),
            )
            .await;
        Stage::new("unordered")
            .run_with(
                async {
                    let stored: FuturesUnordered<Pin<Box<dyn Future<Output = ()> + Send>>> =
                        FuturesUnordered::new();
                    stored.push(Box::pin(branch("u0".into())));
                    stored.push(branch("u1".into()).boxed());
                    stored.collect::<Vec<()>>().await
                },
                |_, _| (),
            )
            .await;
    }
    let ((), trace) = watch(async { combining().await }).await;
    assert_eq!(
        trace.tree(),
        "invoke_workflow combining
  buffered
    s0
      leaf
    s1
      leaf
    s2
      leaf
  join
    a
      leaf
    b
      leaf
  join_all
    j0
      leaf
    j1
      leaf
  join_set
    t0
      leaf
    t1
      leaf
  select
    winner
      leaf
  unordered
    u0
      leaf
    u1
      leaf
"
    );
}

#[tokio::test]
async fn a_stored_future_is_the_child_of_where_it_was_made() {
    let ((), trace) = watch(async {
        let mut stored = Vec::new();
        Stage::new("maker")
            .run_with(async { stored.push(branch("stored".into())) }, |(), _| ())
            .await;
        Stage::new("runner").run_with(async { stored.pop().unwrap().await }, |(), _| ()).await;
    })
    .await;
    assert_eq!(trace.tree(), "maker\n  stored\n    leaf\nrunner\n");
}

#[tokio::test]
async fn recursion_nests() {
    #[trace_stage(format!("level {depth}"))]
    async fn recurse(depth: u8) {
        if depth < 3 {
            Box::pin(recurse(depth + 1)).await;
        }
    }
    let ((), trace) = watch(async { recurse(1).await }).await;
    assert_eq!(trace.tree(), "level 1\n  level 2\n    level 3\n");
}

#[tokio::test]
async fn a_span_is_current_only_while_its_future_is_polled() {
    let ((), _) = watch(async {
        let mut future = Box::pin(branch("polled".into()));
        let around = spanline::current().span_id();
        assert!(future.as_mut().now_or_never().is_none());
        assert_eq!(spanline::current().span_id(), around);
        future.await;
        assert_eq!(spanline::current().span_id(), around);
    })
    .await;
    assert!(no_span_here());
}

#[tokio::test]
async fn a_task_on_the_same_thread_never_sees_the_span_of_another() {
    let met = Arc::new(Barrier::new(2));
    let traced = Arc::clone(&met);
    let ((), trace) = watch(async move {
        let stranger = tokio::spawn({
            let met = Arc::clone(&met);
            async move {
                met.wait().await;
                let alone = no_span_here();
                met.wait().await;
                alone
            }
        });
        Stage::new("holds")
            .run_with(
                async {
                    // Suspended inside the span, while the other task looks around.
                    traced.wait().await;
                    traced.wait().await;
                },
                |(), _| (),
            )
            .await;
        assert!(stranger.await.unwrap());
    })
    .await;
    assert_eq!(trace.tree(), "holds\n");
}

#[tokio::test]
async fn nothing_stays_attached_after_a_poll_that_panics() {
    let ((), trace) = watch(async {
        let around = spanline::current().span_id();
        let burst = Stage::new("bursts").run_with(
            async {
                yield_now().await;
                std::panic::panic_any("boom");
            },
            |(), _| (),
        );
        AssertUnwindSafe(burst).catch_unwind().await.unwrap_err();
        assert_eq!(spanline::current().span_id(), around);
        leaf("after").await;
    })
    .await;
    assert_eq!(trace.tree(), "after\nbursts error \"panicked: boom\" error.type=\"panic\"\n");
    assert!(no_span_here());
}

#[tokio::test]
async fn pipelines_at_the_same_time_keep_apart() {
    #[trace_pipeline(format!("p{number}"), root)]
    async fn pipeline(number: usize) -> Option<String> {
        for _ in 0..3 {
            branch(format!("b{number}")).await;
        }
        spanline::current().trace_id()
    }
    let ((), _) = watch(async {
        let ids = future::join_all((0..50).map(pipeline)).await;
        for (number, id) in ids.into_iter().enumerate() {
            let trace = spanline_tests::telemetry::trace(&id.unwrap());
            let branch = format!("  b{number}\n    leaf\n").repeat(3);
            assert_eq!(trace.tree(), format!("invoke_workflow p{number}\n{branch}"));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tasks_that_move_between_threads_keep_their_span() {
    #[trace_stage(format!("moved {number}"))]
    async fn moved(number: usize) {
        let inside = spanline::current().span_id();
        for _ in 0..200 {
            yield_now().await;
            assert_eq!(spanline::current().span_id(), inside);
        }
        leaf("leaf").await;
    }
    let ((), trace) = watch(async {
        let mut tasks = JoinSet::new();
        for number in 0..40 {
            tasks.spawn(moved(number));
            tasks.spawn(async { assert!(no_span_here()) });
        }
        tasks.join_all().await;
    })
    .await;
    let mut expected: Vec<String> =
        (0..40).map(|number| format!("moved {number}\n  leaf\n")).collect();
    expected.sort();
    assert_eq!(trace.tree(), expected.concat());
}
