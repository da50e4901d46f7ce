//! Something that is not an argument at all.
use spanline::trace_stage;

#[trace_stage("retrieve", + kind = "retriever")]
//~                       ^ expected an argument; write `key = value`
async fn retrieve() {}

fn main() {}
