//! What an annotated call costs while telemetry is not set up; this process never sets it up.
#![cfg(test)]

use std::cell::Cell;
use std::convert::Infallible;
use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use allocation_counter::measure;
use futures::sink::{Sink, SinkExt as _};
use futures::stream::{Stream, StreamExt as _};
use spanline::{LlmCall, Pipeline, Stage, Usage, trace_llm_call, trace_pipeline, trace_stage};

thread_local! {
    static ARGUMENTS: Cell<u32> = const { Cell::new(0) };
}

fn argument() -> String {
    ARGUMENTS.set(ARGUMENTS.get() + 1);
    String::from("an argument")
}

#[trace_pipeline("answer", run_id = argument())]
async fn answer() -> Result<u8, std::num::ParseIntError> {
    Ok(prepare(1) + complete().await?)
}

#[trace_stage("prepare", attributes(argument = argument()))]
fn prepare(number: u8) -> u8 {
    spanline::current().set("number", number).event("prepared", [("number", number)]);
    number
}

#[trace_llm_call(provider = argument(), model = argument(), usage = |_| (1, 1))]
async fn complete() -> Result<u8, std::num::ParseIntError> {
    "2".parse()
}

struct Reply {
    chunks: Pin<Box<dyn Stream<Item = u8> + Send>>,
}

#[trace_llm_call(provider = argument(), stream = |reply| {
    drop(argument());
    &mut reply.chunks
})]
async fn streamed() -> Result<Reply, std::num::ParseIntError> {
    Ok(Reply { chunks: Box::pin(Nothing) })
}

#[trace_stage(attributes(argument = argument()))]
fn boxed_sink() -> Pin<Box<dyn Sink<u8, Error = Infallible>>> {
    Box::pin(Nothing)
}

#[trace_stage(attributes(argument = argument()))]
fn sink() -> impl Sink<u8, Error = Infallible> + Unpin {
    Nothing
}

#[trace_stage(attributes(argument = argument()))]
fn future() -> Box<dyn Future<Output = u8> + Unpin> {
    Box::new(std::future::pending())
}

/// A stream and a sink of no size: a box of it is no allocation, but one of what wraps it would be.
struct Nothing;

impl Stream for Nothing {
    type Item = u8;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u8>> {
        Poll::Ready(None)
    }
}

impl Sink<u8> for Nothing {
    type Error = Infallible;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn start_send(self: Pin<&mut Self>, _: u8) -> Result<(), Infallible> {
        Ok(())
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }
}

#[trace_llm_call(provider = argument())]
async fn reply() -> Result<Usage, std::num::ParseIntError> {
    Ok(Usage::new(1, 1))
}

#[trace_llm_call(
    provider = argument(),
    system_instructions = argument(),
    input_messages = argument(),
    tool_definitions = argument(),
    output_messages = |_| argument()
)]
async fn with_content() -> Result<u8, std::num::ParseIntError> {
    spanline::current().input_messages("a question").output_messages("an answer");
    "2".parse()
}

fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("nothing here waits"),
    }
}

#[test]
fn not_set_up_nothing_is_allocated_and_no_argument_is_read() {
    assert!(!spanline::is_enabled());
    let work = || {
        assert_eq!(ready(answer()), Ok(3));
        assert_eq!(ready(with_content()), Ok(2));
        assert_eq!(ready(reply()), Ok(Usage::new(1, 1)));
        let built = Stage::new("built").kind("kind").attribute("number", 1);
        assert_eq!(ready(built.run(async { Ok::<_, std::fmt::Error>(4) })), Ok(4));
        LlmCall::new("openai", "m").temperature(0.5).start().end();
        let limited = Pipeline::new("limited").max_cost_usd(0.5).max_total_tokens(1);
        limited.run_blocking(spanline::check_budget).unwrap();
        assert_eq!(spanline::current().usage((1, 1)).cost_usd("0.1").totals(), None);
        assert_eq!(ready(spanline::attempt(async { Ok::<_, std::fmt::Error>(5) })), Ok(5));
        assert_eq!(spanline::attempt_blocking(|| Ok::<_, std::fmt::Error>(6)), Ok(6));
        let in_scope = || spanline::scope().session("s").tag("t").property("p", 1);
        assert_eq!(ready(in_scope().run(async { 5 })), 5);
        assert_eq!(in_scope().run_blocking(|| spanline::current().session()), None);
        assert_eq!(ready(ready(streamed()).unwrap().chunks.next()), None);
        assert_eq!(ready(boxed_sink().send(1)), Ok(()));
        assert_eq!(ready(sink().send(1)), Ok(()));
        let built = pin!(Stage::new("built").run_sink(Nothing));
        assert_eq!(ready({ built }.close()), Ok(()));
        drop(future());
    };
    // What a thread makes once for itself is no cost of a call.
    work();
    assert_eq!(measure(work).count_total, 0);
    assert_eq!(ARGUMENTS.get(), 0);
    assert!(measure(|| drop(argument())).count_total > 0, "the measure measures");
}
