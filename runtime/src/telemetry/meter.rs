//! The meter provider, and who reads from it.

use std::sync::Arc;

use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::{
    Aggregation, Instrument, InstrumentKind, ManualReader, SdkMeterProvider, Stream, Temporality,
};

use super::settings::Settings;
use crate::export::fetched::Fetched;
use crate::export::naming::Naming;
use crate::export::reader::SharedReader;
use crate::export::worker::MetricPlan;
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
    if settings.exponential_histograms {
        provider = provider.with_view(exponential);
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

/// Histograms as the specification's `base2_exponential_bucket_histogram`, whatever boundaries they were
/// made with.
fn exponential(instrument: &Instrument) -> Option<Stream> {
    let aggregation = Aggregation::Base2ExponentialHistogram {
        max_size: 160,
        max_scale: 20,
        record_min_max: true,
    };
    let is_histogram = instrument.kind() == InstrumentKind::Histogram;
    is_histogram.then(|| Stream::builder().with_aggregation(aggregation).build().ok())?
}
