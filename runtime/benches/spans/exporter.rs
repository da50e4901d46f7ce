//! Where every contender's spans end: counted, so that nobody wins by losing.

use std::ops::{Mul, Sub};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};

/// Spans, and the attributes on them.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Arrived {
    pub(crate) spans: u64,
    pub(crate) attributes: u64,
}

impl Sub for Arrived {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        let Self { spans, attributes } = self;
        Self { spans: spans - before.spans, attributes: attributes - before.attributes }
    }
}

impl Mul<u64> for Arrived {
    type Output = Self;

    fn mul(self, times: u64) -> Self {
        let Self { spans, attributes } = self;
        Self { spans: spans * times, attributes: attributes * times }
    }
}

/// Counts what arrives.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counter(Arc<(Mutex<Arrived>, Condvar)>);

/// How long nothing arrives before it is plain that nothing will; Valgrind makes everybody slow.
const PATIENCE: Duration = Duration::from_secs(20);

impl Counter {
    pub(crate) fn arrived(&self) -> Arrived {
        *self.lock()
    }

    /// Waits until so many spans have arrived, or until it is plain that they never will; asleep, for
    /// what is counted meanwhile would be the caller's.
    pub(crate) fn wait_for(&self, spans: u64) {
        let mut arrived = self.lock();
        while arrived.spans < spans {
            let before = arrived.spans;
            let (next, waited) =
                self.0.1.wait_timeout(arrived, PATIENCE).unwrap_or_else(PoisonError::into_inner);
            arrived = next;
            if waited.timed_out() && arrived.spans == before {
                return;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Arrived> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SpanExporter for Counter {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let mut arrived = self.lock();
        arrived.spans += batch.len() as u64;
        arrived.attributes += batch.iter().map(|span| span.attributes.len() as u64).sum::<u64>();
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
