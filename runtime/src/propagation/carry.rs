//! Work that runs elsewhere in this process, in the context it was made in.

use std::future::Future;

use opentelemetry::Context;
use opentelemetry::context::FutureExt;

/// A closure that runs in the trace context that is current now, on whatever thread: for
/// `std::thread`, thread pools and blocking tasks.
///
/// Calling an annotated `async fn` needs none of this: it takes its parent when it is called.
///
/// ```
/// use spanline::{Stage, carry};
///
/// Stage::new("parent").run_blocking_with(
///     || {
///         let child = || Stage::new("child").run_blocking_with(|| 7, |_, _| ());
///         std::thread::spawn(carry(child)).join()
///     },
///     |_, _| (),
/// );
/// ```
pub fn carry<T>(work: impl FnOnce() -> T) -> impl FnOnce() -> T {
    let context = Context::current();
    move || {
        let _attached = context.attach();
        work()
    }
}

/// A future that runs in the trace context that is current now, wherever it is polled: for spawned
/// blocks that start spans of their own.
///
/// ```
/// use spanline::{Stage, carry_future};
///
/// # async fn example() {
/// let work = async { Stage::new("child").run_with(async { 7 }, |_, _| ()).await };
/// let task = carry_future(work); // hand it to `spawn`
/// # task.await;
/// # }
/// ```
pub fn carry_future<F: Future>(work: F) -> impl Future<Output = F::Output> {
    work.with_current_context()
}
