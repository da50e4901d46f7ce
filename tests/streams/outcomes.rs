//! How a stream ends.

use std::panic::AssertUnwindSafe;

use futures::stream::{self, BoxStream, Stream, StreamExt as _};
use futures::{FutureExt as _, TryStreamExt as _};
use spanline::{trace_llm_call, trace_stage};
use spanline_tests::telemetry::{metrics, watch};

use crate::{KEYS, numbers};

#[trace_stage]
fn tokens(
    items: Vec<Result<u32, std::num::ParseIntError>>,
) -> impl Stream<Item = Result<u32, std::num::ParseIntError>> + Unpin {
    stream::iter(items)
}

fn mistake() -> std::num::ParseIntError {
    "x".parse::<u32>().unwrap_err()
}

#[tokio::test]
async fn the_first_error_item_is_the_outcome_and_the_stream_goes_on() {
    let (items, trace) = watch(async {
        tokens(vec![Ok(1), Err(mistake()), Err("".parse::<u32>().unwrap_err()), Ok(2)])
            .collect::<Vec<_>>()
            .await
    })
    .await;
    assert_eq!(items.len(), 4);
    assert_eq!(
        trace.tree_with(&KEYS),
        "tokens error \"invalid digit found in string\" \
         error.type=\"core::num::error::ParseIntError\" spanline.stream.chunks=4\n"
    );
    assert_eq!(
        trace.events("tokens"),
        "exception exception.type=\"core::num::error::ParseIntError\" \
         exception.message=\"invalid digit found in string\"\n"
    );
}

#[tokio::test]
async fn a_stream_that_is_left_at_its_error_is_an_error() {
    let (result, trace) =
        watch(tokens(vec![Ok(1), Err(mistake()), Ok(2)]).try_collect::<Vec<_>>()).await;
    assert!(result.is_err());
    assert_eq!(
        trace.tree_with(&KEYS),
        "tokens error \"invalid digit found in string\" \
         error.type=\"core::num::error::ParseIntError\" spanline.stream.chunks=2\n"
    );
}

#[trace_stage]
fn five() -> BoxStream<'static, u32> {
    numbers(5).boxed()
}

const ABANDONED: &str = "error.type=\"abandoned\"";

#[tokio::test]
async fn a_stream_that_is_dropped_after_two_of_five_is_abandoned() {
    #[trace_stage]
    fn left() -> impl Stream<Item = u32> {
        numbers(5)
    }
    let (items, trace) = watch(async { left().take(2).collect::<Vec<_>>().await }).await;
    assert_eq!(items, [0, 1]);
    assert_eq!(
        trace.tree_with(&KEYS),
        format!("left {ABANDONED} spanline.stream.chunks=2\n  work\n  work\n")
    );
    let counted = metrics().counts("spanline.stage.duration", "spanline.stage.name", "left");
    assert_eq!(counted, format!("{ABANDONED} spanline.stage.name=\"left\": 1\n"));
}

#[tokio::test]
async fn work_that_an_abandoned_stream_leaves_is_cancelled_inside_it() {
    let ((), trace) = watch(async {
        let mut stream = five();
        assert!(stream.next().now_or_never().is_none());
    })
    .await;
    assert_eq!(
        trace.tree_with(&KEYS),
        format!("five {ABANDONED} spanline.stream.chunks=0\n  work error.type=\"cancelled\"\n")
    );
}

#[trace_stage]
async fn asked() -> impl Stream<Item = u32> {
    tokio::task::yield_now().await;
    numbers(1)
}

#[tokio::test]
async fn a_stream_that_is_never_polled_leaves_no_span() {
    let ((), trace) = watch(async {
        drop(five());
        drop(tokens(vec![Ok(1)]));
        drop(asked());
    })
    .await;
    assert_eq!(trace.tree_with(&KEYS), "");
}

#[tokio::test]
async fn a_stream_whose_future_has_run_is_abandoned_when_it_is_never_polled() {
    let ((), trace) = watch(async { drop(asked().await) }).await;
    assert_eq!(trace.tree_with(&KEYS), format!("asked {ABANDONED} spanline.stream.chunks=0\n"));
}

#[tokio::test]
async fn a_future_that_is_dropped_before_it_gives_its_stream_is_cancelled() {
    let ((), trace) = watch(async {
        let mut future = Box::pin(asked());
        assert!(future.as_mut().now_or_never().is_none());
    })
    .await;
    assert_eq!(trace.tree_with(&KEYS), "asked error.type=\"cancelled\"\n");
}

#[trace_stage]
fn breaks(at: u32) -> impl Stream<Item = u32> {
    assert!(at > 0, "before the first");
    numbers(5).map(move |number| {
        assert!(number < at, "at {at}");
        number
    })
}

#[tokio::test]
async fn a_panic_in_a_stream_is_recorded_and_goes_on() {
    let (panic, trace) =
        watch(AssertUnwindSafe(async { breaks(2).collect::<Vec<_>>().await }).catch_unwind()).await;
    assert_eq!(panic.unwrap_err().downcast_ref::<String>().unwrap(), "at 2");
    assert_eq!(
        trace.tree_with(&KEYS),
        "breaks error \"panicked: at 2\" error.type=\"panic\" spanline.stream.chunks=2\n  \
           work\n  work\n  work\n"
    );
}

#[tokio::test]
async fn a_panic_before_the_stream_is_recorded_and_goes_on() {
    let (panic, trace) = watch(AssertUnwindSafe(async { drop(breaks(0)) }).catch_unwind()).await;
    assert!(panic.is_err());
    assert_eq!(
        trace.tree_with(&KEYS),
        "breaks error \"panicked: before the first\" error.type=\"panic\"\n"
    );
}

#[tokio::test]
async fn a_stream_that_ended_ends_once() {
    let ((), trace) = watch(async {
        let mut stream = five().fuse();
        while stream.next().await.is_some() {}
        assert_eq!(stream.next().await, None);
        // As `stream::iter`, which may be asked again.
        let mut stream = tokens(Vec::new());
        assert!(stream.next().await.is_none());
        assert!(stream.next().await.is_none());
    })
    .await;
    assert_eq!(
        trace.tree_with(&KEYS),
        "five spanline.stream.chunks=5\n  work\n  work\n  work\n  work\n  work\n\
         tokens spanline.stream.chunks=0\n"
    );
}

#[trace_stage(ok_if = Option::is_some)]
fn found(count: u32) -> Option<impl Stream<Item = Result<u32, String>>> {
    (count > 0).then(|| numbers(count).map(Ok))
}

#[tokio::test]
async fn ok_if_decides_about_the_value_that_was_returned() {
    let ((), trace) = watch(async {
        assert!(found(0).is_none());
        assert_eq!(found(1).unwrap().count().await, 1);
    })
    .await;
    assert_eq!(
        trace.tree_with(&KEYS),
        "found error \"refused by `Option::is_some`\" error.type=\"_OTHER\"\n\
         found spanline.stream.chunks=1\n  work\n"
    );
}

/// Its error's own type panics when it is asked.
struct Mean;
impl std::fmt::Debug for Mean {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Mean")
    }
}
impl std::fmt::Display for Mean {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        panic!("no text")
    }
}
impl std::error::Error for Mean {}

#[trace_llm_call(provider = "local", model = "mean", usage = |_: &u32| -> (u32, u32) { panic!("no usage") })]
fn mean() -> impl Stream<Item = Result<u32, Mean>> {
    stream::iter([Ok(1), Err(Mean), Ok(2)])
}

#[tokio::test]
async fn no_item_is_lost_when_what_reads_it_panics() {
    let (count, trace) = watch(mean().count()).await;
    assert_eq!(count, 3);
    assert_eq!(
        trace.tree_with(&KEYS),
        "chat mean <client> error \"panicked: no usage\" error.type=\"panic\" \
         spanline.stream.chunks=3\n"
    );
}
