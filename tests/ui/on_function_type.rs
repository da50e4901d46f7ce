//! `fn` without a name is a type.
use spanline::trace_stage;

struct Call {
    call: fn(u32) -> u32,
}

#[trace_stage] type Callback = fn(u32) -> u32;
//~            ^^^^ `#[trace_stage]` goes on a function, a method, an `impl` or a `trait`

fn main() {}
