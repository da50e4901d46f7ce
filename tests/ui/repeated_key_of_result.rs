//! An attribute is set from the arguments or from the result.
use spanline::trace_stage;

#[trace_stage(attributes(hits = 1), result(hits = |hits| *hits, "hits" = |_| 2))]
//~                                        ^^^^ `hits` is given twice
//~                                                             ^^^^^^ `hits` is given twice
fn retrieve() -> usize { 1 }

struct Store;

#[trace_stage(result("a.b" = |_| 1), attributes(a.b = 1))]
//~                                             ^ `a.b` is given twice
impl Store {
    fn get(&self) {}
}

fn main() {}
