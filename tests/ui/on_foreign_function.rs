//! Its body is elsewhere.
use spanline::trace_stage;

unsafe extern "C" {
    #[trace_stage] safe fn getpid() -> i32;
//~                                       ^ there is no body to trace; put `#[trace_stage]` where the body is
    #[trace_stage] fn getenv(name: *const i8) -> *const i8;
//~                                                       ^ there is no body to trace; put `#[trace_stage]` where the body is
}

fn main() {}
