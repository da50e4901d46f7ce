//! Streams inside of what a function returns.

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use futures::stream::{self, BoxStream, LocalBoxStream, Stream, StreamExt as _};
use spanline::{
    Usage, trace_agent, trace_llm_call, trace_pipeline, trace_retrieval, trace_span, trace_stage,
    trace_tool,
};
use spanline_tests::telemetry::{metrics, watch};

use crate::{KEYS, numbers};

struct Reply<'a> {
    id: u32,
    chunks: BoxStream<'a, u32>,
}

fn reply(count: u32) -> Reply<'static> {
    Reply { id: 7, chunks: numbers(count).boxed() }
}

type Answered<T> = Result<T, String>;

#[trace_stage(stream = |reply| &mut reply.chunks)]
fn plain(count: u32) -> Reply<'static> {
    reply(count)
}

#[trace_stage(stream = |reply| &mut reply.chunks)]
async fn later(count: &u32) -> Reply<'_> {
    tokio::task::yield_now().await;
    Reply { id: 7, chunks: numbers(*count).boxed() }
}

#[trace_stage(stream = |reply| &mut reply.chunks)]
async fn in_result(count: u32) -> Answered<Reply<'static>> {
    if count == 0 { Err("nothing".to_owned()) } else { Ok(reply(count)) }
}

#[trace_stage(stream = |reply: &mut Reply<'static>| &mut reply.chunks)]
fn in_option(count: u32) -> Option<Reply<'static>> {
    (count > 0).then(|| reply(count))
}

#[trace_stage(stream = |(_, chunks)| chunks)]
fn in_tuple(count: u32) -> (u32, BoxStream<'static, u32>) {
    (7, numbers(count).boxed())
}

#[trace_stage(stream = |reply| &mut reply.chunks)]
fn future(count: u32) -> impl Future<Output = Answered<Reply<'static>>> + Send {
    async move { Ok(reply(count)) }
}

#[trace_stage(stream = |reply| &mut reply.chunks)]
fn boxed_future(count: u32) -> Pin<Box<dyn Future<Output = Reply<'static>> + Send>> {
    Box::pin(async move { reply(count) })
}

#[trace_stage(stream = std::convert::identity)]
fn bare(count: u32) -> BoxStream<'static, u32> {
    numbers(count).boxed()
}

struct Generic<S> {
    inner: Inner<S>,
}

struct Inner<S> {
    chunks: S,
}

impl<S> Generic<S> {
    fn chunks(&mut self) -> &mut S {
        &mut self.inner.chunks
    }
}

#[trace_stage(stream = Generic::chunks)]
fn deep(count: u32) -> Generic<Box<dyn Stream<Item = u32> + Send + Sync + Unpin>> {
    Generic { inner: Inner { chunks: Box::new(stream::iter(0..count)) } }
}

#[trace_stage(stream = |reply| &mut reply.inner.chunks)]
async fn local<'a>(words: &'a [u32]) -> Generic<LocalBoxStream<'a, &'a u32>> {
    Generic { inner: Inner { chunks: stream::iter(words).boxed_local() } }
}

struct Model;

#[async_trait]
trait Complete {
    async fn complete(&self, count: u32) -> Answered<Reply<'_>>;
}

#[async_trait]
impl Complete for Model {
    #[trace_llm_call(provider = "local", model = "inside", stream = |reply| &mut reply.chunks)]
    async fn complete(&self, count: u32) -> Answered<Reply<'_>> {
        Ok(reply(count))
    }
}

async fn read(mut reply: Reply<'_>) -> Vec<u32> {
    assert_eq!(reply.id, 7, "the rest of the value stays what it was");
    let mut items = Vec::new();
    while let Some(item) = reply.chunks.next().await {
        items.push(item);
    }
    items
}

#[tokio::test]
async fn a_stream_inside_of_a_value_is_traced_to_its_end() {
    macro_rules! check {
        ($name:literal, $items:expr) => {{
            let (items, trace) = watch(async { $items }).await;
            assert_eq!(items, [0, 1, 2], $name);
            let tree = trace.tree_with(&KEYS);
            let work = "  work\n".repeat(3);
            assert_eq!(tree, format!("{} spanline.stream.chunks=3\n{work}", $name));
        }};
    }
    check!("plain", read(plain(3)).await);
    check!("later", read(later(&3).await).await);
    check!("in_result", read(in_result(3).await.unwrap()).await);
    check!("in_option", read(in_option(3).unwrap()).await);
    check!("in_tuple", in_tuple(3).1.collect::<Vec<_>>().await);
    check!("future", read(future(3).await.unwrap()).await);
    check!("boxed_future", read(boxed_future(3).await).await);
    check!("bare", bare(3).collect::<Vec<_>>().await);
    check!("chat inside <client>", read(Model.complete(3).await.unwrap()).await);
}

#[tokio::test]
async fn a_stream_inside_of_a_value_keeps_its_type() {
    let (sum, trace) = watch(async {
        let words = [1, 2];
        let local = local(&words).await.inner.chunks.fold(0, async |sum, word| sum + word).await;
        deep(3).inner.chunks.fold(local, async |sum, number| sum + number).await
    })
    .await;
    assert_eq!(sum, 6);
    assert_eq!(
        trace.tree_with(&KEYS),
        "deep spanline.stream.chunks=3\nlocal spanline.stream.chunks=2\n"
    );
}

#[tokio::test]
async fn an_error_or_nothing_in_place_of_the_value_ends_the_span() {
    let ((), trace) = watch(async {
        assert!(in_result(0).await.is_err());
        assert!(in_option(0).is_none());
    })
    .await;
    assert_eq!(
        trace.tree_with(&KEYS),
        "in_option\nin_result error \"nothing\" error.type=\"_OTHER\"\n"
    );
}

enum Answer {
    Whole(String),
    Streamed(BoxStream<'static, u32>),
}

#[trace_stage(stream = |answer| match answer {
    Answer::Streamed(chunks) => Some(chunks),
    Answer::Whole(_) => None,
})]
async fn sometimes(count: u32) -> Answered<Answer> {
    Ok(if count == 0 {
        Answer::Whole("nothing".to_owned())
    } else {
        Answer::Streamed(numbers(count).boxed())
    })
}

#[tokio::test]
async fn a_value_without_its_stream_ends_the_span() {
    let ((), trace) = watch(async {
        let Answer::Whole(text) = sometimes(0).await.unwrap() else { panic!("streamed") };
        assert_eq!(text, "nothing");
        let Answer::Streamed(chunks) = sometimes(1).await.unwrap() else { panic!("whole") };
        assert_eq!(chunks.count().await, 1);
    })
    .await;
    assert_eq!(trace.tree_with(&KEYS), "sometimes\nsometimes spanline.stream.chunks=1\n  work\n");
}

#[derive(Clone, Copy)]
struct Chunk {
    usage: Option<Usage>,
}

struct Chunks {
    status: u16,
    body: Option<BoxStream<'static, Result<Chunk, String>>>,
}

#[trace_llm_call(
    provider = "local",
    model = "inside-usage",
    stream = |reply| &mut reply.body,
    usage = |chunk| chunk.usage,
    ok_if = |reply| matches!(reply, Ok(chunks) if chunks.status == 200),
)]
async fn respond(status: u16, items: Vec<Result<Chunk, String>>) -> Answered<Chunks> {
    Ok(Chunks { status, body: Some(stream::iter(items).boxed()) })
}

const USAGE: [&str; 3] = ["error.type", "spanline.stream.chunks", "gen_ai.usage.output_tokens"];

#[tokio::test]
async fn usage_reads_the_items_and_ok_if_the_value() {
    let chunk = |count| Ok(Chunk { usage: Some(Usage::new(3, count)) });
    let ((), trace) = watch(async {
        for status in [200, 429] {
            let reply = respond(status, vec![chunk(1), chunk(2)]).await.unwrap();
            assert_eq!(reply.body.unwrap().count().await, 2);
        }
    })
    .await;
    let counts = "spanline.stream.chunks=2 gen_ai.usage.output_tokens=2";
    assert_eq!(
        trace.tree_with(&USAGE),
        format!(
            "chat inside-usage <client> error \"refused by `ok_if`\" error.type=\"_OTHER\" \
             {counts}\nchat inside-usage <client> {counts}\n"
        )
    );
    let metrics = metrics();
    let first = "gen_ai.client.operation.time_to_first_chunk";
    let points = metrics.points(first, "gen_ai.request.model", "inside-usage");
    assert_eq!(points.iter().map(|point| point.count).sum::<u64>(), 2);
}

#[trace_stage(stream = |reply| &mut reply.body)]
async fn outcome(items: Vec<Result<Chunk, String>>) -> Chunks {
    Chunks { status: 200, body: Some(stream::iter(items).boxed()) }
}

#[tokio::test]
async fn the_outcome_of_a_stream_inside_of_a_value_is_that_of_the_stream() {
    let good = Ok(Chunk { usage: None });
    let ((), trace) = watch(async {
        let items = vec![good.clone(), Err("late".to_owned())];
        assert_eq!(outcome(items).await.body.unwrap().count().await, 2);
        let mut reply = outcome(vec![good.clone(), good]).await;
        assert!(reply.body.as_mut().unwrap().next().await.is_some());
        drop(reply);
        drop(outcome(Vec::new()).await);
    })
    .await;
    assert_eq!(
        trace.tree_with(&KEYS),
        "outcome error \"late\" error.type=\"_OTHER\" spanline.stream.chunks=2\n\
         outcome error.type=\"abandoned\" spanline.stream.chunks=0\n\
         outcome error.type=\"abandoned\" spanline.stream.chunks=1\n"
    );
}

static SEARCHES: AtomicUsize = AtomicUsize::new(0);

#[trace_stage(stream = |reply| {
    SEARCHES.fetch_add(1, Ordering::Relaxed);
    assert!(reply.status == 200, "no stream here");
    &mut reply.body
})]
fn breaks() -> Chunks {
    Chunks { status: 500, body: Some(stream::iter([Err("kept".to_owned())]).boxed()) }
}

#[tokio::test]
async fn a_search_that_panics_takes_nothing_away() {
    let (items, trace) =
        watch(async { breaks().body.unwrap().collect::<Vec<_>>().await.len() }).await;
    assert_eq!(items, 1);
    assert_eq!(SEARCHES.load(Ordering::Relaxed), 1);
    assert_eq!(
        trace.tree_with(&KEYS),
        "breaks error \"panicked: no stream here\" error.type=\"panic\"\n"
    );
}

#[tokio::test]
async fn every_macro_follows_a_stream_inside_of_a_value() {
    #[trace_pipeline(stream = |reply| &mut reply.chunks)]
    fn pipeline() -> Reply<'static> {
        reply(1)
    }
    #[trace_agent(stream = |reply| &mut reply.chunks)]
    fn agent() -> Reply<'static> {
        reply(1)
    }
    #[trace_tool(stream = |reply| &mut reply.chunks)]
    fn tool() -> Reply<'static> {
        reply(1)
    }
    #[trace_retrieval(stream = |reply| &mut reply.chunks)]
    fn retrieval() -> Reply<'static> {
        reply(1)
    }
    #[trace_span(stream = |reply| &mut reply.chunks)]
    fn span() -> Reply<'static> {
        reply(1)
    }
    let ((), trace) = watch(async {
        for reply in [pipeline(), agent(), tool(), retrieval(), span()] {
            assert_eq!(read(reply).await, [0]);
        }
    })
    .await;
    let tree = trace.tree_with(&KEYS);
    assert_eq!(tree.matches("spanline.stream.chunks=1\n  work\n").count(), 5, "{tree}");
}
