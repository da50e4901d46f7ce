//! Only what has a body.
use spanline::trace_stage;

#[trace_stage] trait Finder { fn find(&self); }
//~            ^^^^^ `#[trace_stage]` goes on a function or a method; put it on each method that has a body

fn main() {}
