//! One list holds all.
use spanline::trace_stage;

#[trace_stage(attributes(a = 1), attributes(b = 2))]
//~                              ^^^^^^^^^^ `attributes` is given twice
async fn retrieve() {}

fn main() {}
