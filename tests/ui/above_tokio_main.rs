//! That macro asks for the `async` which is gone.
use spanline::trace_pipeline;

mod tokio { pub use std::prelude::v1::test as main; }

#[trace_pipeline] #[tokio::main] async fn answer() {}
//~                 ^^^^^^^^^^^ `#[tokio::main]` must come first; put `#[trace_pipeline]` below it

fn main() {}
