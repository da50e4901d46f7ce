//! However the value is written.
use spanline::trace_stage;

#[trace_stage("retrieve", root(true))]
//~                       ^^^^ `root` takes no value; write `root` alone
async fn retrieve() {}

fn main() {}
