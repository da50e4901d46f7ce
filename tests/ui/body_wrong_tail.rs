//! The tail, not the attribute.
use spanline::trace_stage;

#[trace_stage]
async fn answer() -> String {
    1
//~ ^ mismatched types: expected `String`, found integer
}

#[trace_stage]
fn blocking() -> String {
    2
//~ ^ mismatched types: expected `String`, found integer
}

fn main() {}
