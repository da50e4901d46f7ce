//! Whom something is for, on every span of it.
#![allow(
    clippy::panic,
    clippy::unused_async,
    clippy::unwrap_used,
    reason = "programs as users write them"
)]

#[path = "identity/cost.rs"]
mod cost;
#[path = "identity/elsewhere.rs"]
mod elsewhere;
#[path = "identity/foreign.rs"]
mod foreign;
#[path = "identity/limits.rs"]
mod limits;
#[path = "identity/mixture.rs"]
mod mixture;
#[path = "identity/operations.rs"]
mod operations;
#[path = "identity/scopes.rs"]
mod scopes;
