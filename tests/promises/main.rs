//! What whoever knows `tracing::instrument` or `fastrace::trace` takes for granted.
#![allow(
    clippy::panic,
    clippy::trivially_copy_pass_by_ref,
    clippy::unused_async,
    clippy::unwrap_used,
    reason = "programs as users write them"
)]

mod arguments;
mod errors;
mod relations;
mod surroundings;
