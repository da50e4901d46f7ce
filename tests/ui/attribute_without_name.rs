//! An empty one.
use spanline::trace_stage;

#[trace_stage(attributes("" = 1))]
//~                      ^^ the attribute has no name
async fn retrieve() {}

fn main() {}
