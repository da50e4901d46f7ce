//! As without the attribute.
#![deny(unused)]
#![allow(dead_code)]
use spanline::trace_stage;

#[trace_stage]
fn retrieve() -> Result<u32, String> { Ok(1) }

#[trace_stage]
async fn answer() -> Result<u32, String> {
    retrieve();
//~ ^^^^^^^^^^ unused `Result` that must be used
    answer();
//~ ^^^^^^^^ unused implementer of `Future` that must be used
    Ok(1)
}

fn main() {}
