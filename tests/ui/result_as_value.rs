//! A list is written with parentheses, and each of its entries is a function.
use spanline::trace_stage;

#[trace_stage(result = 3)]
//~           ^^^^^^ `result` is a list; write `result(key = |value| …, …)`
fn value() {}

#[trace_stage(result(hits, a-b = len))]
//~                  ^^^^ `hits` needs a function; write `hits = |value| …`
//~                         ^ only dots join the parts of a name; write it as a string, `"a-key" = |value| …`
fn retrieve(hits: usize) -> usize { hits }

fn main() {}
