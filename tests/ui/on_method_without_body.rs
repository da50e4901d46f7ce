//! There is nothing to trace.
use spanline::trace_stage;

trait Finder {
    #[trace_stage] fn find(&self) -> u32;
//~                                     ^ there is no body to trace; put `#[trace_stage]` where the body is
    #[trace_stage("default")]
    async fn find_async(&self) -> u32 where Self: Sized;
//~                                                    ^ there is no body to trace; put `#[trace_stage]` where the body is
}

fn main() {}
