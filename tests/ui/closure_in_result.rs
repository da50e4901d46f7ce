//! Inside of a `Result` a closure has to say itself what it takes.
use spanline::trace_stage;

#[trace_stage]
fn counter() -> Result<impl Fn(&str) -> usize, String> { Ok(|text| text.len()) }
//~                                                          ^^^^ type annotations needed

fn main() {}
