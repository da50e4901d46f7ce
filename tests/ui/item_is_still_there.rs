//! A mistake does not take the function away from its callers.
use spanline::trace_stage;

struct Store;
impl Store {
    #[trace_stage(knid = "retriever")]
//~               ^^^^ unknown argument `knid`; did you mean `kind`?
    async fn retrieve(&self, query: &str) -> usize { query.len() }
}

async fn answer() -> usize { Store.retrieve("question").await }

fn main() {}
