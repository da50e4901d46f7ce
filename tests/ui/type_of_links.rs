//! Contexts.
use spanline::trace_stage;

#[trace_stage(links = 3)]
//~                   ^ `{integer}` cannot be linked to
async fn retrieve() {}

fn main() {}
