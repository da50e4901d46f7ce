//! The names of the GenAI repository that follows v1.41.1, at commit 88eccb1:
//! <https://github.com/open-telemetry/semantic-conventions-genai>.

use super::attribute;
use super::rule::Change::{Integer, Name, Omit};
use super::rule::Rule;
use super::rule::Subject::{Inference, InternalAgent, RemoteAgent, Retrieval};

pub(crate) const SCHEMA_URL: &str = "https://opentelemetry.io/schemas/gen-ai-dev/1.42.0-dev";

pub(crate) const RETRIEVAL_TOP_K: &str = "gen_ai.retrieval.top_k";
pub(crate) const TOKEN_MODALITY: &str = "gen_ai.token.modality";
pub(crate) const USAGE_CACHE_WRITE_INPUT_TOKENS: &str = "gen_ai.usage.cache_write.input_tokens";

/// What differs from v1.41.1; every other attribute is the same.
pub(crate) const RULES: &[Rule] = &[
    Rule {
        from: attribute::USAGE_CACHE_CREATION_INPUT_TOKENS,
        on: &[Inference, RemoteAgent],
        change: Name(USAGE_CACHE_WRITE_INPUT_TOKENS),
    },
    Rule {
        from: attribute::REQUEST_TOP_K,
        on: &[Inference],
        change: Integer(attribute::REQUEST_TOP_K),
    },
    Rule { from: attribute::REQUEST_TOP_K, on: &[Retrieval], change: Integer(RETRIEVAL_TOP_K) },
    Rule { from: attribute::PROVIDER_NAME, on: &[InternalAgent], change: Omit },
    Rule { from: attribute::AGENT_ID, on: &[InternalAgent], change: Omit },
    Rule { from: attribute::AGENT_VERSION, on: &[InternalAgent], change: Omit },
    Rule { from: attribute::USAGE_CACHE_READ_INPUT_TOKENS, on: &[InternalAgent], change: Omit },
    Rule { from: attribute::USAGE_CACHE_CREATION_INPUT_TOKENS, on: &[InternalAgent], change: Omit },
];

/// Values of `gen_ai.token.modality`.
pub(crate) mod modality {
    pub(crate) const AUDIO: &str = "audio";
    pub(crate) const IMAGE: &str = "image";
    pub(crate) const TEXT: &str = "text";
    pub(crate) const UNKNOWN: &str = "unknown";
}

/// Metrics beside those that both sets have.
pub(crate) mod metric {
    pub(crate) const EMBEDDINGS_DURATION: &str = "gen_ai.client.embeddings.duration";
    pub(crate) const EMBEDDINGS_INPUT_TOKENS: &str =
        "gen_ai.client.embeddings.operation.input_tokens";
    pub(crate) const INFERENCE_DURATION: &str = "gen_ai.client.inference.duration";
    pub(crate) const INFERENCE_INPUT_TOKENS: &str =
        "gen_ai.client.inference.operation.input_tokens";
    pub(crate) const INFERENCE_OUTPUT_TOKENS: &str =
        "gen_ai.client.inference.operation.output_tokens";
    pub(crate) const INFERENCE_TIME_PER_OUTPUT_CHUNK: &str =
        "gen_ai.client.inference.time_per_output_chunk";
    pub(crate) const INFERENCE_TIME_TO_FIRST_CHUNK: &str =
        "gen_ai.client.inference.time_to_first_chunk";
    pub(crate) const USAGE_CACHE_READ_INPUT_TOKENS: &str =
        "gen_ai.client.inference.usage.cache_read.input_tokens";
    pub(crate) const USAGE_CACHE_WRITE_INPUT_TOKENS: &str =
        "gen_ai.client.inference.usage.cache_write.input_tokens";
    pub(crate) const USAGE_INPUT_TOKENS: &str = "gen_ai.client.inference.usage.input_tokens";
    pub(crate) const USAGE_OUTPUT_TOKENS: &str = "gen_ai.client.inference.usage.output_tokens";
    pub(crate) const USAGE_REASONING_OUTPUT_TOKENS: &str =
        "gen_ai.client.inference.usage.reasoning.output_tokens";
}
