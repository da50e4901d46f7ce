//! What belongs to a stream, and what does not.

use std::sync::Arc;

use futures::stream::{self, BoxStream, Stream, StreamExt as _};
use spanline::{Stage, trace_llm_call, trace_pipeline, trace_stage};
use spanline_tests::telemetry::{trace, watch};
use tokio::sync::Notify;

use crate::{KEYS, numbers, work};

#[trace_llm_call(provider = "local", model = "m")]
fn complete(count: u32) -> impl Stream<Item = u32> + Send {
    numbers(count)
}

#[trace_pipeline]
fn answer(count: u32) -> impl Stream<Item = u32> + Send {
    spanline::current().set("asked", count);
    complete(count).map(|number| number + 1)
}

const ANSWER: &str = "invoke_workflow answer spanline.stream.chunks=2\n  \
                        chat m <client> spanline.stream.chunks=2\n    \
                          work\n    work\n";

#[tokio::test]
async fn a_stream_inside_a_stream_is_its_child() {
    let ((), trace) = watch(async {
        assert_eq!(answer(2).collect::<Vec<_>>().await, [1, 2]);
    })
    .await;
    assert_eq!(trace.tree_with(&KEYS), ANSWER);
    assert_eq!(trace.attribute("invoke_workflow answer", "asked"), "2");
}

#[tokio::test]
async fn what_the_consumer_does_between_items_is_no_child() {
    let ((), trace) = watch(async {
        let mut stream = std::pin::pin!(complete(2));
        while let Some(number) = stream.next().await {
            Stage::new("consumer").run_with(work(number), |_, _| ()).await;
        }
    })
    .await;
    assert_eq!(
        trace.tree_with(&KEYS),
        "chat m <client> spanline.stream.chunks=2\n  work\n  work\n\
         consumer\nconsumer\nwork\nwork\n"
    );
}

#[tokio::test]
async fn a_stream_belongs_where_it_was_made() {
    let ((), trace) = watch(async {
        let stream = Stage::new("maker").run_blocking_with(|| complete(1), |_, _| ());
        Stage::new("reader").run_with(stream.count(), |_, _| ()).await;
    })
    .await;
    assert_eq!(
        trace.tree_with(&KEYS),
        "maker\n  chat m <client> spanline.stream.chunks=1\n    work\nreader\n"
    );
}

#[tokio::test]
async fn a_stream_made_outside_any_span_belongs_to_whoever_polls_it_first() {
    let stream = answer(2);
    let (count, trace) = watch(stream.count()).await;
    assert_eq!(count, 2);
    assert_eq!(trace.tree_with(&KEYS), ANSWER);
}

#[trace_llm_call("alone", provider = "local", root, usage = |_| {
    spanline::current().trace_id();
    None::<(u32, u32)>
})]
fn alone() -> BoxStream<'static, String> {
    stream::once(async { spanline::current().trace_id().unwrap() }).boxed()
}

#[tokio::test]
async fn a_root_stream_has_a_trace_of_its_own() {
    let (ids, outer) = watch(alone().collect::<Vec<_>>()).await;
    assert_eq!(outer.tree_with(&KEYS), "");
    assert_eq!(trace(&ids[0]).tree_with(&KEYS), "alone <client> spanline.stream.chunks=1\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_moves_to_another_task_keeps_its_place() {
    let ((), trace) = watch(async {
        let mut stream = answer(3).boxed();
        assert_eq!(stream.next().await, Some(1));
        let mut stream = tokio::spawn(async move {
            assert_eq!(stream.next().await, Some(2));
            work(9).await;
            stream
        })
        .await
        .unwrap();
        assert_eq!(stream.next().await, Some(3));
        assert_eq!(stream.next().await, None);
    })
    .await;
    let id = trace.span("chat m").span_id.clone();
    let children = trace.spans.iter().filter(|span| span.parent_span_id == id).count();
    assert_eq!(children, 3);
}

#[trace_stage]
fn buffered() -> impl Stream<Item = u32> {
    stream::iter(0..4).map(work).buffered(2)
}

#[tokio::test]
async fn futures_that_a_stream_buffers_are_its_children() {
    let (items, trace) = watch(buffered().collect::<Vec<_>>()).await;
    assert_eq!(items, [0, 1, 2, 3]);
    assert_eq!(
        trace.tree_with(&KEYS),
        "buffered spanline.stream.chunks=4\n  work\n  work\n  work\n  work\n"
    );
}

#[tokio::test]
async fn a_stream_in_a_select_is_asked_again_and_loses_nothing() {
    let (items, trace) = watch(async {
        let mut stream = std::pin::pin!(complete(3));
        let ticks = Arc::new(Notify::new());
        let mut items = Vec::new();
        loop {
            ticks.notify_one();
            tokio::select! {
                biased;
                item = stream.next() => match item {
                    Some(item) => items.push(item),
                    None => break items,
                },
                () = ticks.notified() => tokio::task::yield_now().await,
            }
        }
    })
    .await;
    assert_eq!(items, [0, 1, 2]);
    assert_eq!(
        trace.tree_with(&KEYS),
        "chat m <client> spanline.stream.chunks=3\n  work\n  work\n  work\n"
    );
}
