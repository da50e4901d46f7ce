//! A span has a name.
use spanline::{trace_pipeline, trace_stage};

#[trace_stage("")]
//~           ^^ the name is empty; leave it out to use the function's name
async fn retrieve() {}

#[trace_pipeline(name = "  ")]
//~                     ^^^^ the name is empty; leave it out to use the function's name
async fn answer() {}

fn main() {}
