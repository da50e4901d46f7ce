//! The metrics of v1.41.1 that its successor has others for.

use opentelemetry::Value;
use opentelemetry::metrics::{Histogram, Meter};

use super::instrument::Bound;
use super::series::{Attributes, Lent};
use super::{count, counts, seconds};
use crate::semconv::{attribute, boundary, metric, token_type, unit};
use crate::span::record::Record;

#[derive(Debug)]
pub(super) struct V1_41 {
    token_usage: Bound<Histogram<u64>>,
    time_to_first_chunk: Bound<Histogram<f64>>,
    time_per_output_chunk: Bound<Histogram<f64>>,
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
    pub(super) fn record(&mut self, record: &Record, common: &Attributes<'_>) {
        for (key, kind) in [
            (attribute::USAGE_INPUT_TOKENS, token_type::INPUT),
            (attribute::USAGE_OUTPUT_TOKENS, token_type::OUTPUT),
        ] {
            if let Some(tokens) = count(record, key) {
                let attributes = common.with(attribute::TOKEN_TYPE, Lent::Static(kind));
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

    /// Of all instruments.
    pub(super) fn release(&mut self) {
        let Self { token_usage, time_to_first_chunk, time_per_output_chunk } = self;
        token_usage.release();
        time_to_first_chunk.release();
        time_per_output_chunk.release();
    }
}
