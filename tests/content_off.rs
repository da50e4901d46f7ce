//! What the arguments of content cost where telemetry is set up and content is not switched on.
#![cfg(test)]

use std::cell::Cell;

use allocation_counter::measure;
use spanline::{Tool, current, trace_tool};
use spanline_tests::telemetry::telemetry;

thread_local! {
    static EVALUATED: Cell<u32> = const { Cell::new(0) };
}

fn argument() -> String {
    EVALUATED.set(EVALUATED.get() + 1);
    String::from("an argument")
}

#[trace_tool("tool")]
fn plain() {}

#[trace_tool("tool", call_arguments = argument(), call_result = |()| argument())]
fn with_content() {
    current().call_arguments("more").call_result("more");
}

fn built() {
    Tool::new("tool").run_blocking_with(|| (), |(), _| ());
}

fn built_with_content() {
    let tool = Tool::new("tool").call_arguments("an argument");
    tool.run_blocking_with(|| (), |(), outcome| outcome.call_result("a result"));
}

/// Allocations of a call, when the thread has made what it makes once.
fn allocations(call: fn()) -> u64 {
    (0..100).for_each(|_| call());
    measure(|| (0..100).for_each(|_| call())).count_total
}

#[test]
fn content_that_is_not_captured_costs_no_allocation() {
    telemetry();
    assert_eq!(allocations(with_content), allocations(plain));
    assert_eq!(allocations(built_with_content), allocations(built));
    assert_eq!(EVALUATED.get(), 0);
}
