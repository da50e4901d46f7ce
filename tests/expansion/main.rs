//! Annotated functions do what their bodies do, recorded or not, and their spans are where they belong.
#![cfg(test)]

#[path = "../support/mod.rs"]
mod support;

mod arguments;
mod blocks;
mod parameters;
mod shapes;
mod tree;

use std::future::Future;
use std::sync::{Mutex, MutexGuard, PoisonError};

use spanline::{ExporterName, Telemetry};

use support::receiver::Receiver;

/// Telemetry is one per process; the tests of this program take turns.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs with nothing set up.
fn unrecorded<T>(work: impl AsyncFnOnce() -> T) -> T {
    let _turn = turn();
    block_on(work())
}

/// Runs, and tells the spans that came out.
fn recorded<T>(work: impl AsyncFnOnce() -> T) -> (T, String) {
    let _turn = turn();
    let receiver = Receiver::start();
    let telemetry = Telemetry::builder()
        .traces_to([ExporterName::Otlp])
        .metrics_to([])
        .console(false)
        .otlp_endpoint(receiver.url())
        .init()
        .unwrap();
    let output = block_on(work());
    telemetry.shutdown().unwrap();
    (output, support::tree::tree(&receiver.spans()))
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
        .block_on(work)
}
