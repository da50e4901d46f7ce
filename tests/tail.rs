//! Traces that are kept or dropped when they have ended: which rule keeps what, whole or not at all.
#![cfg(test)]
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test stops at what it did not expect")]

#[path = "tail/bounds.rs"]
mod bounds;
#[path = "tail/others.rs"]
mod others;
#[path = "tail/rules.rs"]
mod rules;
#[path = "tail/threads.rs"]
mod threads;

use std::fs::File;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use spanline::{
    ExporterName, LlmCall, Pipeline, Stage, TailSampling, TailSamplingHealth, Telemetry,
    TelemetryBuilder,
};
use spanline_tests::lines::Lines;
use tempfile::TempDir;

/// Telemetry is one per process; the tests take turns.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One set-up, and what it writes.
struct Run {
    telemetry: Telemetry,
    folder: TempDir,
    _turn: MutexGuard<'static, ()>,
}

/// Spans, metrics and log records to a file.
fn start(sampling: TailSampling) -> Run {
    start_with(|builder| builder.tail_sampling(sampling))
}

fn start_with(settings: impl FnOnce(TelemetryBuilder) -> TelemetryBuilder) -> Run {
    let turn = turn();
    let folder = tempfile::tempdir().unwrap();
    let builder = Telemetry::builder()
        .service_name("tail")
        .traces_to([ExporterName::File])
        .metrics_to([ExporterName::File])
        .logs_to([ExporterName::File])
        .file(folder.path().join("telemetry.jsonl"))
        .shutdown_timeout(Duration::from_secs(60));
    let telemetry = settings(builder).init().unwrap();
    Run { telemetry, folder, _turn: turn }
}

impl Run {
    fn lines(&self) -> Lines<File> {
        let path = self.folder.path().join("telemetry.jsonl");
        let mut lines = Lines::new(File::open(path).unwrap());
        lines.read();
        lines
    }

    /// The trees of all traces that were kept so far, each root with why.
    fn trees(&self) -> String {
        self.lines().all().tree_with(&["error.type", "spanline.sampling.rule"])
    }

    fn flushed(&self) -> String {
        self.telemetry.flush().unwrap();
        self.trees()
    }

    fn health(&self) -> TailSamplingHealth {
        self.telemetry.health().tail_sampling.unwrap()
    }

    /// What is kept in the end, without anything being lost.
    fn end(self) -> (String, TailSamplingHealth) {
        self.telemetry.shutdown().unwrap();
        let health = self.telemetry.health();
        assert_eq!(health.lost_spans(), 0, "{health}");
        (self.trees(), self.health())
    }
}

fn kept(health: &TailSamplingHealth) -> Vec<(&str, u64)> {
    health.kept_traces.iter().map(|(rule, count)| (rule.as_str(), *count)).collect()
}

/// A trace in which all is well, of two spans.
fn well(name: &'static str) {
    Pipeline::new(name).run_blocking_with(|| stage("work"), |(), _| ());
}

/// One with an error that its root recovers from.
fn recovered(name: &'static str) {
    Pipeline::new(name).run_blocking_with(|| failing("work"), |(), _| ());
}

fn stage(name: &'static str) {
    Stage::new(name).run_blocking_with(|| (), |(), _| ());
}

fn failing(name: &'static str) {
    let _ = Stage::new(name).run_blocking(|| Err::<(), _>(std::fmt::Error));
}

/// One with two calls of half the price each.
fn costing(name: &'static str, dollars: f64) {
    let call = || {
        let call = LlmCall::new("openai", "m").start();
        call.handle().cost_usd(dollars / 2.0);
        call.end();
    };
    Pipeline::new(name).run_blocking_with(|| (call(), call()), |_, _| ());
}
