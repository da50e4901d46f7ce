//! What an annotated call costs while telemetry is not set up; this process never sets it up.
#![cfg(test)]

use std::cell::Cell;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use allocation_counter::measure;
use spanline::{LlmCall, Stage, Usage, trace_llm_call, trace_pipeline, trace_stage};

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

#[trace_llm_call(provider = argument())]
async fn reply() -> Result<Usage, std::num::ParseIntError> {
    Ok(Usage::new(1, 1))
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
        assert_eq!(ready(reply()), Ok(Usage::new(1, 1)));
        let built = Stage::new("built").kind("kind").attribute("number", 1);
        assert_eq!(ready(built.run(async { Ok::<_, std::fmt::Error>(4) })), Ok(4));
        LlmCall::new("openai", "m").temperature(0.5).start().end();
        let in_scope = || spanline::scope().session("s").tag("t").property("p", 1);
        assert_eq!(ready(in_scope().run(async { 5 })), 5);
        assert_eq!(in_scope().run_blocking(|| spanline::current().session()), None);
    };
    // What a thread makes once for itself is no cost of a call.
    work();
    assert_eq!(measure(work).count_total, 0);
    assert_eq!(ARGUMENTS.get(), 0);
    assert!(measure(|| drop(argument())).count_total > 0, "the measure measures");
}
