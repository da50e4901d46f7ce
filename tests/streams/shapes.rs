//! Each way to return a stream.

use std::fmt::Display;
use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Poll};

use async_trait::async_trait;
use futures::future::BoxFuture;
use futures::stream::{self, BoxStream, FusedStream, LocalBoxStream, Stream, StreamExt as _};
use futures::{FutureExt as _, TryStream, TryStreamExt as _};
use spanline::{trace_llm_call, trace_pipeline, trace_stage};
use spanline_tests::telemetry::watch;

use crate::{KEYS, numbers};

type Boxed<'a> = Pin<Box<dyn Stream<Item = u32> + Send + 'a>>;
type Reply<T> = Result<T, String>;

#[trace_stage]
fn opaque(count: u32) -> impl Stream<Item = u32> {
    numbers(count)
}

#[trace_stage]
fn opaque_of_words<'a>(words: &'a [&'a str]) -> impl Stream<Item = &'a str> + Send + use<'a> {
    stream::iter(words.iter().copied())
}

#[trace_stage]
async fn later(count: u32) -> impl Stream<Item = u32> + Send + 'static {
    tokio::task::yield_now().await;
    numbers(count)
}

#[trace_stage]
fn in_result(count: u32) -> Result<impl Stream<Item = u32>, String> {
    if count == 0 { Err("nothing".to_owned()) } else { Ok(numbers(count)) }
}

#[trace_stage]
async fn later_in_result(count: u32) -> Reply<impl Stream<Item = Reply<u32>> + Send> {
    if count == 0 {
        return Err("nothing".to_owned());
    }
    Ok(numbers(count).map(Ok))
}

#[trace_stage]
fn in_option(count: u32) -> Option<impl Stream<Item = u32>> {
    (count > 0).then(|| numbers(count))
}

#[trace_stage]
fn boxed(count: u32) -> Pin<Box<dyn Stream<Item = u32> + Send>> {
    Box::pin(numbers(count))
}

#[trace_stage]
fn boxed_by_alias(count: &u32) -> Boxed<'_> {
    numbers(*count).boxed()
}

#[trace_stage]
fn boxed_unpin(count: u32) -> Box<dyn Stream<Item = u32> + Unpin> {
    Box::new(Box::pin(numbers(count)))
}

#[trace_stage]
fn boxed_shared(count: u32) -> Pin<Box<dyn Stream<Item = u32> + Send + Sync>> {
    Box::pin(Shared::new(count))
}

#[trace_stage]
async fn boxed_unpin_shared(
    count: u32,
) -> Option<Box<dyn Stream<Item = u32> + Send + Sync + Unpin>> {
    Some(Box::new(Shared::new(count)))
}

/// A stream to which there may be references on several threads.
struct Shared(Mutex<BoxStream<'static, u32>>);

impl Shared {
    fn new(count: u32) -> Self {
        Self(Mutex::new(numbers(count).boxed()))
    }
}

impl Stream for Shared {
    type Item = u32;

    fn poll_next(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<u32>> {
        self.get_mut().0.get_mut().unwrap().as_mut().poll_next(task)
    }
}

#[trace_stage]
async fn later_boxed(count: &u32) -> BoxStream<'_, u32> {
    numbers(*count).boxed()
}

#[trace_stage]
fn boxed_in_result(count: u32) -> Result<BoxStream<'static, u32>, String> {
    if count == 0 { Err("nothing".to_owned()) } else { Ok(numbers(count).boxed()) }
}

#[trace_stage]
async fn later_boxed_in_option(count: u32) -> Option<LocalBoxStream<'static, u32>> {
    (count > 0).then(|| numbers(count).boxed_local())
}

#[trace_stage]
fn future(count: u32) -> impl Future<Output = Result<impl Stream<Item = u32>, String>> + Send {
    async move { if count == 0 { Err("nothing".to_owned()) } else { Ok(numbers(count)) } }
}

#[trace_stage]
fn boxed_future<'a>(count: &'a u32) -> BoxFuture<'a, BoxStream<'a, u32>> {
    async move { numbers(*count).boxed() }.boxed()
}

#[trace_stage]
fn generic<S>(stream: S) -> impl Stream<Item = String> + use<S>
where
    S: Stream<Item: Display>,
{
    stream.map(|item| item.to_string())
}

#[trace_stage]
fn fused(count: u32) -> impl FusedStream<Item = u32> + Unpin {
    Box::pin(numbers(count).fuse())
}

#[trace_stage]
fn tried(count: u32) -> impl TryStream<Ok = u32, Error = String> {
    numbers(count).map(Ok)
}

/// Nothing but the signature says what the items are.
#[trace_stage]
fn empty() -> impl Stream<Item = u32> {
    stream::empty()
}

/// Nor here, in any of the three.
#[trace_stage]
async fn never() -> Result<impl Stream<Item = Result<Vec<&'static str>, String>>, String> {
    Ok(stream::empty())
}

#[trace_stage]
fn recursive(depth: u32) -> BoxStream<'static, u32> {
    if depth == 0 {
        return stream::empty().boxed();
    }
    stream::iter([depth]).chain(recursive(depth - 1)).boxed()
}

#[async_trait]
trait Model {
    async fn stream(&self, count: u32) -> Result<BoxStream<'_, u32>, String>;
}

struct Local {
    first: u32,
}

#[async_trait]
impl Model for Local {
    #[trace_llm_call(provider = "local", model = "m")]
    async fn stream(&self, count: u32) -> Result<BoxStream<'_, u32>, String> {
        if count == 0 {
            return Err("nothing".to_owned());
        }
        Ok(numbers(count).map(|number| self.first + number).boxed())
    }
}

impl Local {
    #[trace_pipeline]
    fn answer(&self, count: u32) -> impl Stream<Item = u32> + '_ {
        numbers(count).map(|number| self.first + number)
    }
}

/// Checks what comes out of a stream of three, and its tree.
macro_rules! check {
    ($name:literal, $stream:expr) => {{
        let (items, trace) = watch(async { $stream.collect::<Vec<u32>>().await }).await;
        assert_eq!(items, [0, 1, 2], $name);
        let tree = trace.tree_with(&KEYS);
        assert_eq!(tree, format!("{} spanline.stream.chunks=3\n{WORK}{WORK}{WORK}", $name));
    }};
}

const WORK: &str = "  work\n";

#[tokio::test]
async fn an_opaque_stream_is_traced_to_its_end() {
    check!("opaque", opaque(3));
    check!("later", later(3).await);
    check!("fused", fused(3));
    check!("tried", tried(3).into_stream().map(Result::unwrap));
}

#[tokio::test]
async fn an_opaque_stream_in_a_result_or_an_option_is_traced_to_its_end() {
    check!("in_result", in_result(3).unwrap());
    check!("later_in_result", later_in_result(3).await.unwrap().map(Result::unwrap));
    check!("in_option", in_option(3).unwrap());
    check!("future", future(3).await.unwrap());
}

#[tokio::test]
async fn a_boxed_stream_is_boxed_again_as_what_it_was() {
    check!("boxed", boxed(3));
    check!("boxed_by_alias", boxed_by_alias(&3));
    check!("boxed_unpin", boxed_unpin(3));
    check!("later_boxed", later_boxed(&3).await);
    check!("boxed_shared", boxed_shared(3));
    check!("boxed_unpin_shared", boxed_unpin_shared(3).await.unwrap());
    check!("boxed_in_result", boxed_in_result(3).unwrap());
    check!("later_boxed_in_option", later_boxed_in_option(3).await.unwrap());
    check!("boxed_future", boxed_future(&3).await);
}

#[tokio::test]
async fn a_stream_from_a_trait_is_traced_to_its_end() {
    let model = Local { first: 0 };
    let (sum, trace) = watch(async {
        let stream = model.stream(2).await.unwrap();
        let sum = stream.fold(0, async |sum, number| sum + number).await;
        sum + model.answer(1).fold(0, async |sum, number| sum + number).await
    })
    .await;
    assert_eq!(sum, 1);
    assert_eq!(
        trace.tree_with(&KEYS),
        "chat m <client> spanline.stream.chunks=2\n  work\n  work\n\
         invoke_workflow answer spanline.stream.chunks=1\n  work\n"
    );
}

#[tokio::test]
async fn what_the_compiler_has_to_find_out_it_still_finds_out() {
    let words = ["one".to_owned(), "two".to_owned()];
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let ((), trace) = watch(async {
        assert_eq!(opaque_of_words(&words).collect::<Vec<_>>().await, words);
        assert_eq!(generic(stream::iter([1, 2])).collect::<Vec<_>>().await, ["1", "2"]);
        assert_eq!(empty().collect::<Vec<_>>().await, [0; 0]);
        let none = never().await.unwrap().try_collect::<Vec<_>>().await;
        assert!(none.unwrap().is_empty());
        assert_eq!(recursive(2).collect::<Vec<_>>().await, [2, 1]);
    })
    .await;
    assert_eq!(
        trace.tree_with(&KEYS),
        "empty spanline.stream.chunks=0\n\
         generic spanline.stream.chunks=2\n\
         never spanline.stream.chunks=0\n\
         opaque_of_words spanline.stream.chunks=2\n\
         recursive spanline.stream.chunks=2\n  \
           recursive spanline.stream.chunks=1\n    \
             recursive spanline.stream.chunks=0\n"
    );
}

#[tokio::test]
async fn an_error_instead_of_a_stream_is_the_outcome() {
    let ((), trace) = watch(async {
        assert!(in_result(0).is_err());
        assert!(later_in_result(0).await.is_err());
        assert!(boxed_in_result(0).is_err());
        assert!(future(0).await.is_err());
        assert!(Local { first: 0 }.stream(0).await.is_err());
        // As everywhere, `None` is a success.
        assert!(in_option(0).is_none());
        assert!(later_boxed_in_option(0).await.is_none());
    })
    .await;
    let failed = "error \"nothing\" error.type=\"_OTHER\"";
    assert_eq!(
        trace.tree_with(&KEYS),
        format!(
            "boxed_in_result {failed}\n\
             chat m <client> {failed}\n\
             future {failed}\n\
             in_option\n\
             in_result {failed}\n\
             later_boxed_in_option\n\
             later_in_result {failed}\n"
        )
    );
}

/// A type by its name cannot become another.
#[trace_stage]
fn named(words: Vec<u32>) -> stream::Iter<std::vec::IntoIter<u32>> {
    stream::iter(words)
}

#[trace_stage]
fn passed_on<S: Stream>(stream: S) -> S {
    stream
}

/// No stream, though its items are named.
#[trace_stage]
fn iterator() -> impl Iterator<Item = u32> {
    [1, 2].into_iter()
}

#[trace_stage]
async fn later_iterator() -> Option<impl Iterator<Item = Option<u32>>> {
    Some([None, Some(2)].into_iter())
}

#[tokio::test]
async fn a_stream_of_a_named_type_ends_its_span_when_it_is_returned() {
    let ((), trace) = watch(async {
        let stream = passed_on(named(vec![1]));
        assert_eq!(stream.collect::<Vec<_>>().await, [1]);
        assert_eq!(iterator().chain(later_iterator().await.unwrap().flatten()).sum::<u32>(), 5);
    })
    .await;
    assert_eq!(trace.tree_with(&KEYS), "iterator\nlater_iterator\nnamed\npassed_on\n");
}
