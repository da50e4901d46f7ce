//! The repository after v1.41.1, at commit 88eccb1, as tables.
//!
//! Source: <https://github.com/open-telemetry/semantic-conventions-genai>.

use super::table::{
    self, AGENT, CALLS, CLIENT, CLIENT_OR_ERROR, MetricRule, OPERATION, SAMPLING, Set, SpanRule,
    TOKENS, Type, WORKFLOW,
};

pub(crate) const GENAI_MAIN: Set = Set {
    schema_url: "https://opentelemetry.io/schemas/gen-ai-dev/1.42.0-dev",
    type_of,
    spans: SPANS,
    metrics: METRICS,
};

/// Names that v1.41.1 has and this set has not.
pub(crate) const REMOVED: [&str; 2] =
    ["gen_ai.token.type", "gen_ai.usage.cache_creation.input_tokens"];

/// Names that this set has instead, or with another type.
const CHANGED: &[(&str, Type)] = &[
    ("gen_ai.request.top_k", Type::Int),
    ("gen_ai.retrieval.top_k", Type::Int),
    ("gen_ai.token.modality", Type::Text),
    ("gen_ai.usage.cache_write.input_tokens", Type::Int),
];

fn type_of(key: &str) -> Option<Type> {
    if REMOVED.contains(&key) {
        return None;
    }
    let changed = CHANGED.iter().find(|(name, _)| *name == key);
    changed.map(|(_, changed)| *changed).or_else(|| table::type_of(key))
}

const SPANS: &[SpanRule] = &[
    SpanRule {
        operations: &["chat", "generate_content", "text_completion"],
        kinds: &["client", "internal"],
        target: "gen_ai.request.model",
        required: &["gen_ai.operation.name", "gen_ai.provider.name"],
        allowed: &[
            SAMPLING[0],
            SAMPLING[1],
            SAMPLING[2],
            SAMPLING[3],
            SAMPLING[4],
            SAMPLING[5],
            SAMPLING[6],
            "gen_ai.conversation.compacted",
            "gen_ai.conversation.id",
            "gen_ai.input.messages",
            "gen_ai.output.messages",
            "gen_ai.output.type",
            "gen_ai.prompt.name",
            "gen_ai.prompt.version",
            "gen_ai.request.model",
            "gen_ai.request.previous_response.id",
            "gen_ai.request.reasoning.level",
            "gen_ai.request.stream",
            "gen_ai.request.top_k",
            "gen_ai.request.top_p",
            "gen_ai.response.finish_reasons",
            "gen_ai.response.id",
            "gen_ai.response.model",
            "gen_ai.response.time_to_first_chunk",
            "gen_ai.system_instructions",
            "gen_ai.tool.definitions",
            "gen_ai.usage.audio.cache_read.input_tokens",
            "gen_ai.usage.audio.input_tokens",
            "gen_ai.usage.audio.output_tokens",
            "gen_ai.usage.cache_read.input_tokens",
            "gen_ai.usage.cache_write.input_tokens",
            "gen_ai.usage.image.cache_read.input_tokens",
            "gen_ai.usage.image.input_tokens",
            "gen_ai.usage.image.output_tokens",
            "gen_ai.usage.input_tokens",
            "gen_ai.usage.output_tokens",
            "gen_ai.usage.reasoning.output_tokens",
            "gen_ai.usage.text.cache_read.input_tokens",
            "gen_ai.usage.text.input_tokens",
            "gen_ai.usage.text.output_tokens",
            "openai.api.type",
            "openai.request.service_tier",
            "openai.response.service_tier",
            "openai.response.system_fingerprint",
        ],
    },
    SpanRule {
        operations: &["embeddings"],
        kinds: &["client"],
        target: "gen_ai.request.model",
        required: &["gen_ai.operation.name", "gen_ai.provider.name"],
        allowed: &[
            "gen_ai.embeddings.dimension.count",
            "gen_ai.request.encoding_formats",
            "gen_ai.request.model",
            "gen_ai.response.model",
            "gen_ai.usage.input_tokens",
        ],
    },
    SpanRule {
        operations: &["retrieval"],
        kinds: &["client"],
        target: "gen_ai.data_source.id",
        required: &["gen_ai.operation.name"],
        allowed: &[
            "gen_ai.data_source.id",
            "gen_ai.provider.name",
            "gen_ai.request.model",
            "gen_ai.retrieval.documents",
            "gen_ai.retrieval.query.text",
            "gen_ai.retrieval.top_k",
        ],
    },
    SpanRule {
        operations: &["execute_tool"],
        kinds: &["internal"],
        target: "gen_ai.tool.name",
        required: &["gen_ai.operation.name", "gen_ai.tool.name"],
        allowed: &[
            "gen_ai.agent.name",
            "gen_ai.conversation.id",
            "gen_ai.tool.call.arguments",
            "gen_ai.tool.call.id",
            "gen_ai.tool.call.result",
            "gen_ai.tool.description",
            "gen_ai.tool.type",
        ],
    },
    SpanRule {
        operations: &["invoke_agent"],
        kinds: &["internal"],
        target: "gen_ai.agent.name",
        required: &["gen_ai.operation.name"],
        allowed: &[
            SAMPLING[0],
            SAMPLING[1],
            SAMPLING[2],
            SAMPLING[3],
            SAMPLING[4],
            SAMPLING[5],
            SAMPLING[6],
            "gen_ai.agent.description",
            "gen_ai.agent.name",
            "gen_ai.conversation.id",
            "gen_ai.data_source.id",
            "gen_ai.input.messages",
            "gen_ai.output.messages",
            "gen_ai.output.type",
            "gen_ai.request.model",
            "gen_ai.request.top_p",
            "gen_ai.response.finish_reasons",
            "gen_ai.system_instructions",
            "gen_ai.tool.definitions",
            "gen_ai.usage.input_tokens",
            "gen_ai.usage.output_tokens",
        ],
    },
    SpanRule {
        operations: &["invoke_agent"],
        kinds: &["client"],
        target: "gen_ai.agent.name",
        required: &["gen_ai.operation.name", "gen_ai.provider.name"],
        allowed: &[
            SAMPLING[0],
            SAMPLING[1],
            SAMPLING[2],
            SAMPLING[3],
            SAMPLING[4],
            SAMPLING[5],
            SAMPLING[6],
            "gen_ai.agent.description",
            "gen_ai.agent.id",
            "gen_ai.agent.name",
            "gen_ai.agent.version",
            "gen_ai.conversation.id",
            "gen_ai.data_source.id",
            "gen_ai.input.messages",
            "gen_ai.output.messages",
            "gen_ai.output.type",
            "gen_ai.request.model",
            "gen_ai.request.previous_response.id",
            "gen_ai.request.top_p",
            "gen_ai.response.finish_reasons",
            "gen_ai.system_instructions",
            "gen_ai.tool.definitions",
            "gen_ai.usage.cache_read.input_tokens",
            "gen_ai.usage.cache_write.input_tokens",
            "gen_ai.usage.input_tokens",
            "gen_ai.usage.output_tokens",
        ],
    },
    SpanRule {
        operations: &["invoke_workflow"],
        kinds: &["internal"],
        target: "gen_ai.workflow.name",
        required: &["gen_ai.operation.name"],
        allowed: &[
            "gen_ai.conversation.id",
            "gen_ai.input.messages",
            "gen_ai.output.messages",
            "gen_ai.workflow.name",
        ],
    },
];

const REQUIRED: &[&str] = &["gen_ai.operation.name", "gen_ai.provider.name"];
const WITH_MODALITY: &[&str] =
    &["gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.token.modality"];

const fn seconds(name: &'static str) -> MetricRule {
    MetricRule { name, unit: "s", bounds: &OPERATION, required: REQUIRED, allowed: CLIENT_OR_ERROR }
}

const fn chunks(name: &'static str) -> MetricRule {
    MetricRule { name, unit: "s", bounds: &OPERATION, required: REQUIRED, allowed: CLIENT }
}

const fn counter(name: &'static str) -> MetricRule {
    MetricRule { name, unit: "{token}", bounds: &[], required: WITH_MODALITY, allowed: CLIENT }
}

const fn tokens(name: &'static str) -> MetricRule {
    MetricRule { name, unit: "{token}", bounds: &TOKENS, required: REQUIRED, allowed: CLIENT }
}

const METRICS: &[MetricRule] = &[
    seconds("gen_ai.client.inference.duration"),
    chunks("gen_ai.client.inference.time_to_first_chunk"),
    chunks("gen_ai.client.inference.time_per_output_chunk"),
    counter("gen_ai.client.inference.usage.input_tokens"),
    counter("gen_ai.client.inference.usage.output_tokens"),
    counter("gen_ai.client.inference.usage.cache_read.input_tokens"),
    counter("gen_ai.client.inference.usage.cache_write.input_tokens"),
    counter("gen_ai.client.inference.usage.reasoning.output_tokens"),
    tokens("gen_ai.client.inference.operation.input_tokens"),
    tokens("gen_ai.client.inference.operation.output_tokens"),
    seconds("gen_ai.client.embeddings.duration"),
    tokens("gen_ai.client.embeddings.operation.input_tokens"),
    seconds("gen_ai.client.operation.duration"),
    MetricRule {
        name: "gen_ai.invoke_workflow.duration",
        unit: "s",
        bounds: &WORKFLOW,
        required: &[],
        allowed: &["gen_ai.workflow.name", "error.type"],
    },
    MetricRule {
        name: "gen_ai.invoke_agent.duration",
        unit: "s",
        bounds: &AGENT,
        required: &[],
        allowed: &["gen_ai.agent.name", "gen_ai.request.model", "error.type"],
    },
    MetricRule {
        name: "gen_ai.invoke_agent.inference_calls",
        unit: "{inference_call}",
        bounds: &CALLS,
        required: &[],
        allowed: &["gen_ai.agent.name"],
    },
    MetricRule {
        name: "gen_ai.invoke_agent.tool_calls",
        unit: "{tool_call}",
        bounds: &CALLS,
        required: &[],
        allowed: &["gen_ai.agent.name"],
    },
    MetricRule {
        name: "gen_ai.execute_tool.duration",
        unit: "s",
        bounds: &OPERATION,
        required: &["gen_ai.tool.name"],
        allowed: &["gen_ai.agent.name", "gen_ai.tool.type", "error.type"],
    },
];
