//! One function, one span.
use spanline::trace_stage;

#[trace_stage] #[spanline::trace_llm_call(provider = "openai")] async fn answer() {}
//~              ^^^^^^^^^^^^^^^^^^^^^^^^ a function has one span; put `#[spanline::trace_llm_call]` on a function of its own

fn main() {}
