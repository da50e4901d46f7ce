//! A plain function is not awaited.
use spanline::trace_stage;

#[trace_stage]
fn answer() -> u32 { 1 }

async fn ask() -> u32 { answer().await }
//~                              ^^^^^ `u32` is not a future: `u32` is not a future

fn main() {}
