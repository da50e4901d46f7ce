//! What each ended operation adds to the metrics; runs on the export thread.

use opentelemetry::metrics::{Histogram, Meter, MeterProvider};
use opentelemetry::{InstrumentationScope, KeyValue, Value};

use crate::semconv::{self, attribute, boundary, metric, operation, token_type, unit};
use crate::span::record::{OperationKind, Record};

/// The instruments, made once.
#[derive(Debug)]
pub(crate) struct Metrics {
    workflow_duration: Histogram<f64>,
    stage_duration: Histogram<f64>,
    operation_duration: Histogram<f64>,
    token_usage: Histogram<u64>,
    time_to_first_chunk: Histogram<f64>,
    time_per_output_chunk: Histogram<f64>,
}

impl Metrics {
    pub(crate) fn new(provider: &impl MeterProvider) -> Self {
        let meter = provider.meter_with_scope(
            InstrumentationScope::builder(semconv::SCOPE_NAME)
                .with_version(env!("CARGO_PKG_VERSION"))
                .with_schema_url(semconv::SCHEMA_URL)
                .build(),
        );
        Self {
            workflow_duration: seconds(
                &meter,
                metric::INVOKE_WORKFLOW_DURATION,
                "Duration of workflow runs.",
                &boundary::WORKFLOW,
            ),
            stage_duration: seconds(
                &meter,
                metric::STAGE_DURATION,
                "Duration of pipeline stages.",
                &boundary::OPERATION,
            ),
            operation_duration: seconds(
                &meter,
                metric::CLIENT_OPERATION_DURATION,
                "Duration of GenAI client operations.",
                &boundary::OPERATION,
            ),
            token_usage: meter
                .u64_histogram(metric::CLIENT_TOKEN_USAGE)
                .with_unit(unit::TOKEN)
                .with_description("Input and output tokens of GenAI client operations.")
                .with_boundaries(boundary::TOKEN.to_vec())
                .build(),
            time_to_first_chunk: seconds(
                &meter,
                metric::CLIENT_TIME_TO_FIRST_CHUNK,
                "Time to the first chunk of streaming GenAI client operations.",
                &boundary::OPERATION,
            ),
            time_per_output_chunk: seconds(
                &meter,
                metric::CLIENT_TIME_PER_OUTPUT_CHUNK,
                "Time per chunk after the first of streaming GenAI client operations.",
                &boundary::OPERATION,
            ),
        }
    }

    /// Adds one ended operation, sampled or not.
    pub(crate) fn record(&self, record: &Record) {
        #[allow(clippy::cast_precision_loss, reason = "nanoseconds of an operation as seconds")]
        let duration = record.identity.duration as f64 / 1e9;
        match record.head.operation {
            OperationKind::Span => {}
            OperationKind::Workflow => self.workflow_duration.record(
                duration,
                &attributes(record, &[attribute::WORKFLOW_NAME, attribute::ERROR_TYPE]),
            ),
            OperationKind::Stage => {
                let mut attributes =
                    attributes(record, &[attribute::STAGE_KIND, attribute::ERROR_TYPE]);
                attributes.push(KeyValue::new(attribute::STAGE_NAME, record.name.clone()));
                self.stage_duration.record(duration, &attributes);
            }
            kind => self.record_inference(kind, duration, record),
        }
    }

    fn record_inference(&self, kind: OperationKind, duration: f64, record: &Record) {
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
        for (key, kind) in [
            (attribute::USAGE_INPUT_TOKENS, token_type::INPUT),
            (attribute::USAGE_OUTPUT_TOKENS, token_type::OUTPUT),
        ] {
            let tokens = match record.attribute(key) {
                Some(Value::I64(tokens)) => u64::try_from(*tokens).ok(),
                _ => None,
            };
            if let Some(tokens) = tokens {
                let mut attributes = common.clone();
                attributes.push(KeyValue::new(attribute::TOKEN_TYPE, kind));
                self.token_usage.record(tokens, &attributes);
            }
        }
        self.record_chunks(record, &common);
        common.extend(attributes(record, &[attribute::ERROR_TYPE]));
        self.operation_duration.record(duration, &common);
    }

    fn record_chunks(&self, record: &Record, attributes: &[KeyValue]) {
        if let Some(Value::F64(wait)) = record.attribute(attribute::RESPONSE_TIME_TO_FIRST_CHUNK) {
            self.time_to_first_chunk.record(*wait, attributes);
        }
        for gap in record.gaps.iter().flat_map(|gaps| gaps.samples()) {
            self.time_per_output_chunk.record(gap, attributes);
        }
    }
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
        OperationKind::Stage | OperationKind::Span => "",
    }
}
