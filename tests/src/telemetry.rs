//! The one set-up of a test's process: to a file, which is read back.

use std::fs::File;
use std::sync::{Mutex, OnceLock, PoisonError};

use opentelemetry_proto::tonic::logs::v1::LogRecord;
use spanline::{ExporterName, SpanBuilder, Telemetry, TelemetryBuilder};

use crate::lines::Lines;
use crate::metric::Metrics;
use crate::trace::{ROOT, Trace};

struct Watched {
    telemetry: Telemetry,
    lines: Mutex<Lines<File>>,
}

static WATCHED: OnceLock<Watched> = OnceLock::new();

/// Sets up with more settings; for the first thing that a test binary does.
pub fn set_up(settings: impl FnOnce(TelemetryBuilder) -> TelemetryBuilder) -> &'static Telemetry {
    let watched = WATCHED.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("spans.jsonl");
        let builder = Telemetry::builder().traces_to([]).metrics_to([ExporterName::File]);
        let telemetry = settings(builder.file(&path)).init().unwrap();
        // Readable for as long as it is open; the name goes with the folder.
        let lines = Mutex::new(Lines::new(File::open(path).unwrap()));
        Watched { telemetry, lines }
    });
    &watched.telemetry
}

fn watched() -> &'static Watched {
    set_up(|builder| builder);
    WATCHED.get().unwrap()
}

fn read<T>(find: impl FnOnce(&Lines<File>) -> T) -> T {
    let watched = watched();
    watched.telemetry.flush().unwrap();
    let mut lines = watched.lines.lock().unwrap_or_else(PoisonError::into_inner);
    lines.read();
    find(&lines)
}

/// The process's telemetry.
pub fn telemetry() -> &'static Telemetry {
    &watched().telemetry
}

/// Runs a future in a trace of its own and reads that back.
pub async fn watch<F: Future>(future: F) -> (F::Output, Trace) {
    telemetry();
    let (trace_id, output) = SpanBuilder::new(ROOT)
        .root()
        .run_with(async { (spanline::current().trace_id(), future.await) }, |_, _| ())
        .await;
    (output, trace(&trace_id.unwrap()))
}

/// Runs a closure in a trace of its own and reads that back.
pub fn watch_blocking<T>(body: impl FnOnce() -> T) -> (T, Trace) {
    telemetry();
    let (trace_id, output) = SpanBuilder::new(ROOT)
        .root()
        .run_blocking_with(|| (spanline::current().trace_id(), body()), |_, _| ());
    (output, trace(&trace_id.unwrap()))
}

/// What was exported of a trace.
#[must_use]
pub fn trace(trace_id: &str) -> Trace {
    read(|lines| lines.trace(trace_id))
}

/// Everything that was exported.
#[must_use]
pub fn everything() -> Trace {
    read(Lines::all)
}

/// Every log record that was exported.
#[must_use]
pub fn records() -> Vec<LogRecord> {
    read(|lines| lines.records.clone())
}

/// The metrics so far.
#[must_use]
pub fn metrics() -> Metrics {
    read(Lines::metrics)
}
