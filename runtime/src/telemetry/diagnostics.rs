//! Our own messages as events of `tracing`, for whoever looks after a program: feature `diagnostics`.

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    Error,
    Warn,
    Info,
    Debug,
}

/// One event with the target `spanline`. Nothing that comes of it is exported by us: a message about
/// log records would else make log records.
#[cfg(feature = "diagnostics")]
pub(crate) fn tell(level: Level, message: std::fmt::Arguments<'_>) {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    let _suppressed = opentelemetry::Context::enter_telemetry_suppressed_scope();
    // The subscriber is the program's, and the thread may be the one that exports.
    let _ = catch_unwind(AssertUnwindSafe(|| match level {
        Level::Error => tracing::error!(target: "spanline", "{message}"),
        Level::Warn => tracing::warn!(target: "spanline", "{message}"),
        Level::Info => tracing::info!(target: "spanline", "{message}"),
        Level::Debug => tracing::debug!(target: "spanline", "{message}"),
    }));
}

/// Nobody asked for them.
#[cfg(not(feature = "diagnostics"))]
pub(crate) fn tell(_: Level, _: std::fmt::Arguments<'_>) {}
