//! The semicolon is at fault.
use spanline::trace_stage;

#[trace_stage]
async fn answer() -> u32 { 1 + 1; }
//~                      ^^^^^^^^^^ mismatched types: expected `u32`, found `()`

#[trace_stage]
fn blocking() -> u32 { 2 + 2; }
//~              ^^^ mismatched types: expected `u32`, found `()`

fn main() {}
