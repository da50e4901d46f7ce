//! What an annotated call costs while telemetry is not set up; this process never sets it up.
#![cfg(test)]

use std::cell::Cell;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use allocation_counter::measure;
use spanline::{LlmCall, Pipeline, Stage, trace_llm_call, trace_pipeline, trace_stage};

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
        let built = Stage::new("built").kind("kind").attribute("number", 1);
        assert_eq!(ready(built.run(async { Ok::<_, std::fmt::Error>(4) })), Ok(4));
        LlmCall::new("openai", "m").temperature(0.5).start().end();
        let limited = Pipeline::new("limited").max_cost_usd(0.5).max_total_tokens(1);
        limited.run_blocking(spanline::check_budget).unwrap();
        assert_eq!(spanline::current().usage((1, 1)).cost_usd("0.1").totals(), None);
        assert_eq!(ready(spanline::attempt(async { Ok::<_, std::fmt::Error>(5) })), Ok(5));
        assert_eq!(spanline::attempt_blocking(|| Ok::<_, std::fmt::Error>(6)), Ok(6));
    };
    // What a thread makes once for itself is no cost of a call.
    work();
    assert_eq!(measure(work).count_total, 0);
    assert_eq!(ARGUMENTS.get(), 0);
    assert!(measure(|| drop(argument())).count_total > 0, "the measure measures");
}
