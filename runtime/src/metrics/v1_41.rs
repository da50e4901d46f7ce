//! The metrics of v1.41.1 that its successor has others for.

use opentelemetry::metrics::{Histogram, Meter};
use opentelemetry::{KeyValue, Value};

use super::{count, counts, seconds};
use crate::semconv::{attribute, boundary, metric, token_type, unit};
use crate::span::record::Record;

#[derive(Debug)]
pub(super) struct V1_41 {
    token_usage: Histogram<u64>,
    time_to_first_chunk: Histogram<f64>,
    time_per_output_chunk: Histogram<f64>,
}

impl V1_41 {
    pub(super) fn new(meter: &Meter) -> Self {
        Self {
            token_usage: counts(
                meter,
                metric::CLIENT_TOKEN_USAGE,
                unit::TOKEN,
                "Input and output tokens of GenAI client operations.",
                &boundary::TOKEN,
            ),
            time_to_first_chunk: seconds(
                meter,
                metric::CLIENT_TIME_TO_FIRST_CHUNK,
                "Time to the first chunk of streaming GenAI client operations.",
                &boundary::OPERATION,
            ),
            time_per_output_chunk: seconds(
                meter,
                metric::CLIENT_TIME_PER_OUTPUT_CHUNK,
                "Time per chunk after the first of streaming GenAI client operations.",
                &boundary::OPERATION,
            ),
        }
    }

    /// Adds the tokens and the chunks of a model call.
    pub(super) fn record(&self, record: &Record, common: &[KeyValue]) {
        for (key, kind) in [
            (attribute::USAGE_INPUT_TOKENS, token_type::INPUT),
            (attribute::USAGE_OUTPUT_TOKENS, token_type::OUTPUT),
        ] {
            if let Some(tokens) = count(record, key) {
                let mut attributes = common.to_vec();
                attributes.push(KeyValue::new(attribute::TOKEN_TYPE, kind));
                self.token_usage.record(tokens, &attributes);
            }
        }
        if let Some(Value::F64(wait)) = record.attribute(attribute::RESPONSE_TIME_TO_FIRST_CHUNK) {
            self.time_to_first_chunk.record(*wait, common);
        }
        for gap in record.gaps.iter().flat_map(|gaps| gaps.samples()) {
            self.time_per_output_chunk.record(gap, common);
        }
    }
}
