//! A path without quotes.
use spanline::trace_stage;

#[trace_stage(crate = "spanline")]
//~                   ^^^^^^^^^^ expected a path; write `crate = ::path::to::spanline`
async fn retrieve() {}

fn main() {}
