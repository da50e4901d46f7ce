//! The metrics that the repository after v1.41.1 has for model calls.

use opentelemetry::Value;
use opentelemetry::metrics::{Counter, Histogram, Meter};

use super::client::Client;
use super::instrument::{Instrument as _, Place};
use super::{count, counts, seconds};
use crate::export::record::Record;
use crate::semconv::genai_main::{TOKEN_MODALITY, metric, modality};
use crate::semconv::{Measured, boundary, unit};

/// The parts of a count that providers tell apart, each with the attribute that counts it.
#[derive(Debug)]
struct Parts {
    text: Measured,
    image: Measured,
    audio: Measured,
}

const INPUT: Parts = Parts {
    text: Measured::USAGE_TEXT_INPUT_TOKENS,
    image: Measured::USAGE_IMAGE_INPUT_TOKENS,
    audio: Measured::USAGE_AUDIO_INPUT_TOKENS,
};
const OUTPUT: Parts = Parts {
    text: Measured::USAGE_TEXT_OUTPUT_TOKENS,
    image: Measured::USAGE_IMAGE_OUTPUT_TOKENS,
    audio: Measured::USAGE_AUDIO_OUTPUT_TOKENS,
};
const CACHE_READ: Parts = Parts {
    text: Measured::USAGE_TEXT_CACHE_READ_INPUT_TOKENS,
    image: Measured::USAGE_IMAGE_CACHE_READ_INPUT_TOKENS,
    audio: Measured::USAGE_AUDIO_CACHE_READ_INPUT_TOKENS,
};

#[derive(Debug)]
pub(super) struct GenAiMain {
    inference_duration: Histogram<f64>,
    time_to_first_chunk: Histogram<f64>,
    time_per_output_chunk: Histogram<f64>,
    input_tokens: Counter<u64>,
    output_tokens: Counter<u64>,
    cache_read_tokens: Counter<u64>,
    cache_write_tokens: Counter<u64>,
    reasoning_tokens: Counter<u64>,
    inference_input_tokens: Histogram<u64>,
    inference_output_tokens: Histogram<u64>,
    embeddings_duration: Histogram<f64>,
    embeddings_input_tokens: Histogram<u64>,
}

/// What of it is bound for calls with the same attributes.
#[derive(Debug, Default)]
pub(super) struct Places {
    duration: Place<Histogram<f64>>,
    time_to_first_chunk: Place<Histogram<f64>>,
    time_per_output_chunk: Place<Histogram<f64>>,
    input_tokens: ByModality,
    output_tokens: ByModality,
    cache_read_tokens: ByModality,
    cache_write_tokens: ByModality,
    reasoning_tokens: ByModality,
    all_input_tokens: Place<Histogram<u64>>,
    all_output_tokens: Place<Histogram<u64>>,
}

/// In the order of [`MODALITIES`].
type ByModality = [Place<Counter<u64>>; 4];

const MODALITIES: [&str; 4] = [modality::TEXT, modality::IMAGE, modality::AUDIO, modality::UNKNOWN];

impl GenAiMain {
    pub(super) fn new(meter: &Meter) -> Self {
        let counter = |name, description| {
            let counter = meter.u64_counter(name).with_unit(unit::TOKEN);
            counter.with_description(description).build()
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

    /// Adds the duration, the tokens and the chunks of a model call.
    pub(super) fn record(
        &self,
        duration: f64,
        record: &Record,
        call: Client<'_>,
        mut places: Option<&mut Places>,
    ) {
        macro_rules! place {
            ($name:ident) => {
                places.as_deref_mut().map(|places| &mut places.$name)
            };
        }
        let common = || call.without_error();
        let input = count(record, Measured::USAGE_INPUT_TOKENS);
        if !record.head.operation.is_generation() {
            self.embeddings_duration.record_at(place!(duration), duration, || call.with_error());
            if let Some(tokens) = input {
                self.embeddings_input_tokens.record_at(place!(all_input_tokens), tokens, common);
            }
            return;
        }
        self.inference_duration.record_at(place!(duration), duration, || call.with_error());
        if let Some(tokens) = input {
            self.inference_input_tokens.record_at(place!(all_input_tokens), tokens, common);
            let parts = split(record, tokens, Some(INPUT));
            add(&self.input_tokens, parts, call, place!(input_tokens));
        }
        if let Some(tokens) = count(record, Measured::USAGE_OUTPUT_TOKENS) {
            self.inference_output_tokens.record_at(place!(all_output_tokens), tokens, common);
            let parts = split(record, tokens, Some(OUTPUT));
            add(&self.output_tokens, parts, call, place!(output_tokens));
        }
        if let Some(tokens) = count(record, Measured::USAGE_CACHE_READ_INPUT_TOKENS) {
            let parts = split(record, tokens, Some(CACHE_READ));
            add(&self.cache_read_tokens, parts, call, place!(cache_read_tokens));
        }
        // Nobody tells the parts of these apart.
        if let Some(tokens) = count(record, Measured::USAGE_CACHE_CREATION_INPUT_TOKENS) {
            let parts = split(record, tokens, None);
            add(&self.cache_write_tokens, parts, call, place!(cache_write_tokens));
        }
        if let Some(tokens) = count(record, Measured::USAGE_REASONING_OUTPUT_TOKENS) {
            let parts = split(record, tokens, None);
            add(&self.reasoning_tokens, parts, call, place!(reasoning_tokens));
        }
        if let Some(Value::F64(wait)) = record.measured(Measured::RESPONSE_TIME_TO_FIRST_CHUNK) {
            self.time_to_first_chunk.record_at(place!(time_to_first_chunk), *wait, common);
        }
        for gap in record.gaps.iter().flat_map(|gaps| gaps.samples()) {
            self.time_per_output_chunk.record_at(place!(time_per_output_chunk), gap, common);
        }
    }
}

/// Adds the parts of a count, each under its modality.
fn add(
    counter: &Counter<u64>,
    parts: [Option<u64>; 4],
    call: Client<'_>,
    places: Option<&mut ByModality>,
) {
    let places = places.map_or_else(|| [const { None }; 4], |places| places.each_mut().map(Some));
    for ((tokens, place), modality) in parts.into_iter().zip(places).zip(MODALITIES) {
        if let Some(tokens) = tokens {
            counter.record_at(place, tokens, || call.with(TOKEN_MODALITY, modality));
        }
    }
}

/// A count by modality, so that the parts make up the whole: never more, and what no part accounts for
/// is unknown.
fn split(record: &Record, tokens: u64, parts: Option<Parts>) -> [Option<u64>; 4] {
    let mut rest = tokens;
    let take = |part: Measured| {
        let part = count(record, part)?.min(rest);
        rest -= part;
        Some(part).filter(|part| *part > 0)
    };
    let [text, image, audio] =
        parts.map_or([None; 3], |it| [it.text, it.image, it.audio].map(take));
    let has_part = [text, image, audio].iter().any(Option::is_some);
    [text, image, audio, Some(rest).filter(|rest| *rest > 0 || !has_part)]
}
