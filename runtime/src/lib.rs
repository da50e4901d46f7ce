//! Attribute macros that trace LLM pipelines on OpenTelemetry.
#![cfg_attr(
    not(feature = "telemetry"),
    allow(dead_code, reason = "without `telemetry` nothing turns the recording side on")
)]

#[doc(hidden)]
pub mod __private;
mod error;
#[cfg(feature = "telemetry")]
mod export;
#[cfg(feature = "telemetry")]
mod metrics;
mod operation;
mod propagation;
mod semconv;
mod span;
#[cfg(feature = "telemetry")]
mod telemetry;
mod usage;

pub use error::Error;
pub use opentelemetry;
pub use operation::llm_call::{LlmCall, LlmOperation};
pub use operation::pipeline::Pipeline;
pub use operation::span::SpanBuilder;
pub use operation::stage::Stage;
pub use propagation::{
    Headers, HeadersMut, Links, Parent, TraceContext, extract, inject, inject_context,
};
pub use span::current::{Current, current};
pub use span::guard::{Attached, SpanGuard};
pub use span::outcome::{ErrorType, Outcome};
pub use span::probe::RecordError;
pub use span::sampler::Sampler;
pub use spanline_macros::{trace_llm_call, trace_pipeline, trace_span, trace_stage};
pub use span::value::{AttributeValue, Flag, Integer, Number, Text, TextList};
#[cfg(feature = "telemetry")]
pub use telemetry::{
    Telemetry,
    builder::TelemetryBuilder,
    env::ExporterName,
    health::{ExporterHealth, Health},
    init,
    settings::Protocol,
};
pub use usage::tokens::{IntoUsage, Usage};
