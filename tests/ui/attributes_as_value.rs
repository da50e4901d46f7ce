//! A list is written with parentheses.
use spanline::trace_stage;

#[trace_stage(attributes = 3)]
//~           ^^^^^^^^^^ `attributes` is a list; write `attributes(key = value, …)`
async fn retrieve() {}

fn main() {}
