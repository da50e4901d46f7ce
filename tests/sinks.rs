//! Sinks: a span lasts until everything is sent.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::unused_async,
    clippy::unnecessary_wraps,
    reason = "programs as users write them"
)]

#[path = "sinks/builders.rs"]
mod builders;
#[path = "sinks/duplex.rs"]
mod duplex;
#[path = "sinks/outcomes.rs"]
mod outcomes;
#[path = "sinks/shapes.rs"]
mod shapes;

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures::FutureExt as _;
use futures::future::BoxFuture;
use futures::sink::Sink;
use spanline::trace_span;

/// What a span tells of its sink.
const KEYS: [&str; 2] = ["error.type", "spanline.sink.items"];

/// Work for one item.
#[trace_span]
async fn work(number: u32) -> Result<(), String> {
    tokio::task::yield_now().await;
    if number > 9 { Err(format!("{number} is too large")) } else { Ok(()) }
}

/// Works for each item when it is flushed, one after the other.
#[derive(Default)]
struct Worker {
    items: VecDeque<u32>,
    work: Option<BoxFuture<'static, Result<(), String>>>,
}

impl Sink<u32> for Worker {
    type Error = String;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), String>> {
        Poll::Ready(Ok(()))
    }

    fn start_send(mut self: Pin<&mut Self>, item: u32) -> Result<(), String> {
        assert!(item != 13, "thirteen");
        self.items.push_back(item);
        Ok(())
    }

    fn poll_flush(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Result<(), String>> {
        loop {
            if let Some(work) = &mut self.work {
                let done = ready!(work.poll_unpin(task));
                self.work = None;
                done?;
            }
            match self.items.pop_front() {
                Some(item) => self.work = Some(work(item).boxed()),
                None => return Poll::Ready(Ok(())),
            }
        }
    }

    fn poll_close(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Result<(), String>> {
        self.poll_flush(task)
    }
}
