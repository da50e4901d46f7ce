//! What the function of a stream does before there is a stream.

use std::panic::AssertUnwindSafe;

use futures::future::{BoxFuture, FutureExt as _};
use futures::stream::{self, BoxStream, Stream, StreamExt as _};
use spanline::opentelemetry::global;
use spanline::opentelemetry::trace::Tracer as _;
use spanline::{Agent, Stage, trace_llm_call, trace_pipeline, trace_stage};
use spanline_tests::lines::hex;
use spanline_tests::telemetry::{everything, metrics, telemetry, trace, watch};
use tokio::task::JoinHandle;

use crate::{KEYS, broke, complete, look_up};

#[trace_stage]
fn find() {}

/// Finds something first, then answers.
#[trace_pipeline]
fn answer() -> impl Stream<Item = u32> + Send {
    spanline::current().set("asked", "first");
    find();
    complete(1)
}

const ANSWERED: &str = "invoke_workflow answer spanline.stream.chunks=1\n  \
                          chat m <client> spanline.stream.chunks=1\n    \
                            execute_tool look_up\n  \
                          find\n";

#[tokio::test]
async fn what_the_function_of_a_stream_calls_is_its_child_also_outside_any_span() {
    telemetry();
    assert_eq!(answer().count().await, 1);
    let all = everything();
    let mut named = all.spans.iter().filter(|span| span.name == "invoke_workflow answer");
    let root = named.find(|span| span.parent_span_id.is_empty()).unwrap();
    let whole = trace(&hex(&root.trace_id));
    assert_eq!(whole.tree_with(&KEYS), ANSWERED);
    assert_eq!(whole.attribute("invoke_workflow answer", "asked"), "\"first\"");
}

#[tokio::test]
async fn a_stream_whose_function_began_something_is_abandoned_when_it_is_never_polled() {
    let ((), trace) = watch(async { drop(answer()) }).await;
    assert_eq!(
        trace.tree_with(&KEYS),
        "invoke_workflow answer error.type=\"abandoned\" spanline.stream.chunks=0\n  find\n"
    );
}

#[trace_stage]
fn of_theirs() -> BoxStream<'static, u32> {
    global::tracer("theirs").in_span("their request", |_| ());
    stream::empty().boxed()
}

#[trace_stage]
fn logged() -> BoxStream<'static, u32> {
    assert!(spanline::current().span_id().is_some());
    stream::empty().boxed()
}

#[trace_stage]
fn sent() -> BoxStream<'static, u32> {
    let mut headers = std::collections::HashMap::new();
    spanline::inject(&mut headers);
    assert!(headers.contains_key("traceparent"));
    stream::empty().boxed()
}

#[tokio::test]
async fn whoever_learned_of_the_span_finds_it() {
    let ((), trace) = watch(async {
        drop(of_theirs());
        drop(logged());
        drop(sent());
    })
    .await;
    let left = "error.type=\"abandoned\" spanline.stream.chunks=0\n";
    assert_eq!(
        trace.tree_with(&KEYS),
        format!("logged {left}of_theirs {left}  their request\nsent {left}")
    );
}

/// Its body makes a future that somebody else polls.
#[trace_stage]
fn spawning(handle: &mut Option<JoinHandle<()>>) -> BoxStream<'static, u32> {
    *handle = Some(tokio::spawn(look_up()));
    stream::iter([1]).boxed()
}

#[tokio::test]
async fn a_task_that_the_function_of_a_stream_spawned_is_below_what_became_of_the_stream() {
    // It runs before the stream is polled, after, and where that never happens.
    let (count, trace) = watch(async {
        let mut handle = None;
        let stream = spawning(&mut handle);
        handle.unwrap().await.unwrap();
        stream.count().await
    })
    .await;
    assert_eq!(count, 1);
    let whole = "spawning spanline.stream.chunks=1\n  execute_tool look_up\n";
    assert_eq!(trace.tree_with(&KEYS), whole);

    let ((), trace) = watch(async {
        let mut handle = None;
        assert_eq!(spawning(&mut handle).count().await, 1);
        handle.unwrap().await.unwrap();
    })
    .await;
    assert_eq!(trace.tree_with(&KEYS), whole);

    let ((), trace) = watch(async {
        let mut handle = None;
        drop(spawning(&mut handle));
        handle.unwrap().await.unwrap();
    })
    .await;
    assert_eq!(
        trace.tree_with(&KEYS),
        "execute_tool look_up\n",
        "where the stream would have been"
    );
}

#[tokio::test]
async fn what_was_made_in_a_stream_that_found_its_place_later_goes_there_too() {
    let mut future = None;
    let stream = made(&mut future);
    let (count, trace) = watch(async {
        let count = stream.count().await;
        future.unwrap().await;
        count
    })
    .await;
    assert_eq!(count, 1);
    assert_eq!(trace.tree_with(&KEYS), "made spanline.stream.chunks=1\n  execute_tool look_up\n");
}

#[trace_stage]
fn made(future: &mut Option<BoxFuture<'static, ()>>) -> BoxStream<'static, u32> {
    *future = Some(Box::pin(look_up()));
    stream::iter([1]).boxed()
}

#[trace_llm_call(provider = "local", model = "late")]
fn late() -> BoxStream<'static, u32> {
    stream::iter([1]).boxed()
}

#[tokio::test]
async fn a_stream_that_is_first_polled_after_its_agent_ended_counts_nowhere() {
    let (count, trace) = watch(async {
        let agent = Agent::new("gone").run_with(async { late() }, |_, _| ());
        agent.await.count().await
    })
    .await;
    assert_eq!(count, 1);
    assert_eq!(
        trace.tree_with(&KEYS),
        "invoke_agent gone spanline.agent.inference_calls=0 spanline.agent.tool_calls=0\n  \
           chat late <client> spanline.stream.chunks=1\n"
    );
}

#[trace_stage]
fn shaky() -> BoxStream<'static, Result<u32, &'static str>> {
    stream::iter(0..3)
        .then(async |number| {
            let work = AssertUnwindSafe(risky(number));
            work.catch_unwind().await.map_err(|_| "broke")
        })
        .boxed()
}

#[trace_stage]
async fn risky(number: u32) -> u32 {
    if number == 1 { broke() } else { number }
}

#[tokio::test]
async fn a_stream_goes_on_after_the_panic_of_a_child_and_tells_its_own_error() {
    let (items, trace) = watch(async { shaky().collect::<Vec<_>>().await }).await;
    assert_eq!(items, [Ok(0), Err("broke"), Ok(2)]);
    assert_eq!(
        trace.tree_with(&KEYS),
        "shaky error \"broke\" error.type=\"_OTHER\" spanline.stream.chunks=3\n  \
           risky\n  risky\n  risky error \"panicked: broke\" error.type=\"panic\"\n"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_stream_that_each_item_finds_on_another_task_counts_for_its_agent() {
    let ((), trace) = watch(Agent::new("moving").run_with(
        async {
            let mut stream = complete(4).boxed();
            loop {
                let task = tokio::spawn(async move {
                    let next = stream.next().await;
                    (next, stream)
                });
                let next;
                (next, stream) = task.await.unwrap();
                Stage::new("between").run_with(look_up(), |(), _| ()).await;
                if next.is_none() {
                    break;
                }
            }
        },
        |(), _| (),
    ))
    .await;
    let tools = "  execute_tool look_up\n";
    assert_eq!(
        trace.tree_with(&KEYS),
        format!(
            "invoke_agent moving spanline.agent.inference_calls=1 spanline.agent.tool_calls=9\n  \
               between\n  between\n  between\n  between\n  between\n  \
               chat m <client> spanline.stream.chunks=4\n  {tools}  {tools}  {tools}  {tools}\
             {tools}{tools}{tools}{tools}{tools}"
        )
    );
    let duration = metrics().counts("gen_ai.invoke_agent.duration", "gen_ai.agent.name", "moving");
    assert_eq!(duration, "gen_ai.agent.name=\"moving\": 1\n");
}
