//! The end of the process, wherever it comes from: what has ended until then is exported all the same.

use std::cell::OnceCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::PoisonError;

use super::INSTALLED;
use crate::span::ambient;

/// Shuts down what is installed in this process when it goes.
struct AtExit {
    process: u32,
}

impl Drop for AtExit {
    fn drop(&mut self) {
        // What was forked has no export thread to wait for.
        if self.process == std::process::id() {
            // The program's own exporters are asked too; this is no place to panic.
            let _ = catch_unwind(AssertUnwindSafe(shut_down));
        }
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
    drop(ambient::current());
    // A thread that is going away keeps nothing more.
    let _ = AT_EXIT.try_with(|at_exit| {
        at_exit.get_or_init(|| AtExit { process: std::process::id() });
    });
}

/// From now on SIGINT and SIGTERM end the process after everything was exported, and a second one at once.
#[cfg(feature = "signals")]
pub(super) fn watch_signals() -> std::io::Result<()> {
    use std::sync::Mutex;
    use std::sync::mpsc::sync_channel;

    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    static IS_WATCHED: Mutex<bool> = Mutex::new(false);
    let mut is_watched = IS_WATCHED.lock().unwrap_or_else(PoisonError::into_inner);
    if *is_watched {
        return Ok(());
    }
    let (ready, started) = sync_channel(1);
    // The thread first: once there are handlers, a signal ends nothing by itself.
    spawn("spanline-signals", move || match Signals::new([SIGINT, SIGTERM]) {
        Err(error) => {
            let _ = ready.send(Err(error));
        }
        Ok(mut signals) => {
            let _ = ready.send(Ok(()));
            let mut asked = signals.forever();
            let Some(signal) = asked.next() else { return };
            let leaving = spawn("spanline-exit", move || {
                let _ = catch_unwind(AssertUnwindSafe(shut_down));
                end_by(signal);
            });
            if leaving.is_err() {
                end_by(signal);
            }
            asked.for_each(end_by);
        }
    })?;
    started.recv().unwrap_or_else(|_| Err(std::io::Error::other("the thread has ended")))?;
    *is_watched = true;
    Ok(())
}

#[cfg(feature = "signals")]
fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
    std::thread::Builder::new().name(name.to_owned()).spawn(run).map(drop)
}

/// As if nobody had waited for it.
#[cfg(feature = "signals")]
fn end_by(signal: i32) {
    let _ = signal_hook::low_level::emulate_default_handler(signal);
    std::process::exit(128 + signal);
}
