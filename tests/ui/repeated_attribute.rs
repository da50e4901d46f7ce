//! Whether dotted or as a string.
use spanline::trace_stage;

#[trace_stage(attributes(a.b = 1, "a.b" = 2))]
//~                               ^^^^^ `a.b` is given twice
async fn retrieve() {}

fn main() {}
