//! The metrics of v1.41.1 that its successor has others for.

use opentelemetry::Value;
use opentelemetry::metrics::{Histogram, Meter};

use super::client::Client;
use super::instrument::{Instrument as _, Place};
use super::{count, counts, seconds};
use crate::export::record::Record;
use crate::semconv::{Measured, attribute, boundary, metric, token_type, unit};

#[derive(Debug)]
pub(super) struct V1_41 {
    token_usage: Histogram<u64>,
    time_to_first_chunk: Histogram<f64>,
    time_per_output_chunk: Histogram<f64>,
}

/// What of it is bound for calls with the same attributes.
#[derive(Debug, Default)]
pub(super) struct Places {
    input_tokens: Place<Histogram<u64>>,
    output_tokens: Place<Histogram<u64>>,
    time_to_first_chunk: Place<Histogram<f64>>,
    time_per_output_chunk: Place<Histogram<f64>>,
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
    pub(super) fn record(
        &self,
        record: &Record,
        call: Client<'_>,
        mut places: Option<&mut Places>,
    ) {
        if let Some(tokens) = count(record, Measured::USAGE_INPUT_TOKENS) {
            let place = places.as_deref_mut().map(|it| &mut it.input_tokens);
            let attributes = || call.with(attribute::TOKEN_TYPE, token_type::INPUT);
            self.token_usage.record_at(place, tokens, attributes);
        }
        if let Some(tokens) = count(record, Measured::USAGE_OUTPUT_TOKENS) {
            let place = places.as_deref_mut().map(|it| &mut it.output_tokens);
            let attributes = || call.with(attribute::TOKEN_TYPE, token_type::OUTPUT);
            self.token_usage.record_at(place, tokens, attributes);
        }
        if let Some(Value::F64(wait)) = record.measured(Measured::RESPONSE_TIME_TO_FIRST_CHUNK) {
            let place = places.as_deref_mut().map(|it| &mut it.time_to_first_chunk);
            self.time_to_first_chunk.record_at(place, *wait, || call.without_error());
        }
        for gap in record.gaps.iter().flat_map(|gaps| gaps.samples()) {
            let place = places.as_deref_mut().map(|it| &mut it.time_per_output_chunk);
            self.time_per_output_chunk.record_at(place, gap, || call.without_error());
        }
    }
}
