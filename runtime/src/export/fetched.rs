//! Metrics that a backend fetches, where others are sent.

use std::sync::Arc;

use opentelemetry_sdk::metrics::ManualReader;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::ledger::Ledger;
use crate::Error;
use crate::telemetry::settings::Prometheus;

/// Asks the export thread to take in what has ended; told when it has.
pub(crate) type CatchUp = oneshot::Sender<()>;

/// A server at work.
#[derive(Debug)]
pub(super) struct Served {
    /// Of what is fetched.
    pub(super) ledger: Arc<Ledger>,
    pub(super) task: JoinHandle<()>,
}

impl Served {
    /// Ends it; then nobody listens any more.
    pub(super) async fn stop(self) {
        self.task.abort();
        let _ = self.task.await;
    }
}

/// Always cumulative, so from a reader of its own.
#[derive(Debug)]
#[cfg_attr(not(feature = "prometheus"), allow(dead_code, reason = "nobody fetches"))]
pub(crate) struct Fetched {
    pub(crate) reader: Arc<ManualReader>,
    pub(crate) settings: Prometheus,
}

impl Fetched {
    /// Listens; called inside the export thread's tokio runtime.
    #[cfg(feature = "prometheus")]
    pub(super) fn serve(&self, asking: mpsc::UnboundedSender<CatchUp>) -> Result<Served, Error> {
        super::prometheus::serve(&self.settings, Arc::clone(&self.reader), asking)
    }

    #[cfg(not(feature = "prometheus"))]
    pub(super) fn serve(&self, _: mpsc::UnboundedSender<CatchUp>) -> Result<Served, Error> {
        Err(Error::configuration(format!(
            "`{}`: Prometheus is not built in; enable the feature `prometheus` of spanline",
            self.settings
        )))
    }
}
