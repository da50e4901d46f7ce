//! Not a function, although `const fn` begins alike.
use spanline::trace_stage;

#[trace_stage] const ANSWER: u32 = 42;
//~            ^^^^^ `#[trace_stage]` goes on a function or a method

#[trace_stage] static QUESTION: &str = "";
//~            ^^^^^^ `#[trace_stage]` goes on a function or a method

#[trace_stage] type Answer = u32;
//~            ^^^^ `#[trace_stage]` goes on a function or a method

fn main() {}
