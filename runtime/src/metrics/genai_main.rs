//! The metrics that the repository after v1.41.1 has for model calls.

use opentelemetry::Value;
use opentelemetry::metrics::{Counter, Histogram, Meter};

use super::instrument::Bound;
use super::series::{Attributes, Lent};
use super::{count, counts, seconds};
use crate::semconv::genai_main::{TOKEN_MODALITY, metric, modality};
use crate::semconv::{attribute, boundary, unit};
use crate::span::record::{OperationKind, Record};

/// The parts of a count that providers tell apart.
type Parts = [(&'static str, &'static str); 3];

const INPUT: Parts = [
    (attribute::USAGE_TEXT_INPUT_TOKENS, modality::TEXT),
    (attribute::USAGE_IMAGE_INPUT_TOKENS, modality::IMAGE),
    (attribute::USAGE_AUDIO_INPUT_TOKENS, modality::AUDIO),
];
const OUTPUT: Parts = [
    (attribute::USAGE_TEXT_OUTPUT_TOKENS, modality::TEXT),
    (attribute::USAGE_IMAGE_OUTPUT_TOKENS, modality::IMAGE),
    (attribute::USAGE_AUDIO_OUTPUT_TOKENS, modality::AUDIO),
];

const CACHE_READ: Parts = [
    (attribute::USAGE_TEXT_CACHE_READ_INPUT_TOKENS, modality::TEXT),
    (attribute::USAGE_IMAGE_CACHE_READ_INPUT_TOKENS, modality::IMAGE),
    (attribute::USAGE_AUDIO_CACHE_READ_INPUT_TOKENS, modality::AUDIO),
];

#[derive(Debug)]
pub(super) struct GenAiMain {
    inference_duration: Bound<Histogram<f64>>,
    time_to_first_chunk: Bound<Histogram<f64>>,
    time_per_output_chunk: Bound<Histogram<f64>>,
    input_tokens: Bound<Counter<u64>>,
    output_tokens: Bound<Counter<u64>>,
    cache_read_tokens: Bound<Counter<u64>>,
    cache_write_tokens: Bound<Counter<u64>>,
    reasoning_tokens: Bound<Counter<u64>>,
    inference_input_tokens: Bound<Histogram<u64>>,
    inference_output_tokens: Bound<Histogram<u64>>,
    embeddings_duration: Bound<Histogram<f64>>,
    embeddings_input_tokens: Bound<Histogram<u64>>,
}

impl GenAiMain {
    pub(super) fn new(meter: &Meter) -> Self {
        let counter = |name, description| {
            let counter = meter.u64_counter(name).with_unit(unit::TOKEN);
            Bound::new(counter.with_description(description).build())
        };
        Self {
            inference_duration: seconds(
                meter,
                metric::INFERENCE_DURATION,
                "Duration of inference.",
                &boundary::OPERATION,
            ),
            time_to_first_chunk: seconds(
                meter,
                metric::INFERENCE_TIME_TO_FIRST_CHUNK,
                "Time to the first chunk of streaming inference.",
                &boundary::OPERATION,
            ),
            time_per_output_chunk: seconds(
                meter,
                metric::INFERENCE_TIME_PER_OUTPUT_CHUNK,
                "Time per chunk after the first of streaming inference.",
                &boundary::OPERATION,
            ),
            input_tokens: counter(
                metric::USAGE_INPUT_TOKENS,
                "Input tokens of inference, cached ones included.",
            ),
            output_tokens: counter(
                metric::USAGE_OUTPUT_TOKENS,
                "Output tokens of inference, those of reasoning included.",
            ),
            cache_read_tokens: counter(
                metric::USAGE_CACHE_READ_INPUT_TOKENS,
                "Input tokens of inference that a cache had.",
            ),
            cache_write_tokens: counter(
                metric::USAGE_CACHE_WRITE_INPUT_TOKENS,
                "Input tokens of inference that a cache keeps from now on.",
            ),
            reasoning_tokens: counter(
                metric::USAGE_REASONING_OUTPUT_TOKENS,
                "Output tokens of inference that went into reasoning.",
            ),
            inference_input_tokens: counts(
                meter,
                metric::INFERENCE_INPUT_TOKENS,
                unit::TOKEN,
                "Input tokens of one inference.",
                &boundary::TOKEN,
            ),
            inference_output_tokens: counts(
                meter,
                metric::INFERENCE_OUTPUT_TOKENS,
                unit::TOKEN,
                "Output tokens of one inference.",
                &boundary::TOKEN,
            ),
            embeddings_duration: seconds(
                meter,
                metric::EMBEDDINGS_DURATION,
                "Duration of embeddings operations.",
                &boundary::OPERATION,
            ),
            embeddings_input_tokens: counts(
                meter,
                metric::EMBEDDINGS_INPUT_TOKENS,
                unit::TOKEN,
                "Input tokens of one embeddings operation.",
                &boundary::TOKEN,
            ),
        }
    }

    pub(super) fn record_duration(
        &mut self,
        kind: OperationKind,
        duration: f64,
        attributes: &Attributes<'_>,
    ) {
        let histogram = if kind.is_generation() {
            &mut self.inference_duration
        } else {
            &mut self.embeddings_duration
        };
        histogram.record(duration, attributes);
    }

    /// Adds the tokens and the chunks of a model call.
    pub(super) fn record(&mut self, kind: OperationKind, record: &Record, common: &Attributes<'_>) {
        let input = count(record, attribute::USAGE_INPUT_TOKENS);
        if !kind.is_generation() {
            if let Some(tokens) = input {
                self.embeddings_input_tokens.record(tokens, common);
            }
            return;
        }
        let output = count(record, attribute::USAGE_OUTPUT_TOKENS);
        for (tokens, parts, counter, histogram) in [
            (input, INPUT.as_slice(), &mut self.input_tokens, &mut self.inference_input_tokens),
            (output, OUTPUT.as_slice(), &mut self.output_tokens, &mut self.inference_output_tokens),
        ] {
            let Some(tokens) = tokens else { continue };
            histogram.record(tokens, common);
            for (modality, tokens) in split(record, tokens, parts) {
                counter.record(tokens, &of(modality, common));
            }
        }
        // Nobody tells the last two apart.
        for (key, parts, counter) in [
            (
                attribute::USAGE_CACHE_READ_INPUT_TOKENS,
                CACHE_READ.as_slice(),
                &mut self.cache_read_tokens,
            ),
            (attribute::USAGE_CACHE_CREATION_INPUT_TOKENS, &[], &mut self.cache_write_tokens),
            (attribute::USAGE_REASONING_OUTPUT_TOKENS, &[], &mut self.reasoning_tokens),
        ] {
            let Some(tokens) = count(record, key) else { continue };
            for (modality, tokens) in split(record, tokens, parts) {
                counter.record(tokens, &of(modality, common));
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
        for durations in [
            &mut self.inference_duration,
            &mut self.time_to_first_chunk,
            &mut self.time_per_output_chunk,
            &mut self.embeddings_duration,
        ] {
            durations.release();
        }
        for counts in [
            &mut self.inference_input_tokens,
            &mut self.inference_output_tokens,
            &mut self.embeddings_input_tokens,
        ] {
            counts.release();
        }
        for tokens in [
            &mut self.input_tokens,
            &mut self.output_tokens,
            &mut self.cache_read_tokens,
            &mut self.cache_write_tokens,
            &mut self.reasoning_tokens,
        ] {
            tokens.release();
        }
    }
}

fn of<'a>(modality: &'static str, common: &Attributes<'a>) -> Attributes<'a> {
    common.with(TOKEN_MODALITY, Lent::Static(modality))
}

/// A count by modality, so that the parts make up the whole: never more, and what no part accounts for
/// is unknown.
fn split(
    record: &Record,
    tokens: u64,
    parts: &[(&'static str, &'static str)],
) -> Vec<(&'static str, u64)> {
    let mut rest = tokens;
    let mut split = Vec::new();
    for (key, modality) in parts {
        let part = count(record, key).unwrap_or_default().min(rest);
        if part > 0 {
            split.push((*modality, part));
            rest -= part;
        }
    }
    if rest > 0 || split.is_empty() {
        split.push((modality::UNKNOWN, rest));
    }
    split
}
