//! What happens where more is recorded than exporters take.

/// What is dropped first where a queue is full: `SPANLINE_DROP_FIRST`. Whatever is dropped is counted in
/// [`Health`](crate::Health).
///
/// ```no_run
/// # #[cfg(feature = "telemetry")]
/// # fn main() -> Result<(), spanline::Error> {
/// use spanline::{DropFirst, Telemetry};
///
/// let telemetry = Telemetry::builder()
///     .drop_first(DropFirst::LeastValuable)
///     .queue_bytes(16 * 1024 * 1024)
///     .init()?;
/// # drop(telemetry);
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "telemetry"))]
/// # fn main() {}
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum DropFirst {
    /// `newest`: what comes finds no room, as the specification has it. Costs least: what is dropped is
    /// dropped by the thread that made it.
    #[default]
    Newest,
    /// `oldest`: what has waited longest gives way to what comes.
    Oldest,
    /// `least_valuable`: spans that are neither a root nor an error give way first, and log records below a
    /// warning; the oldest of them before the others.
    LeastValuable,
}

/// How much may wait beside the numbers of spans and log records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Overload {
    /// For each exporter, and on the way from the threads.
    pub(crate) bytes: usize,
    pub(crate) drop_first: DropFirst,
}
