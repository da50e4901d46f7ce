//! An early return.
use spanline::trace_stage;

#[trace_stage]
async fn answer(question: bool) -> Result<u32, String> {
    if question {
        return 5;
//~            ^ mismatched types: expected `Result<u32, String>`, found integer
    }
    Ok(1)
}

fn main() {}
