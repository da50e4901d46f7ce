//! A crate that knows the library by another name.
#![deny(warnings, unused)]
#![allow(dead_code)]

use telemetry::{trace_llm_call, trace_pipeline, trace_span, trace_stage};

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

fn main() {}
