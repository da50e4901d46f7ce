//! Not a function, although `const fn` begins alike.
use spanline::trace_stage;

#[trace_stage] const ANSWER: u32 = 42;
//~            ^^^^^ `#[trace_stage]` goes on a function, a method, an `impl` or a `trait`

#[trace_stage] static QUESTION: &str = "";
//~            ^^^^^^ `#[trace_stage]` goes on a function, a method, an `impl` or a `trait`

#[trace_stage] type Answer = u32;
//~            ^^^^ `#[trace_stage]` goes on a function, a method, an `impl` or a `trait`

fn main() {}
