#![doc = include_str!("docs/crate.md")]
#![cfg_attr(
    not(feature = "telemetry"),
    allow(dead_code, reason = "without `telemetry` nothing turns the recording side on")
)]

#[doc(hidden)]
pub mod __private;
mod content;
mod error;
mod evaluation;
#[cfg(feature = "telemetry")]
mod export;
#[cfg(fuzzing)]
mod fuzzing;
mod identity;
#[cfg(feature = "telemetry")]
mod metrics;
mod operation;
mod propagation;
mod semconv;
mod span;
#[cfg(feature = "telemetry")]
mod telemetry;
mod usage;

#[cfg(feature = "telemetry")]
pub use content::choice::{ContentCapture, ContentMode};
#[cfg(feature = "telemetry")]
pub use content::mask::Mask;
#[cfg(feature = "content")]
pub use content::message::{Message, Part};
#[cfg(all(feature = "content", feature = "telemetry"))]
pub use content::span_content::{SpanAssociations, SpanContent};
pub use content::{IntoContent, IntoInstructions, IntoMessages};
pub use error::Error;
pub use evaluation::{Evaluation, evaluate};
#[cfg(feature = "telemetry")]
pub use export::tail::{
    figures::TailSamplingHealth, sampling::TailSampling, summary::TraceSummary,
};
pub use identity::scope::{Scope, scope};
pub use opentelemetry;
pub use operation::agent::Agent;
pub use operation::llm_call::{LlmCall, LlmOperation};
pub use operation::pipeline::Pipeline;
pub use operation::retrieval::Retrieval;
pub use operation::span::SpanBuilder;
pub use operation::stage::Stage;
pub use operation::tool::Tool;
pub use propagation::carry::{carry, carry_future};
pub use propagation::envelope::Envelope;
pub use propagation::reference::{InvalidSpanReference, SpanReference};
pub use propagation::{
    Headers, HeadersMut, Links, Parent, TraceContext, extract, inject, inject_context, inject_for,
};
pub use span::attempt::{attempt, attempt_blocking};
pub use span::attributes::EventAttributes;
pub use span::budget::{BudgetExceeded, check_budget};
pub use span::current::{Current, current};
pub use span::detail::ErrorDetail;
pub use span::dispatch::is_enabled;
pub use span::guard::{Attached, SpanGuard};
pub use span::outcome::{ErrorType, Outcome};
pub use span::probe::RecordError;
pub use span::rollup::Totals;
pub use span::sampler::Sampler;
pub use span::trace_start::TraceStart;
pub use span::value::{AttributeValue, Flag, Integer, Number, Text, TextList};
#[cfg(feature = "telemetry")]
pub use telemetry::{
    Telemetry,
    builder::TelemetryBuilder,
    check::{CheckReport, ExporterCheck},
    diagnosis::{Diagnosis, Finding},
    env::ExporterName,
    health::{ExporterHealth, Health, SpoolHealth},
    init,
    overload::DropFirst,
    settings::{Convention, Propagator, Protocol},
};
pub use usage::money::Amount;
pub use usage::price::Price;
pub use usage::reply::{LlmResponse, Reply};
#[cfg(feature = "json")]
pub use usage::shape::json;
pub use usage::tokens::{IntoUsage, Usage, summed};

#[doc = include_str!("docs/derive_error_type.md")]
pub use spanline_macros::ErrorType;
#[doc = include_str!("docs/llm_response.md")]
pub use spanline_macros::LlmResponse;
#[doc = include_str!("docs/trace_agent.md")]
#[doc = include_str!("docs/common_arguments.md")]
pub use spanline_macros::trace_agent;
#[doc = include_str!("docs/trace_llm_call.md")]
#[doc = include_str!("docs/common_arguments.md")]
pub use spanline_macros::trace_llm_call;
#[doc = include_str!("docs/trace_pipeline.md")]
#[doc = include_str!("docs/common_arguments.md")]
pub use spanline_macros::trace_pipeline;
#[doc = include_str!("docs/trace_retrieval.md")]
#[doc = include_str!("docs/common_arguments.md")]
pub use spanline_macros::trace_retrieval;
#[doc = include_str!("docs/trace_span.md")]
#[doc = include_str!("docs/common_arguments.md")]
pub use spanline_macros::trace_span;
#[doc = include_str!("docs/trace_stage.md")]
#[doc = include_str!("docs/common_arguments.md")]
pub use spanline_macros::trace_stage;
#[doc = include_str!("docs/trace_tool.md")]
#[doc = include_str!("docs/common_arguments.md")]
pub use spanline_macros::trace_tool;
