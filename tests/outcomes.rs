//! What a function's end tells its span and its metrics.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::redundant_closure_for_method_calls,
    clippy::unused_async,
    reason = "programs as users write them"
)]

#[path = "outcomes/cancelled.rs"]
mod cancelled;
#[path = "outcomes/detail.rs"]
mod detail;
#[path = "outcomes/error.rs"]
mod error;
#[path = "outcomes/named.rs"]
mod named;
#[path = "outcomes/panicked.rs"]
mod panicked;
#[path = "outcomes/result.rs"]
mod result;
#[path = "outcomes/retry.rs"]
mod retry;
#[path = "outcomes/value.rs"]
mod value;
