//! Not a function.
use spanline::trace_stage;

#[trace_stage] mod inner { pub fn find() {} }
//~            ^^^ `#[trace_stage]` goes on a function, a method, an `impl` or a `trait`

fn use_it() { inner::find() }

fn main() {}
