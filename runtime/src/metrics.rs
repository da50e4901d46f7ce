//! What each ended operation adds to the metrics; runs on the export thread.

mod cost;
mod genai_main;
mod shared;
mod v1_41;

use opentelemetry::metrics::{Histogram, Meter, MeterProvider};
use opentelemetry::{InstrumentationScope, KeyValue, Value};

use genai_main::GenAiMain;
use shared::Shared;
use v1_41::V1_41;

use crate::export::naming::Naming;
use crate::semconv::{self, attribute, operation, unit};
use crate::span::record::{OperationKind, Record};
use crate::telemetry::settings::Convention;

/// The instruments, made once: those that all conventions have, and of each that is followed its own.
#[derive(Debug)]
pub(crate) struct Metrics {
    shared: Shared,
    v1_41: Option<V1_41>,
    genai_main: Option<GenAiMain>,
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
        }
    }

    /// Adds one ended operation, sampled or not.
    pub(crate) fn record(&self, record: &Record) {
        #[allow(clippy::cast_precision_loss, reason = "nanoseconds of an operation as seconds")]
        let duration = record.identity.duration as f64 / 1e9;
        self.shared.record(duration, record);
        let kind = record.head.operation;
        if !kind.is_model_call() && kind != OperationKind::Retrieval {
            return;
        }
        let common = client_attributes(kind, record);
        let mut with_error = common.clone();
        with_error.extend(attributes(record, &[attribute::ERROR_TYPE]));
        if kind == OperationKind::Retrieval {
            self.shared.record_client_duration(duration, &with_error);
            return;
        }
        if let Some(v1_41) = &self.v1_41 {
            v1_41.record(record, &common);
            self.shared.record_client_duration(duration, &with_error);
        }
        if let Some(genai_main) = &self.genai_main {
            genai_main.record_duration(kind, duration, &with_error);
            genai_main.record(kind, record, &common);
        }
    }
}

/// What the conventions have on every metric of a client operation.
fn client_attributes(kind: OperationKind, record: &Record) -> Vec<KeyValue> {
    let mut common = attributes(
        record,
        &[
            attribute::PROVIDER_NAME,
            attribute::REQUEST_MODEL,
            attribute::RESPONSE_MODEL,
            attribute::SERVER_ADDRESS,
            attribute::SERVER_PORT,
        ],
    );
    common.push(KeyValue::new(attribute::OPERATION_NAME, operation_name(kind)));
    common
}

fn count(record: &Record, key: &str) -> Option<u64> {
    match record.attribute(key) {
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
    meter
        .u64_histogram(name)
        .with_unit(unit)
        .with_description(description)
        .with_boundaries(boundaries.to_vec())
        .build()
}

fn seconds(
    meter: &Meter,
    name: &'static str,
    description: &'static str,
    boundaries: &[f64],
) -> Histogram<f64> {
    meter
        .f64_histogram(name)
        .with_unit(unit::SECOND)
        .with_description(description)
        .with_boundaries(boundaries.to_vec())
        .build()
}

fn attributes(record: &Record, keys: &[&'static str]) -> Vec<KeyValue> {
    keys.iter()
        .filter_map(|key| Some(KeyValue::new(*key, record.attribute(key)?.clone())))
        .collect()
}

/// The value of `gen_ai.operation.name`; empty where there is none.
pub(crate) fn operation_name(kind: OperationKind) -> &'static str {
    match kind {
        OperationKind::Workflow => operation::INVOKE_WORKFLOW,
        OperationKind::Chat => operation::CHAT,
        OperationKind::TextCompletion => operation::TEXT_COMPLETION,
        OperationKind::GenerateContent => operation::GENERATE_CONTENT,
        OperationKind::Embeddings => operation::EMBEDDINGS,
        OperationKind::Agent => operation::INVOKE_AGENT,
        OperationKind::Tool => operation::EXECUTE_TOOL,
        OperationKind::Retrieval => operation::RETRIEVAL,
        OperationKind::Stage | OperationKind::Span => "",
    }
}
