//! What is recorded of a run. Telemetry is one per process, so the tests take turns.

use std::collections::BTreeMap;
use std::fs::File;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use spanline::{ExporterName, Sampler, Telemetry};
use spanline_tests::lines::Lines;

use crate::picture::{self, Points};

/// What was exported: trees by cell, and points.
pub(crate) struct Exported {
    pub(crate) trees: BTreeMap<String, String>,
    pub(crate) points: Points,
}

/// More spans than there are in a run of all cells.
const SPANS: usize = 16_384;

fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs, and reads back what was exported: the metrics in any case, the spans if they are sampled.
pub(crate) fn recorded(is_sampled: bool, work: impl FnOnce()) -> Exported {
    let _turn = turn();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("telemetry.jsonl");
    let telemetry = Telemetry::builder()
        .traces_to([ExporterName::File])
        .metrics_to([ExporterName::File])
        .console(false)
        .file(&path)
        .sampler(if is_sampled { Sampler::AlwaysOn } else { Sampler::AlwaysOff })
        .queue_size(SPANS)
        // A busy machine may take long for so many.
        .shutdown_timeout(Duration::from_secs(120))
        .init()
        .unwrap();
    work();
    telemetry.shutdown().unwrap();
    assert_eq!(telemetry.health().dropped_spans, 0);
    let mut lines = Lines::new(File::open(path).unwrap());
    lines.read();
    Exported {
        trees: picture::exported(&lines.all().spans),
        points: picture::measured(&lines.metrics()),
    }
}

/// Runs where nothing is sampled and nobody wants metrics. Nothing goes out, so nobody has to be there.
pub(crate) fn discarded(work: impl FnOnce()) {
    let _turn = turn();
    let telemetry = Telemetry::builder()
        .traces_to([ExporterName::Otlp])
        .metrics_to([])
        .console(false)
        .otlp_endpoint("http://127.0.0.1:1")
        .sampler(Sampler::AlwaysOff)
        .init()
        .unwrap();
    assert!(telemetry.is_enabled());
    work();
    telemetry.shutdown().unwrap();
    let health = telemetry.health();
    assert_eq!(health.dropped_spans + health.late_spans, 0);
    for exporter in health.exporters {
        assert_eq!(exporter.exported_spans + exporter.lost_spans, 0);
    }
}

/// Runs with nothing set up.
pub(crate) fn unrecorded(work: impl FnOnce()) {
    let _turn = turn();
    assert!(!spanline::is_enabled());
    work();
}
