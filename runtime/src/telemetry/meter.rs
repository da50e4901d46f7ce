//! The meter provider, and who reads from it.

use std::sync::Arc;

use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::{ManualReader, SdkMeterProvider, Temporality};

use super::settings::Settings;
use crate::export::fetched::Fetched;
use crate::export::naming::Naming;
use crate::export::worker::{MetricPlan, SharedReader};
use crate::metrics::Metrics;

/// None where metrics go nowhere.
pub(super) fn meter_provider(
    settings: &Settings,
    resource: &Resource,
    naming: &Naming,
) -> Option<(SdkMeterProvider, MetricPlan)> {
    if settings.metrics.is_empty() && settings.prometheus.is_none() {
        return None;
    }
    let mut provider = SdkMeterProvider::builder().with_resource(resource.clone());
    let reader = Arc::new(ManualReader::builder().with_temporality(settings.temporality).build());
    // What reads keeps every series once more.
    if !settings.metrics.is_empty() {
        provider = provider.with_reader(SharedReader(Arc::clone(&reader)));
    }
    let fetched = settings.prometheus.clone().map(|settings| {
        let reader = ManualReader::builder().with_temporality(Temporality::Cumulative);
        Fetched { reader: Arc::new(reader.build()), settings }
    });
    if let Some(fetched) = &fetched {
        provider = provider.with_reader(SharedReader(Arc::clone(&fetched.reader)));
    }
    let provider = provider.build();
    let plan = MetricPlan {
        instruments: Metrics::new(&provider, naming),
        reader,
        destinations: settings.metrics.clone(),
        interval: settings.metric_interval,
        timeout: settings.metric_timeout,
        fetched,
    };
    Some((provider, plan))
}
