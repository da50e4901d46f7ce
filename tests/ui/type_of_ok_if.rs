//! A test of the returned value.
use spanline::trace_stage;

#[trace_stage(ok_if = |count: &usize| *count)]
//~                                   ^^^^^^ mismatched types: expected `bool`, found `usize`
async fn retrieve() -> usize { 1 }

fn main() {}
