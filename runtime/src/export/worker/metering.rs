//! The export thread's metrics.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use opentelemetry_sdk::metrics::ManualReader;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::reader::MetricReader;

use super::Export;
use crate::export::fetched::Fetched;
use crate::export::ledger::Item;
use crate::export::route::points;
use crate::metrics::Metrics;
use crate::span::future::panic_message;
use crate::telemetry::settings::Destination;

/// Where metrics come from and go to.
pub(crate) struct MetricPlan {
    pub(crate) instruments: Metrics,
    pub(crate) reader: Arc<ManualReader>,
    pub(crate) destinations: Vec<Destination>,
    pub(crate) interval: Duration,
    pub(crate) timeout: Duration,
    /// Beside those.
    pub(crate) fetched: Option<Fetched>,
}

impl Export {
    /// Collects them, and sends them.
    pub(super) fn send_metrics(&mut self) {
        let Some(plan) = self.metric_plan.as_mut().filter(|_| !self.metrics.is_empty()) else {
            return;
        };
        plan.instruments.release();
        let mut collected = ResourceMetrics::default();
        // Runs the callbacks of instruments, which are the program's.
        let done = catch_unwind(AssertUnwindSafe(|| plan.reader.collect(&mut collected)));
        let problem = match done {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(panic) => Some(format!("a callback {}", panic_message(&*panic))),
        };
        if let Some(problem) = problem {
            for route in &self.metrics {
                let reason = format!("metrics: cannot be collected: {problem}");
                route.ledger.lost(Item::Point, self.points.max(1), &reason);
            }
            return;
        }
        self.points = points(&collected);
        if self.points == 0 {
            return;
        }
        let collected = Arc::new(collected);
        for route in &self.metrics {
            route.metrics(&collected);
        }
    }
}
