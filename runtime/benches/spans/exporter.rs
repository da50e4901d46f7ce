//! Where every contender's spans end: counted, so that nobody wins by losing.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};

/// Counts spans.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counter(Arc<AtomicU64>);

impl Counter {
    pub(crate) fn spans(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Waits until so many have arrived, or until it is plain that they never will.
    pub(crate) fn wait_for(&self, spans: u64) {
        let mut idle = 0;
        let mut known = self.spans();
        while known < spans && idle < 300 {
            std::thread::sleep(Duration::from_millis(1));
            let now = self.spans();
            idle = if now == known { idle + 1 } else { 0 };
            known = now;
        }
    }
}

impl SpanExporter for Counter {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.fetch_add(batch.len() as u64, Ordering::Relaxed);
        Ok(())
    }
}

/// Takes metrics and forgets them.
#[derive(Debug)]
pub(crate) struct Forgetful;

impl PushMetricExporter for Forgetful {
    async fn export(&self, _: &ResourceMetrics) -> OTelSdkResult {
        Ok(())
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }

    fn temporality(&self) -> Temporality {
        Temporality::Cumulative
    }
}
