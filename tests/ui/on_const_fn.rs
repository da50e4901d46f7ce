//! There is no clock in it.
use spanline::trace_stage;

#[trace_stage] const fn answer() -> u32 { 42 }
//~            ^^^^^ a `const fn` cannot be traced: a span needs a clock

#[trace_stage] pub const unsafe fn again() -> u32 { 42 }
//~                ^^^^^ a `const fn` cannot be traced: a span needs a clock

fn main() {}
