//! Each method by itself.
use spanline::trace_stage;

struct Store;

#[trace_stage] impl Store { fn find(&self) {} }
//~            ^^^^ `#[trace_stage]` goes on a function or a method; put it on each method

trait Finder {}

#[trace_stage] unsafe impl Send for Kept {}
//~                   ^^^^ `#[trace_stage]` goes on a function or a method; put it on each method

struct Kept(*const u32);

fn main() {}
