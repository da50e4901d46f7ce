//! An argument that mentions what is not there.
use spanline::trace_stage;

#[trace_stage(attributes(limit = limits))]
//~                              ^^^^^^ cannot find value `limits` in this scope
async fn retrieve(limit: usize) -> usize { limit }

fn main() {}
