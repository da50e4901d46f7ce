//! What each ended operation adds to the metrics; runs on the export thread.

mod cost;

use opentelemetry::metrics::{Histogram, Meter, MeterProvider};
use opentelemetry::{InstrumentationScope, KeyValue, Value};

use cost::Cost;

use crate::semconv::{self, attribute, boundary, metric, operation, token_type, unit};
use crate::span::record::{OperationKind, Record};

/// The instruments, made once.
#[derive(Debug)]
pub(crate) struct Metrics {
    workflow_duration: Histogram<f64>,
    stage_duration: Histogram<f64>,
    operation_duration: Histogram<f64>,
    token_usage: Histogram<u64>,
    agent_duration: Histogram<f64>,
    agent_inference_calls: Histogram<u64>,
    agent_tool_calls: Histogram<u64>,
    tool_duration: Histogram<f64>,
    time_to_first_chunk: Histogram<f64>,
    time_per_output_chunk: Histogram<f64>,
    cost: Cost,
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
            token_usage: counts(
                &meter,
                metric::CLIENT_TOKEN_USAGE,
                unit::TOKEN,
                "Input and output tokens of GenAI client operations.",
                &boundary::TOKEN,
            ),
            agent_duration: seconds(
                &meter,
                metric::INVOKE_AGENT_DURATION,
                "Duration of agent runs.",
                &boundary::AGENT,
            ),
            agent_inference_calls: counts(
                &meter,
                metric::INVOKE_AGENT_INFERENCE_CALLS,
                unit::INFERENCE_CALL,
                "Model calls of one agent run, those of its sub-agents left out.",
                &boundary::CALL,
            ),
            agent_tool_calls: counts(
                &meter,
                metric::INVOKE_AGENT_TOOL_CALLS,
                unit::TOOL_CALL,
                "Tool calls of one agent run, those of its sub-agents left out.",
                &boundary::CALL,
            ),
            tool_duration: seconds(
                &meter,
                metric::EXECUTE_TOOL_DURATION,
                "Duration of tool runs.",
                &boundary::OPERATION,
            ),
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
            cost: Cost::new(&meter),
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
            OperationKind::Agent => self.record_agent(duration, record),
            OperationKind::Tool => self.tool_duration.record(
                duration,
                &attributes(
                    record,
                    &[
                        attribute::TOOL_NAME,
                        attribute::TOOL_TYPE,
                        attribute::AGENT_NAME,
                        attribute::ERROR_TYPE,
                    ],
                ),
            ),
            kind @ OperationKind::Retrieval => {
                let common = client_attributes(kind, record);
                self.record_client_duration(duration, record, common);
            }
            kind => self.record_inference(kind, duration, record),
        }
    }

    fn record_agent(&self, duration: f64, record: &Record) {
        let named = attributes(record, &[attribute::AGENT_NAME]);
        for (calls, key) in [
            (&self.agent_inference_calls, attribute::AGENT_INFERENCE_CALLS),
            (&self.agent_tool_calls, attribute::AGENT_TOOL_CALLS),
        ] {
            if let Some(count) = count(record, key) {
                calls.record(count, &named);
            }
        }
        self.agent_duration.record(
            duration,
            &attributes(
                record,
                &[attribute::AGENT_NAME, attribute::REQUEST_MODEL, attribute::ERROR_TYPE],
            ),
        );
    }

    fn record_inference(&self, kind: OperationKind, duration: f64, record: &Record) {
        let common = client_attributes(kind, record);
        for (key, kind) in [
            (attribute::USAGE_INPUT_TOKENS, token_type::INPUT),
            (attribute::USAGE_OUTPUT_TOKENS, token_type::OUTPUT),
        ] {
            if let Some(tokens) = count(record, key) {
                let mut attributes = common.clone();
                attributes.push(KeyValue::new(attribute::TOKEN_TYPE, kind));
                self.token_usage.record(tokens, &attributes);
            }
        }
        self.record_chunks(record, &common);
        self.cost.record(operation_name(kind), record);
        self.record_client_duration(duration, record, common);
    }

    fn record_chunks(&self, record: &Record, attributes: &[KeyValue]) {
        if let Some(Value::F64(wait)) = record.attribute(attribute::RESPONSE_TIME_TO_FIRST_CHUNK) {
            self.time_to_first_chunk.record(*wait, attributes);
        }
        for gap in record.gaps.iter().flat_map(|gaps| gaps.samples()) {
            self.time_per_output_chunk.record(gap, attributes);
        }
    }

    fn record_client_duration(&self, duration: f64, record: &Record, common: Vec<KeyValue>) {
        let mut all = common;
        all.extend(attributes(record, &[attribute::ERROR_TYPE]));
        self.operation_duration.record(duration, &all);
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
