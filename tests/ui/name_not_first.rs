//! A name without its key goes first.
use spanline::trace_stage;

#[trace_stage(kind = "retriever", "retrieve")]
//~                               ^^^^^^^^^^ the name goes first; put it before the other arguments or write `name = …`
async fn retrieve() {}

fn main() {}
