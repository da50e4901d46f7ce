//! Not a function.
use spanline::trace_stage;

#[trace_stage] use std::fmt::Debug as Shown;
//~            ^^^ `#[trace_stage]` goes on a function, a method, an `impl` or a `trait`
fn show(_: impl Shown) {}

fn main() {}
