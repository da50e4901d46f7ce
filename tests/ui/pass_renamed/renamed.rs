//! A crate that knows the library by another name.
#![deny(warnings, unused)]
#![allow(dead_code)]

use telemetry::{ErrorType, trace_llm_call, trace_pipeline, trace_span, trace_stage};

mod again {
    pub use telemetry as exported;
}

#[trace_pipeline(crate = ::telemetry)]
async fn pipeline() {}

#[trace_stage("stage", crate = telemetry, attributes(number))]
async fn stage(number: u32) {}

#[trace_llm_call(
    crate = crate::again::exported,
    provider = "openai",
    operation = "embeddings",
    usage = |_| (1_u32, 1_u32),
)]
fn call() {}

#[trace_span(name = text, crate = self::again::exported, kind = "client")]
fn span(text: &str) {
    drop(text.to_owned());
}

#[derive(Debug, ErrorType)]
#[error_type(crate = telemetry)]
struct Limited;

impl std::fmt::Display for Limited {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("limited")
    }
}

impl std::error::Error for Limited {}

#[trace_stage(crate = telemetry, err = debug, result(done = |()| true))]
fn limited() -> Result<(), Limited> {
    Err(Limited)
}

fn main() {}
