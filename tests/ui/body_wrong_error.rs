//! The question mark.
use spanline::trace_stage;

#[trace_stage]
async fn answer() -> Result<u32, std::num::ParseIntError> {
    let text = std::fs::read_to_string("x")?;
//~                                        ^ `?` couldn't convert the error to `ParseIntError`: the trait `From<std::io::Error>` is not implemented for `ParseIntError`
    text.parse()
}

fn main() {}
