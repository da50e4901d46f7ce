//! A name is text.
use spanline::trace_stage;

#[trace_stage(name = number)]
//~                  ^^^^^^ the trait bound `u32: AsRef<str>` is not satisfied
async fn retrieve(number: u32) -> u32 { number }

fn main() {}
