//! A flag stands alone.
use spanline::trace_stage;

#[trace_stage(root = true)]
//~                  ^^^^ `root` takes no value; write `root` alone
async fn retrieve() {}

fn main() {}
