//! Connections: what is a stream and a sink at once has one span.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures::channel::mpsc;
use futures::sink::{Sink, SinkExt as _};
use futures::stream::{Stream, StreamExt as _};
use spanline::{trace_llm_call, trace_stage};
use spanline_tests::telemetry::watch;

use crate::work;

const KEYS: [&str; 5] = [
    "error.type",
    "spanline.stream.chunks",
    "spanline.sink.items",
    "gen_ai.usage.output_tokens",
    "gen_ai.request.stream",
];

/// Gives back what it is sent, until it has closed.
struct Echo {
    sender: mpsc::UnboundedSender<u32>,
    receiver: mpsc::UnboundedReceiver<u32>,
}

impl Echo {
    fn new() -> Self {
        let (sender, receiver) = mpsc::unbounded();
        Self { sender, receiver }
    }
}

impl Stream for Echo {
    type Item = Result<u32, String>;

    fn poll_next(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let item = ready!(self.receiver.poll_next_unpin(task));
        Poll::Ready(
            item.map(|number| if number > 9 { Err("large".to_owned()) } else { Ok(number) }),
        )
    }
}

impl Sink<u32> for Echo {
    type Error = mpsc::SendError;

    fn poll_ready(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
    ) -> Poll<Result<(), Self::Error>> {
        self.sender.poll_ready_unpin(task)
    }

    fn start_send(mut self: Pin<&mut Self>, item: u32) -> Result<(), Self::Error> {
        let _ = spanline::Stage::new("sent").start();
        self.sender.start_send_unpin(item)
    }

    fn poll_flush(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
    ) -> Poll<Result<(), Self::Error>> {
        self.sender.poll_flush_unpin(task)
    }

    fn poll_close(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
    ) -> Poll<Result<(), Self::Error>> {
        self.sender.poll_close_unpin(task)
    }
}

#[trace_stage]
fn connection()
-> impl Stream<Item = Result<u32, String>> + Sink<u32, Error = mpsc::SendError> + Unpin {
    Echo::new()
}

#[trace_llm_call(provider = "local", model = "voice", usage = |number| (0_u32, *number))]
async fn session() -> Result<
    impl Stream<Item = Result<u32, String>> + Sink<u32, Error = mpsc::SendError> + Send + Unpin,
    String,
> {
    work(1).await?;
    Ok(Echo::new())
}

/// It is both, but here it is a sink alone.
#[trace_stage]
fn only_a_sink() -> impl Sink<u32, Error = mpsc::SendError> + Unpin {
    Echo::new()
}

const SENT: &str = "  sent error.type=\"cancelled\"\n";

#[tokio::test]
async fn a_connection_lasts_to_the_last_item_of_its_stream() {
    let ((), trace) = watch(async {
        let mut session = session().await.unwrap();
        session.send(3).await.unwrap();
        assert_eq!(session.next().await, Some(Ok(3)));
        session.send(4).await.unwrap();
        session.close().await.unwrap();
        assert_eq!(session.next().await, Some(Ok(4)));
        assert_eq!(session.next().await, None);
    })
    .await;
    assert_eq!(
        trace.tree_with(&KEYS),
        format!(
            "chat voice <client> spanline.stream.chunks=2 spanline.sink.items=2 \
             gen_ai.usage.output_tokens=4 gen_ai.request.stream=true\n{SENT}{SENT}  work\n"
        )
    );
}

#[tokio::test]
async fn an_error_of_either_direction_is_the_outcome() {
    let ((), trace) = watch(async {
        let mut large = connection();
        large.send(10).await.unwrap();
        assert!(large.next().await.unwrap().is_err());
        let mut closed = connection();
        closed.close().await.unwrap();
        assert!(closed.send(1).await.is_err());
    })
    .await;
    let gone = "futures_channel::mpsc::SendError";
    assert_eq!(
        trace.tree_with(&KEYS),
        format!(
            "connection error \"large\" error.type=\"_OTHER\" spanline.stream.chunks=1 \
             spanline.sink.items=1\n{SENT}\
             connection error \"send failed because receiver is gone\" error.type=\"{gone}\" \
             spanline.stream.chunks=0 spanline.sink.items=0\n"
        )
    );
}

#[tokio::test]
async fn a_connection_that_is_dropped_is_ok_if_it_has_closed() {
    let ((), trace) = watch(async {
        let mut closed = connection();
        closed.close().await.unwrap();
        drop(closed);
        let mut flushed = connection();
        flushed.send(1).await.unwrap();
        drop(flushed);
    })
    .await;
    assert_eq!(
        trace.tree_with(&KEYS),
        format!(
            "connection error.type=\"abandoned\" spanline.stream.chunks=0 spanline.sink.items=1\n\
             {SENT}connection spanline.stream.chunks=0 spanline.sink.items=0\n"
        )
    );
}

#[tokio::test]
async fn what_is_both_but_said_to_be_a_sink_is_a_sink() {
    let ((), trace) = watch(async {
        only_a_sink().send(1).await.unwrap();
    })
    .await;
    assert_eq!(trace.tree_with(&KEYS), format!("only_a_sink spanline.sink.items=1\n{SENT}"));
}
