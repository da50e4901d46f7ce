//! Where every contender's spans end: counted, so that nobody wins by losing.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};

/// Counts spans.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counter(Arc<(Mutex<u64>, Condvar)>);

/// How long nothing arrives before it is plain that nothing will.
const PATIENCE: Duration = Duration::from_millis(500);

impl Counter {
    pub(crate) fn spans(&self) -> u64 {
        *self.lock()
    }

    /// Waits until so many have arrived, or until it is plain that they never will; asleep, for what is
    /// counted meanwhile would be the caller's.
    pub(crate) fn wait_for(&self, spans: u64) {
        let mut arrived = self.lock();
        while *arrived < spans {
            let (next, waited) =
                self.0.1.wait_timeout(arrived, PATIENCE).unwrap_or_else(PoisonError::into_inner);
            arrived = next;
            if waited.timed_out() {
                return;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, u64> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SpanExporter for Counter {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        *self.lock() += batch.len() as u64;
        self.0.1.notify_all();
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
