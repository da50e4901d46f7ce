//! First and by key.
use spanline::trace_stage;

#[trace_stage("retrieve", name = "again")]
//~                       ^^^^ `name` is given twice
async fn retrieve() {}

#[trace_stage("answer", "again")]
//~                     ^^^^^^^ the name is given twice
async fn answer() {}

fn main() {}
