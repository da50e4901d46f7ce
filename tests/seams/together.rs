//! Calls side by side, and calls of itself.

use futures::future::{self, BoxFuture, FutureExt as _};
use futures::stream::{self, BoxStream, StreamExt as _};
use spanline::{trace_agent, trace_pipeline, trace_stage};
use spanline_tests::telemetry::watch;

use crate::{KEYS, complete, look_up};

#[trace_stage]
async fn quick(answer: u32) -> u32 {
    tokio::task::yield_now().await;
    answer
}

#[trace_stage]
async fn endless() -> u32 {
    look_up().await;
    future::pending().await
}

#[trace_pipeline]
async fn races() -> u32 {
    tokio::select! {
        biased;
        answer = endless() => answer,
        answer = quick(7) => answer,
    }
}

#[tokio::test]
async fn who_loses_a_select_is_cancelled_and_who_wins_is_ok() {
    let (answer, trace) = watch(races()).await;
    assert_eq!(answer, 7);
    assert_eq!(
        trace.tree_with(&KEYS),
        "invoke_workflow races\n  \
           endless error.type=\"cancelled\"\n    execute_tool look_up\n  \
           quick\n"
    );
}

#[trace_agent]
async fn asks_both() -> (usize, Result<u32, String>, u32) {
    let failing = async {
        look_up().await;
        refused().await
    };
    tokio::join!(complete(2).count(), failing, quick(1))
}

#[trace_stage]
async fn refused() -> Result<u32, String> {
    tokio::task::yield_now().await;
    Err("no".to_owned())
}

#[tokio::test]
async fn what_is_joined_is_side_by_side_and_each_has_its_own_children() {
    let (answers, trace) = watch(asks_both()).await;
    assert_eq!(answers, (2, Err("no".to_owned()), 1));
    assert_eq!(
        trace.tree_with(&KEYS),
        "invoke_agent asks_both spanline.agent.inference_calls=1 spanline.agent.tool_calls=3\n  \
           chat m <client> spanline.stream.chunks=2\n    \
             execute_tool look_up\n    execute_tool look_up\n  \
           execute_tool look_up\n  \
           quick\n  \
           refused error \"no\" error.type=\"_OTHER\"\n"
    );
}

#[tokio::test]
async fn what_try_join_leaves_behind_is_cancelled() {
    let (joined, trace) =
        watch(async { future::try_join(refused(), endless().map(Ok::<u32, String>)).await }).await;
    assert_eq!(joined, Err("no".to_owned()));
    assert_eq!(
        trace.tree_with(&KEYS),
        "endless error.type=\"cancelled\"\n  execute_tool look_up error.type=\"cancelled\"\n\
         refused error \"no\" error.type=\"_OTHER\"\n"
    );
}

#[trace_agent("agent of agents")]
fn delegates(depth: u32) -> BoxFuture<'static, u32> {
    async move {
        if depth == 0 {
            return 0;
        }
        look_up().await;
        let (left, right) = future::join(delegates(depth - 1), delegates(depth - 1)).await;
        1 + left + right
    }
    .boxed()
}

#[tokio::test]
async fn an_agent_that_calls_itself_counts_each_run_by_itself() {
    let (runs, trace) = watch(delegates(2)).await;
    assert_eq!(runs, 3);
    let [leaf, branch] = [0, 1].map(|tools| {
        format!(
            "invoke_agent agent of agents spanline.agent.inference_calls=0 \
             spanline.agent.tool_calls={tools}\n"
        )
    });
    let below = format!("  {branch}    execute_tool look_up\n    {leaf}    {leaf}");
    assert_eq!(trace.tree_with(&KEYS), format!("{branch}  execute_tool look_up\n{below}{below}"));
}

#[trace_stage]
fn countdown(from: u32) -> BoxStream<'static, u32> {
    let rest = if from == 0 { stream::empty().boxed() } else { countdown(from - 1) };
    stream::iter([from]).chain(rest).boxed()
}

#[tokio::test]
async fn a_stream_of_itself_is_below_itself_and_what_was_not_polled_is_not_there() {
    let (items, trace) = watch(async { countdown(3).take(2).collect::<Vec<_>>().await }).await;
    assert_eq!(items, [3, 2]);
    assert_eq!(
        trace.tree_with(&KEYS),
        "countdown error.type=\"abandoned\" spanline.stream.chunks=2\n  \
           countdown error.type=\"abandoned\" spanline.stream.chunks=1\n"
    );
    // Made outside any span, all of it goes where it is polled.
    let made = countdown(1);
    let (items, trace) = watch(made.collect::<Vec<_>>()).await;
    assert_eq!(items, [1, 0]);
    assert_eq!(
        trace.tree_with(&KEYS),
        "countdown spanline.stream.chunks=2\n  countdown spanline.stream.chunks=1\n"
    );
}
