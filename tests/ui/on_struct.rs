//! Not a function.
use spanline::trace_stage;

#[trace_stage] struct Stage;
//~            ^^^^^^ `#[trace_stage]` goes on a function, a method, an `impl` or a `trait`

#[trace_stage] enum Kind {}
//~            ^^^^ `#[trace_stage]` goes on a function, a method, an `impl` or a `trait`

#[trace_stage] pub union Either { left: u32, right: f32 }
//~                ^^^^^ `#[trace_stage]` goes on a function, a method, an `impl` or a `trait`

fn main() {}
