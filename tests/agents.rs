//! Agents, their tools and their retrievals.
#![allow(
    clippy::panic,
    clippy::unused_async,
    clippy::unwrap_used,
    reason = "programs as users write them"
)]

#[path = "agents/calls.rs"]
mod calls;
#[path = "agents/metrics.rs"]
mod metrics;
#[path = "agents/outcomes.rs"]
mod outcomes;
#[path = "agents/spans.rs"]
mod spans;
#[path = "agents/streams.rs"]
mod streams;
