//! The layers that pipelines are built of, each as a small program of its architecture.
#![allow(
    clippy::panic,
    clippy::unused_async,
    clippy::unwrap_used,
    reason = "programs as users write them"
)]

mod agent_loop;
mod engine;
mod graph;
mod grpc;
mod messages;
mod metrics;
mod router;
