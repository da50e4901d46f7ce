//! Not a function.
use spanline::trace_stage;

#[trace_stage] mod inner { pub fn find() {} }
//~            ^^^ `#[trace_stage]` goes on a function or a method

fn use_it() { inner::find() }

fn main() {}
