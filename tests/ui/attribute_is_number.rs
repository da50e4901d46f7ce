//! Neither a name nor a string.
use spanline::trace_stage;

#[trace_stage(attributes(3 = 1))]
//~                      ^ expected an attribute; write `a.key = value` or `"a-key" = value`
async fn retrieve() {}

fn main() {}
