//! Attribute macros that trace LLM pipelines on OpenTelemetry.
#![cfg_attr(
    not(feature = "telemetry"),
    allow(dead_code, reason = "without `telemetry` nothing turns the recording side on")
)]

mod error;
#[cfg(feature = "telemetry")]
mod export;
mod semconv;
#[cfg(feature = "telemetry")]
mod telemetry;

pub use error::Error;
pub use opentelemetry;
