//! Each way to return a sink.

use std::convert::Infallible;
use std::pin::Pin;

use futures::channel::mpsc;
use futures::future::BoxFuture;
use futures::sink::{self, Sink, SinkExt as _};
use futures::stream::{self, StreamExt as _};
use futures::{FutureExt as _, future};
use spanline::{trace_agent, trace_pipeline, trace_stage};
use spanline_tests::telemetry::watch;

use crate::{KEYS, Worker, work};

type Boxed<'a> = Pin<Box<dyn Sink<u32, Error = String> + Send + 'a>>;
type Reply<T> = Result<T, String>;

#[trace_stage]
fn opaque() -> impl Sink<u32, Error = String> {
    Worker::default()
}

#[trace_stage]
async fn later() -> impl Sink<u32, Error = String> + Send + Unpin + 'static {
    tokio::task::yield_now().await;
    Worker::default()
}

#[trace_stage]
fn in_result(is_there: bool) -> Result<impl Sink<u32, Error = String>, String> {
    if is_there { Ok(Worker::default()) } else { Err("nothing".to_owned()) }
}

#[trace_stage]
async fn later_in_result(is_there: bool) -> Reply<impl futures::Sink<u32, Error = String>> {
    if !is_there {
        return Err("nothing".to_owned());
    }
    Ok(Worker::default())
}

#[trace_stage]
fn in_option(is_there: bool) -> Option<impl Sink<u32, Error = String>> {
    is_there.then(Worker::default)
}

#[trace_stage]
fn future() -> impl Future<Output = Reply<impl Sink<u32, Error = String>>> + Send {
    async { Ok(Worker::default()) }
}

#[trace_stage]
fn boxed() -> Pin<Box<dyn Sink<u32, Error = String>>> {
    Box::pin(Worker::default())
}

#[trace_stage]
fn boxed_by_alias(_: &u32) -> Boxed<'_> {
    Box::pin(Worker::default())
}

#[trace_stage]
fn boxed_unpin() -> Box<dyn Sink<u32, Error = String> + Unpin> {
    Box::new(Worker::default())
}

#[trace_stage]
async fn boxed_in_result(is_there: bool) -> Reply<Boxed<'static>> {
    if is_there { Ok(Box::pin(Worker::default())) } else { Err("nothing".to_owned()) }
}

#[trace_stage]
fn boxed_future() -> BoxFuture<'static, Option<Boxed<'static>>> {
    async { Some(Box::pin(Worker::default()) as Boxed<'_>) }.boxed()
}

struct Writer<'a> {
    lines: u32,
    sink: Boxed<'a>,
}

#[trace_stage(stream = |writer| &mut writer.sink)]
async fn inside() -> Reply<Writer<'static>> {
    Ok(Writer { lines: 3, sink: Box::pin(Worker::default()) })
}

#[trace_pipeline]
fn generic<S: Sink<u32>>(sink: S) -> impl Sink<u32, Error = String> + use<S>
where
    S::Error: std::fmt::Display,
{
    sink.sink_map_err(|error| error.to_string())
}

/// Nothing but the signature says what the items are.
#[trace_stage]
fn drain() -> impl Sink<u32, Error = Infallible> + Send {
    sink::drain()
}

/// Nor what its errors are.
#[trace_stage]
async fn unfold() -> Option<impl Sink<u32, Error = std::io::Error>> {
    Some(sink::unfold(0, async |sum, number| Ok(sum + number)))
}

#[trace_stage]
fn borrowed<'a>(words: &'a mut Vec<&'a str>) -> impl Sink<&'a str, Error = Infallible> + use<'a> {
    words
}

/// Sends three, and closes.
async fn fill<S: Sink<u32, Error = String>>(sink: S) {
    let mut sink = Box::pin(sink);
    sink.send_all(&mut stream::iter(0..3).map(Ok)).await.unwrap();
    sink.close().await.unwrap();
}

macro_rules! check {
    ($name:literal, $sink:expr) => {{
        let ((), trace) = watch(async { fill($sink).await }).await;
        let tree = trace.tree_with(&KEYS);
        let work = "  work\n".repeat(3);
        assert_eq!(tree, format!("{} spanline.sink.items=3\n{work}", $name));
    }};
}

#[tokio::test]
async fn an_opaque_sink_is_traced_to_its_end() {
    check!("opaque", opaque());
    check!("later", later().await);
    check!("in_result", in_result(true).unwrap());
    check!("later_in_result", later_in_result(true).await.unwrap());
    check!("in_option", in_option(true).unwrap());
    check!("future", future().await.unwrap());
    check!("invoke_workflow generic", generic(Worker::default()));
}

#[tokio::test]
async fn a_boxed_sink_is_boxed_again_as_what_it_was() {
    check!("boxed", boxed());
    check!("boxed_by_alias", boxed_by_alias(&1));
    check!("boxed_unpin", boxed_unpin());
    check!("boxed_in_result", boxed_in_result(true).await.unwrap());
    check!("boxed_future", boxed_future().await.unwrap());
    check!("inside", {
        let writer = inside().await.unwrap();
        assert_eq!(writer.lines, 3);
        writer.sink
    });
}

#[tokio::test]
async fn what_the_compiler_has_to_find_out_it_still_finds_out() {
    let mut words = Vec::new();
    let ((), trace) = watch(async {
        drain().send(1).await.unwrap();
        Box::pin(unfold().await.unwrap()).send(1).await.unwrap();
        borrowed(&mut words).send("one").await.unwrap();
    })
    .await;
    assert_eq!(
        trace.tree_with(&KEYS),
        "borrowed spanline.sink.items=1\ndrain spanline.sink.items=1\n\
         unfold spanline.sink.items=1\n"
    );
}

#[tokio::test]
async fn an_error_instead_of_a_sink_is_the_outcome() {
    let ((), trace) = watch(async {
        assert!(in_result(false).is_err());
        assert!(later_in_result(false).await.is_err());
        assert!(boxed_in_result(false).await.is_err());
        assert!(in_option(false).is_none());
    })
    .await;
    let failed = "error \"nothing\" error.type=\"_OTHER\"";
    assert_eq!(
        trace.tree_with(&KEYS),
        format!(
            "boxed_in_result {failed}\nin_option\nin_result {failed}\nlater_in_result {failed}\n"
        )
    );
}

/// A `Vec` is a sink, but nobody says so here.
#[trace_stage]
fn words() -> impl IntoIterator<Item = u32> {
    vec![1, 2]
}

/// A type by its name cannot become another.
#[trace_stage]
fn named() -> mpsc::UnboundedSender<u32> {
    mpsc::unbounded().0
}

#[tokio::test]
async fn what_is_not_said_to_be_a_sink_ends_its_span_when_it_is_returned() {
    let ((), trace) = watch(async {
        assert_eq!(words().into_iter().sum::<u32>(), 3);
        assert!(named().send(1).await.is_err());
    })
    .await;
    assert_eq!(trace.tree_with(&KEYS), "named\nwords\n");
}

#[tokio::test]
async fn what_the_producer_does_between_items_is_no_child() {
    let ((), trace) = watch(async {
        let mut sink = Box::pin(opaque());
        work(1).await.unwrap();
        sink.feed(2).await.unwrap();
        work(3).await.unwrap();
        sink.close().await.unwrap();
    })
    .await;
    assert_eq!(trace.tree_with(&KEYS), "opaque spanline.sink.items=1\n  work\nwork\nwork\n");
}

/// Embeds in batches; each item tells what it costs.
#[trace_agent("embedder", usage = |number| (*number, 1_u32))]
fn metered() -> impl Sink<u32, Error = String> {
    Worker::default()
}

#[tokio::test]
async fn usage_reads_the_items_that_are_sent() {
    let ((), trace) = watch(fill(metered().with(|number: u32| future::ok(number + 1)))).await;
    assert_eq!(trace.attribute("invoke_agent embedder", "gen_ai.usage.input_tokens"), "3");
}
