//! Telemetry whose metrics are fetched.

use std::net::SocketAddr;
use std::time::Duration;

use spanline::{ExporterName, LlmCall, Telemetry, TelemetryBuilder};

pub(crate) fn builder() -> TelemetryBuilder {
    Telemetry::builder()
        .service_name("scraped")
        .traces_to([])
        .metrics_to([ExporterName::Prometheus])
        .prometheus_address("127.0.0.1", 0)
        // Longer than any test: what is fetched is there without it.
        .batch_delay(Duration::from_secs(3600))
        .metric_interval(Duration::from_secs(3600))
}

pub(crate) fn address(telemetry: &Telemetry) -> SocketAddr {
    let exporters = telemetry.health().exporters;
    exporters.iter().find_map(|exporter| exporter.address).unwrap()
}

/// Two calls of a model, with 12 tokens in and 3 out each.
pub(crate) fn work() {
    for _ in 0..2 {
        LlmCall::new("openai", "gpt-4o-mini")
            .run_blocking_with(|| (), |(), outcome| outcome.usage((12, 3)));
    }
}
