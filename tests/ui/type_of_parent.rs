//! A context.
use spanline::trace_stage;

#[trace_stage(parent = "parent")]
//~                    ^^^^^^^^ `str` cannot be the parent of a span
async fn retrieve() {}

fn main() {}
