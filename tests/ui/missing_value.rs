//! At the end.
use spanline::trace_stage;

#[trace_stage(kind = )]
//~           ^^^^ `kind` needs a value; write `kind = …`
async fn retrieve() {}

fn main() {}
