//! Borrow errors are in the body.
use spanline::trace_stage;

#[trace_stage]
async fn answer(text: String) -> usize {
    drop(text);
    text.len()
//~ ^^^^ borrow of moved value: `text`: value borrowed here after move
}

fn main() {}
