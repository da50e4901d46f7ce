//! The end of the process, wherever it comes from: what has ended until then is exported all the same.

use std::cell::OnceCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::PoisonError;

use opentelemetry::Context;

use super::INSTALLED;

/// Shuts down what is installed when it goes.
struct AtExit;

impl Drop for AtExit {
    fn drop(&mut self) {
        // The program's own exporters are asked too; this is no place to panic.
        let _ = catch_unwind(AssertUnwindSafe(shut_down));
    }
}

/// As the handle does that nobody drops any more.
fn shut_down() {
    let installed = INSTALLED.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some(installed) = installed
        && let Err(error) = installed.shut_down()
    {
        installed.notices.error(&error.to_string());
    }
}

/// On the main thread: what the thread holds is dropped by `std::process::exit` too, at least where the C
/// library is glibc, and after `main`, whose handle may be in a static.
pub(super) fn watch_main() {
    thread_local! {
        static AT_EXIT: OnceCell<AtExit> = const { OnceCell::new() };
    }
    if std::thread::current().name() != Some("main") {
        return;
    }
    // OpenTelemetry's storage is there before ours, and so as long as ours.
    drop(Context::current());
    AT_EXIT.with(|at_exit| {
        at_exit.get_or_init(|| AtExit);
    });
}

/// From now on SIGINT and SIGTERM end the process after everything was exported, and a second one at once.
#[cfg(all(unix, feature = "signals"))]
pub(super) fn watch_signals() -> std::io::Result<()> {
    use std::sync::atomic::{AtomicBool, Ordering};

    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    static IS_WATCHED: AtomicBool = AtomicBool::new(false);
    if IS_WATCHED.swap(true, Ordering::SeqCst) {
        return Ok(());
    }
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    let thread = std::thread::Builder::new().name(String::from("spanline-signals"));
    thread.spawn(move || {
        let mut asked = signals.forever();
        let Some(signal) = asked.next() else { return };
        let leave = std::thread::Builder::new().name(String::from("spanline-exit"));
        let leaving = leave.spawn(move || {
            let _ = catch_unwind(AssertUnwindSafe(shut_down));
            end_by(signal);
        });
        if leaving.is_err() {
            end_by(signal);
        }
        asked.by_ref().for_each(end_by);
    })?;
    Ok(())
}

/// As if nobody had waited for it.
#[cfg(all(unix, feature = "signals"))]
fn end_by(signal: i32) {
    let _ = signal_hook::low_level::emulate_default_handler(signal);
    std::process::exit(128 + signal);
}
