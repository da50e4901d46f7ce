//! One program of many scenarios, run by the tests as a process: what only the first `init`, the
//! environment or the end of `main` can show.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::panic,
    reason = "it prints what it saw, and fails where it saw something else"
)]

mod agents;
mod check;
#[cfg(feature = "content")]
mod content;
mod conventions;
mod errors;
mod evaluations;
#[cfg(unix)]
mod exit;
mod headers;
mod limits;
mod masks;
mod overload;
mod rough;
mod sampling;
mod setup;
mod spool;

fn main() {
    let scenario = std::env::args().nth(1).unwrap();
    match scenario.as_str() {
        "agents" => agents::agents(),
        #[cfg(feature = "content")]
        "content-hook" => content::hook(),
        #[cfg(feature = "content")]
        "content-tenants" => content::tenants(),
        #[cfg(feature = "content")]
        "content-panics" => content::panics(),
        #[cfg(feature = "content")]
        "content-shutdown" => content::after_shutdown(),
        "check" => check::check(),
        "check-early" => check::early(),
        "check-again" => check::again(),
        "check-secrets" => check::secrets(),
        "check-inside" => check::inside(),
        "headers" => headers::headers(),
        "spool" => spool::until_killed(),
        "spool-once" => spool::once(),
        "operations" => conventions::operations(),
        "work" => sampling::work(),
        "remote" => sampling::remote(),
        "unsampled-writes" => sampling::unsampled_writes(),
        "unsampled-results" => sampling::unsampled_results(),
        "intervals" => sampling::intervals(),
        "series" => sampling::series(),
        "attributes" => limits::attributes(),
        "attributes-in-scope" => limits::attributes_in_scope(),
        "lengths" => limits::lengths(),
        "events-and-links" => limits::events_and_links(),
        "large-in-small-queue" => limits::large_in_small_queue(),
        "masks" => masks::masks(),
        "overload" => overload::overload(),
        "cancelled" => limits::cancelled(),
        "answer" => evaluations::answer(),
        "judge" => evaluations::judge(),
        "errors" => errors::errors(),
        "errors-in-code" => errors::in_code(),
        #[cfg(unix)]
        "exit" => exit::exit(),
        #[cfg(unix)]
        "exit-without-receiver" => exit::exit_without_receiver(),
        #[cfg(unix)]
        "never-dropped" => exit::never_dropped(),
        #[cfg(unix)]
        "begun-elsewhere" => exit::begun_elsewhere(),
        #[cfg(unix)]
        "signal" => exit::signal(),
        #[cfg(unix)]
        "signal-while-stalled" => exit::signal_while_stalled(),
        "second-init" => setup::second_init(),
        "again" => setup::again(),
        "disabled" => setup::disabled(),
        "dropped" => setup::dropped(),
        "panics" => setup::panics(),
        "flushes" => setup::flushes(),
        "late" => setup::late(),
        "overflow" => setup::overflow(),
        "busy" => setup::busy(),
        "unset" => setup::unset(),
        "health" => setup::health(),
        "still-running" => setup::still_running(),
        "thread-ends" => rough::thread_ends(),
        "callback-flushes" => rough::callback_flushes(),
        "callback-panics" => rough::callback_panics(),
        "callback-hangs" => rough::callback_hangs(),
        "forever" => rough::forever(),
        "shutdown-twice" => rough::shutdown_twice(),
        "init-during-shutdown" => rough::init_during_shutdown(),
        "flush-stalled" => rough::flush_stalled(),
        "many-flushes" => rough::many_flushes(),
        "flush-under-load" => rough::flush_under_load(),
        #[cfg(target_os = "linux")]
        "many-threads" => rough::many_threads(),
        #[cfg(target_os = "linux")]
        "long-span" => rough::long_span(),
        "many-keys" => rough::many_keys(),
        "name-that-writes" => rough::name_that_writes(),
        "status-is-final" => rough::status_is_final(),
        #[cfg(target_os = "linux")]
        "metrics-stalled" => rough::metrics_stalled(),
        "races" => rough::races(),
        "extremes" => rough::extremes(),
        other => panic!("no scenario `{other}`"),
    }
}
