//! Tags are a list.
use spanline::trace_pipeline;

#[trace_pipeline(tags = "beta")]
//~                     ^^^^^^ expected a list of texts, found `str`
async fn answer() {}

fn main() {}
