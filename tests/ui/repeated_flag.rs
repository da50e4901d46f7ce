//! Flags too.
use spanline::trace_stage;

#[trace_stage("a", root, root)]
//~                      ^^^^ `root` is given twice
async fn retrieve() {}

fn main() {}
