//! Only what has a body.
use spanline::trace_stage;

#[trace_stage] trait Finder { fn find(&self); }
//~            ^^^^^ there is no method with a body to trace

fn main() {}
