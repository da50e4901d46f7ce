//! What is dropped half-way, and what panics while it is dropped.

use std::panic::{AssertUnwindSafe, catch_unwind};

use futures::FutureExt as _;
use futures::future::{BoxFuture, pending, poll_immediate};
use futures::stream::{self, BoxStream, StreamExt as _};
use spanline::{Agent, Stage, trace_agent, trace_pipeline, trace_stage};
use spanline_tests::telemetry::watch;
use tokio::task::JoinSet;

use crate::{KEYS, broke, complete, look_up};

/// Breaks when it is dropped.
struct Brittle;

impl Drop for Brittle {
    fn drop(&mut self) {
        Stage::new("clean-up").run_blocking_with(|| (), |(), _| ());
        if !std::thread::panicking() {
            broke();
        }
    }
}

#[trace_pipeline]
async fn brittle() {
    let _brittle = Brittle;
    pending::<()>().await;
}

#[trace_pipeline]
fn brittle_stream() -> BoxStream<'static, u32> {
    let brittle = Brittle;
    stream::iter(0..3).inspect(move |_| _ = &brittle).boxed()
}

#[tokio::test]
async fn a_future_that_panics_when_it_is_dropped_panicked_and_its_caller_sees_it() {
    let (panic, trace) = watch(async {
        let mut future: BoxFuture<'_, ()> = brittle().boxed();
        assert!(poll_immediate(&mut future).await.is_none());
        catch_unwind(AssertUnwindSafe(|| drop(future))).unwrap_err()
    })
    .await;
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"broke"));
    assert_eq!(
        trace.tree_with(&KEYS),
        "invoke_workflow brittle error \"panicked: broke\" error.type=\"panic\"\n  clean-up\n"
    );
}

#[tokio::test]
async fn a_stream_that_panics_when_it_is_dropped_panicked_and_its_caller_sees_it() {
    let (panic, trace) = watch(async {
        let mut stream = brittle_stream();
        assert_eq!(stream.next().await, Some(0));
        catch_unwind(AssertUnwindSafe(|| drop(stream))).unwrap_err()
    })
    .await;
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"broke"));
    assert_eq!(
        trace.tree_with(&KEYS),
        "invoke_workflow brittle_stream error \"panicked: broke\" error.type=\"panic\" \
         spanline.stream.chunks=1\n  clean-up\n"
    );
}

#[trace_agent]
async fn busy() {
    let mut stream = complete(3);
    assert_eq!(stream.next().await, Some(0));
    let mut tasks = JoinSet::new();
    tasks.spawn(look_up());
    tasks.join_next().await.unwrap().unwrap();
    let (mut left, mut right) = (Box::pin(look_up()), complete(1));
    assert!(poll_immediate(left.as_mut()).await.is_none());
    assert!(poll_immediate(right.next()).await.is_none());
    pending::<()>().await;
}

#[tokio::test]
async fn an_agent_that_is_cancelled_counts_the_calls_that_it_leaves_running() {
    let ((), trace) = watch(async {
        let mut agent = Box::pin(busy());
        // Until it waits for ever.
        for _ in 0..64 {
            assert!(poll_immediate(agent.as_mut()).await.is_none());
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(
        trace.tree_with(&KEYS),
        "invoke_agent busy error.type=\"cancelled\" spanline.agent.inference_calls=2 \
         spanline.agent.tool_calls=4\n  \
           chat m <client> error.type=\"abandoned\" spanline.stream.chunks=0\n    \
             execute_tool look_up error.type=\"cancelled\"\n  \
           chat m <client> error.type=\"abandoned\" spanline.stream.chunks=1\n    \
             execute_tool look_up\n  \
           execute_tool look_up\n  \
           execute_tool look_up error.type=\"cancelled\"\n"
    );
}

#[trace_stage]
fn outer(inner: BoxStream<'static, u32>) -> BoxStream<'static, u32> {
    inner.map(|number| number + 1).boxed()
}

#[tokio::test]
async fn nested_streams_that_are_dropped_in_any_order_are_abandoned_each() {
    let expected = "invoke_agent holder spanline.agent.inference_calls=2 spanline.agent.tool_calls=2\n  \
                      chat m <client> error.type=\"abandoned\" spanline.stream.chunks=1\n    \
                        execute_tool look_up\n  \
                      chat m <client> error.type=\"abandoned\" spanline.stream.chunks=1\n    \
                        execute_tool look_up\n  \
                      outer error.type=\"abandoned\" spanline.stream.chunks=1\n  \
                      outer error.type=\"abandoned\" spanline.stream.chunks=1\n";
    for is_reversed in [false, true] {
        let ((), trace) = watch(Agent::new("holder").run_with(
            async {
                let mut streams = vec![outer(complete(3).boxed()), outer(complete(3).boxed())];
                for stream in &mut streams {
                    assert_eq!(stream.next().await, Some(1));
                }
                if is_reversed {
                    streams.reverse();
                }
                for stream in streams {
                    // What runs in between belongs to the agent and to none of the streams.
                    drop(stream);
                    assert!(spanline::current().is_recording());
                }
            },
            |(), _| (),
        ))
        .await;
        assert_eq!(trace.tree_with(&KEYS), expected, "reversed: {is_reversed}");
    }
}

#[tokio::test]
async fn a_stream_that_is_dropped_by_its_own_child_ends_once() {
    #[trace_stage]
    fn giving_up() -> BoxStream<'static, u32> {
        let mut inner = Some(complete(3));
        stream::poll_fn(move |task| {
            let polled = inner.as_mut().map(|inner| inner.poll_next_unpin(task));
            match polled {
                Some(std::task::Poll::Ready(Some(number))) => {
                    inner = None;
                    std::task::Poll::Ready(Some(number))
                }
                Some(other) => other,
                None => std::task::Poll::Ready(None),
            }
        })
        .boxed()
    }
    let (items, trace) = watch(async { giving_up().collect::<Vec<_>>().await }).await;
    assert_eq!(items, [0]);
    assert_eq!(
        trace.tree_with(&KEYS),
        "giving_up spanline.stream.chunks=1\n  \
           chat m <client> error.type=\"abandoned\" spanline.stream.chunks=1\n    \
             execute_tool look_up\n"
    );
}
