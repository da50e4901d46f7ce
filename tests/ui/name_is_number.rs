//! A name is text.
use spanline::trace_stage;

#[trace_stage(3)]
//~           ^ the name is text; write a string
async fn retrieve() {}

#[trace_stage(name = true)]
//~                  ^^^^ the name is text; write a string
async fn answer() {}

fn main() {}
