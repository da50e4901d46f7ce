//! What each ended operation adds to the metrics; runs on the export thread.

mod client;
mod cost;
mod genai_main;
mod instrument;
mod series;
mod shared;
mod v1_41;

use opentelemetry::metrics::{Histogram, Meter, MeterProvider};
use opentelemetry::{InstrumentationScope, Value};

use client::{Client, Places};
use genai_main::GenAiMain;
use series::Series;
use shared::Shared;
use v1_41::V1_41;

use crate::export::naming::Naming;
use crate::export::record::Record;
use crate::semconv::{self, Measured, unit};
use crate::span::record::OperationKind;
use crate::telemetry::settings::Convention;

/// The instruments, made once: those that all conventions have, and of each that is followed its own.
#[derive(Debug)]
pub(crate) struct Metrics {
    shared: Shared,
    v1_41: Option<V1_41>,
    genai_main: Option<GenAiMain>,
    clients: Series<7, Places>,
}

impl Metrics {
    pub(crate) fn new(provider: &impl MeterProvider, naming: &Naming) -> Self {
        let meter = |schema_url| {
            let scope = InstrumentationScope::builder(semconv::SCOPE_NAME)
                .with_version(env!("CARGO_PKG_VERSION"))
                .with_schema_url(schema_url);
            provider.meter_with_scope(scope.build())
        };
        let follows_main = naming.follows(Convention::GenAiMain);
        // OpenInference has no metrics: with it alone they are the default ones.
        let follows_default = naming.follows(Convention::V1_41) || !follows_main;
        let default = meter(semconv::SCHEMA_URL);
        let main = meter(semconv::genai_main::SCHEMA_URL);
        Self {
            shared: Shared::new(if follows_default { &default } else { &main }, naming),
            v1_41: follows_default.then(|| V1_41::new(&default)),
            genai_main: follows_main.then(|| GenAiMain::new(&main)),
            clients: Series::default(),
        }
    }

    /// Adds one ended operation, sampled or not.
    pub(crate) fn record(&mut self, record: &Record) {
        #[allow(clippy::cast_precision_loss, reason = "nanoseconds of an operation as seconds")]
        let duration = record.identity.duration as f64 / 1e9;
        self.shared.record(duration, record);
        let kind = record.head.operation;
        if !kind.is_model_call() && kind != OperationKind::Retrieval {
            return;
        }
        let call = Client::of(record);
        let mut places = self.clients.get(&call.0);
        if let Some(v1_41) = &self.v1_41
            && kind.is_model_call()
        {
            v1_41.record(record, call, places.as_deref_mut().map(|it| &mut it.v1_41));
        }
        if self.v1_41.is_some() || kind == OperationKind::Retrieval {
            let place = places.as_deref_mut().map(|it| &mut it.duration);
            self.shared.record_client_duration(duration, call, place);
        }
        if let Some(genai_main) = &self.genai_main
            && kind.is_model_call()
        {
            let places = places.map(|it| it.genai_main.get_or_insert_default().as_mut());
            genai_main.record(duration, record, call, places);
        }
    }

    /// Lets go of the series before they are collected, so that those without a measurement since the last
    /// time can go.
    pub(crate) fn release(&mut self) {
        self.shared.release();
        self.clients.release();
    }
}

fn count(record: &Record, measured: Measured) -> Option<u64> {
    match record.measured(measured) {
        Some(Value::I64(count)) => u64::try_from(*count).ok(),
        _ => None,
    }
}

fn counts(
    meter: &Meter,
    name: &'static str,
    unit: &'static str,
    description: &'static str,
    boundaries: &[f64],
) -> Histogram<u64> {
    let histogram = meter.u64_histogram(name).with_unit(unit).with_description(description);
    histogram.with_boundaries(boundaries.to_vec()).build()
}

fn seconds(
    meter: &Meter,
    name: &'static str,
    description: &'static str,
    boundaries: &[f64],
) -> Histogram<f64> {
    let histogram = meter.f64_histogram(name).with_unit(unit::SECOND).with_description(description);
    histogram.with_boundaries(boundaries.to_vec()).build()
}
