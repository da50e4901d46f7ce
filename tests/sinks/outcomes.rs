//! How a sink ends.

use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::FutureExt as _;
use futures::sink::{Sink, SinkExt as _};
use spanline::{trace_llm_call, trace_stage};
use spanline_tests::telemetry::{metrics, watch};

use crate::{KEYS, Worker};

#[trace_stage]
fn worker() -> impl Sink<u32, Error = String> + Unpin {
    Worker::default()
}

#[trace_stage]
async fn asked() -> impl Sink<u32, Error = String> + Unpin {
    tokio::task::yield_now().await;
    Worker::default()
}

const ABANDONED: &str = "error.type=\"abandoned\"";

#[tokio::test]
async fn a_sink_that_has_closed_is_ok_and_ends_once() {
    let ((), trace) = watch(async {
        let mut sink = worker();
        sink.feed(1).await.unwrap();
        sink.close().await.unwrap();
        // As a `Vec`, which may be used again.
        sink.close().await.unwrap();
    })
    .await;
    assert_eq!(trace.tree_with(&KEYS), "worker spanline.sink.items=1\n  work\n");
}

#[tokio::test]
async fn a_sink_that_is_dropped_when_everything_is_flushed_is_ok() {
    let ((), trace) = watch(async {
        let mut sink = worker();
        sink.send(1).await.unwrap();
        sink.send(2).await.unwrap();
    })
    .await;
    assert_eq!(trace.tree_with(&KEYS), "worker spanline.sink.items=2\n  work\n  work\n");
}

#[tokio::test]
async fn a_sink_that_is_dropped_with_items_is_abandoned() {
    #[trace_stage]
    fn left() -> impl Sink<u32, Error = String> + Unpin {
        Worker::default()
    }
    let ((), trace) = watch(async {
        let mut sink = left();
        sink.send(1).await.unwrap();
        sink.feed(2).await.unwrap();
    })
    .await;
    assert_eq!(trace.tree_with(&KEYS), format!("left {ABANDONED} spanline.sink.items=2\n  work\n"));
    let counted = metrics().counts("spanline.stage.duration", "spanline.stage.name", "left");
    assert_eq!(counted, format!("{ABANDONED} spanline.stage.name=\"left\": 1\n"));
}

#[tokio::test]
async fn a_sink_that_was_given_nothing_is_abandoned_if_its_span_has_begun() {
    let ((), trace) = watch(async {
        drop(asked().await);
        worker().flush().await.unwrap();
        drop(worker());
        drop(asked());
    })
    .await;
    assert_eq!(
        trace.tree_with(&KEYS),
        format!(
            "asked {ABANDONED} spanline.sink.items=0\nworker {ABANDONED} spanline.sink.items=0\n"
        )
    );
}

#[tokio::test]
async fn work_that_an_abandoned_sink_leaves_is_cancelled_inside_it() {
    let ((), trace) = watch(async {
        let mut sink = worker();
        sink.send(1).await.unwrap();
        assert!(sink.send(2).now_or_never().is_none());
    })
    .await;
    assert_eq!(
        trace.tree_with(&KEYS),
        format!(
            "worker {ABANDONED} spanline.sink.items=2\n  work\n  work error.type=\"cancelled\"\n"
        )
    );
}

#[tokio::test]
async fn a_close_that_is_not_waited_for_is_abandoned() {
    let ((), trace) = watch(async {
        let mut sink = worker();
        sink.feed(1).await.unwrap();
        assert!(sink.close().now_or_never().is_none());
    })
    .await;
    assert_eq!(
        trace.tree_with(&KEYS),
        format!("worker {ABANDONED} spanline.sink.items=1\n  work error.type=\"cancelled\"\n")
    );
}

#[tokio::test]
async fn the_first_error_is_the_outcome_and_the_sink_goes_on() {
    let ((), trace) = watch(async {
        let mut sink = worker();
        assert!(sink.send(10).await.is_err());
        assert!(sink.send(11).await.is_err());
        sink.send(1).await.unwrap();
    })
    .await;
    assert_eq!(
        trace.tree_with(&KEYS),
        "worker error \"10 is too large\" error.type=\"_OTHER\" spanline.sink.items=3\n  \
           work\n  \
           work error \"10 is too large\" error.type=\"_OTHER\"\n  \
           work error \"11 is too large\" error.type=\"_OTHER\"\n"
    );
}

/// Says no to one of the four calls.
struct Refuses(&'static str);

impl Refuses {
    fn answer(&self, call: &str) -> Result<(), std::io::Error> {
        if self.0 == call { Err(std::io::Error::other(format!("no {call}"))) } else { Ok(()) }
    }
}

impl Sink<u32> for Refuses {
    type Error = std::io::Error;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(self.answer("ready"))
    }

    fn start_send(self: Pin<&mut Self>, _: u32) -> Result<(), Self::Error> {
        self.answer("send")
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(self.answer("flush"))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(self.answer("close"))
    }
}

#[tokio::test]
async fn an_error_of_each_call_is_the_outcome() {
    #[trace_stage(call)]
    fn refuses(call: &'static str) -> Pin<Box<dyn Sink<u32, Error = std::io::Error> + Send>> {
        Box::pin(Refuses(call))
    }
    let ((), trace) = watch(async {
        for call in ["ready", "send", "flush", "close"] {
            let mut sink = refuses(call);
            let sent = sink.send(1).await;
            let closed = sink.close().await;
            assert_eq!(sent.and(closed).unwrap_err().to_string(), format!("no {call}"));
        }
    })
    .await;
    let line = |call, items| {
        format!(
            "{call} error \"no {call}\" error.type=\"std::io::error::Error\" \
             spanline.sink.items={items}\n"
        )
    };
    assert_eq!(
        trace.tree_with(&KEYS),
        [line("close", 1), line("flush", 1), line("ready", 0), line("send", 0)].concat()
    );
}

#[tokio::test]
async fn a_panic_in_a_sink_is_recorded_and_goes_on() {
    let (panic, trace) = watch(
        AssertUnwindSafe(async {
            let mut sink = worker();
            sink.send(1).await.unwrap();
            sink.send(13).await
        })
        .catch_unwind(),
    )
    .await;
    assert!(panic.is_err());
    assert_eq!(
        trace.tree_with(&KEYS),
        "worker error \"panicked: thirteen\" error.type=\"panic\" spanline.sink.items=1\n  work\n"
    );
}

#[tokio::test]
async fn a_sink_is_measured_as_its_operation() {
    #[trace_llm_call(provider = "local", model = "sent")]
    fn session() -> impl Sink<u32, Error = String> + Unpin {
        Worker::default()
    }
    let ((), trace) = watch(async { session().send(1).await.unwrap() }).await;
    assert_eq!(trace.tree_with(&KEYS), "chat sent <client> spanline.sink.items=1\n  work\n");
    assert_eq!(trace.attribute("chat sent", "gen_ai.request.stream"), "");
    let duration = "gen_ai.client.operation.duration";
    let counted = metrics().points(duration, "gen_ai.request.model", "sent").len();
    assert_eq!(counted, 1);
}
