//! The GenAI conventions v1.41.1 as tables, and what the later GenAI repository adds to them.
//!
//! Source: <https://github.com/open-telemetry/semantic-conventions/tree/v1.41.1/docs/gen-ai>.

use Type::{Double, Flag, Int, Text, Texts};

/// The type of an attribute's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Text,
    Texts,
    Int,
    Double,
    Flag,
}

/// Every attribute that a span, an event or a metric may have.
pub(crate) const ATTRIBUTES: &[(&str, Type)] = &[
    ("error.type", Text),
    ("exception.message", Text),
    ("exception.stacktrace", Text),
    ("exception.type", Text),
    ("gen_ai.agent.description", Text),
    ("gen_ai.agent.id", Text),
    ("gen_ai.agent.name", Text),
    ("gen_ai.agent.version", Text),
    ("gen_ai.conversation.id", Text),
    ("gen_ai.data_source.id", Text),
    ("gen_ai.embeddings.dimension.count", Int),
    ("gen_ai.evaluation.explanation", Text),
    ("gen_ai.evaluation.name", Text),
    ("gen_ai.evaluation.score.label", Text),
    ("gen_ai.evaluation.score.value", Double),
    // Structured values are JSON text on spans.
    ("gen_ai.input.messages", Text),
    ("gen_ai.operation.name", Text),
    ("gen_ai.output.messages", Text),
    ("gen_ai.output.type", Text),
    ("gen_ai.prompt.name", Text),
    ("gen_ai.provider.name", Text),
    ("gen_ai.request.choice.count", Int),
    ("gen_ai.request.encoding_formats", Texts),
    ("gen_ai.request.frequency_penalty", Double),
    ("gen_ai.request.max_tokens", Int),
    ("gen_ai.request.model", Text),
    ("gen_ai.request.presence_penalty", Double),
    ("gen_ai.request.seed", Int),
    ("gen_ai.request.stop_sequences", Texts),
    ("gen_ai.request.stream", Flag),
    ("gen_ai.request.temperature", Double),
    ("gen_ai.request.top_k", Double),
    ("gen_ai.request.top_p", Double),
    ("gen_ai.response.finish_reasons", Texts),
    ("gen_ai.response.id", Text),
    ("gen_ai.response.model", Text),
    ("gen_ai.response.time_to_first_chunk", Double),
    ("gen_ai.retrieval.documents", Text),
    ("gen_ai.retrieval.query.text", Text),
    ("gen_ai.system_instructions", Text),
    ("gen_ai.token.type", Text),
    ("gen_ai.tool.call.arguments", Text),
    ("gen_ai.tool.call.id", Text),
    ("gen_ai.tool.call.result", Text),
    ("gen_ai.tool.definitions", Text),
    ("gen_ai.tool.description", Text),
    ("gen_ai.tool.name", Text),
    ("gen_ai.tool.type", Text),
    ("gen_ai.usage.cache_creation.input_tokens", Int),
    ("gen_ai.usage.cache_read.input_tokens", Int),
    ("gen_ai.usage.input_tokens", Int),
    ("gen_ai.usage.output_tokens", Int),
    ("gen_ai.usage.reasoning.output_tokens", Int),
    ("gen_ai.workflow.name", Text),
    ("openai.api.type", Text),
    ("openai.request.service_tier", Text),
    ("openai.response.service_tier", Text),
    ("openai.response.system_fingerprint", Text),
    ("server.address", Text),
    ("server.port", Int),
    ("session.id", Text),
    ("user.id", Text),
];

/// Names that v1.41.1 has no other name for, from the GenAI repository that follows it.
pub(crate) const ADDED: &[(&str, Type)] = &[
    ("gen_ai.conversation.compacted", Flag),
    ("gen_ai.prompt.version", Text),
    ("gen_ai.request.previous_response.id", Text),
    ("gen_ai.request.reasoning.level", Text),
    ("gen_ai.response.status", Text),
    ("gen_ai.usage.audio.cache_read.input_tokens", Int),
    ("gen_ai.usage.audio.input_tokens", Int),
    ("gen_ai.usage.audio.output_tokens", Int),
    ("gen_ai.usage.image.cache_read.input_tokens", Int),
    ("gen_ai.usage.image.input_tokens", Int),
    ("gen_ai.usage.image.output_tokens", Int),
    ("gen_ai.usage.text.cache_read.input_tokens", Int),
    ("gen_ai.usage.text.input_tokens", Int),
    ("gen_ai.usage.text.output_tokens", Int),
];

/// The type of an attribute of the conventions, whichever of both tables has it.
pub(crate) fn type_of(key: &str) -> Option<Type> {
    let known = ATTRIBUTES.iter().chain(ADDED).find(|(name, _)| *name == key);
    known.map(|(_, known)| *known)
}

/// A set of names, and what it says of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Set {
    pub(crate) schema_url: &'static str,
    pub(crate) type_of: fn(&str) -> Option<Type>,
    pub(crate) spans: &'static [SpanRule],
    pub(crate) metrics: &'static [MetricRule],
}

pub(crate) const V1_41: Set = Set {
    schema_url: "https://opentelemetry.io/schemas/1.41.1",
    type_of,
    spans: SPANS,
    metrics: METRICS,
};

/// Values of `gen_ai.operation.name` that v1.41.1 has.
pub(crate) const OPERATIONS: &[&str] = &[
    "chat",
    "create_agent",
    "embeddings",
    "execute_tool",
    "generate_content",
    "invoke_agent",
    "invoke_workflow",
    "retrieval",
    "text_completion",
];

/// What the conventions say of the span of an operation.
#[derive(Debug)]
pub(crate) struct SpanRule {
    pub(crate) operations: &'static [&'static str],
    pub(crate) kinds: &'static [&'static str],
    /// The attribute that follows the operation in the span's name, if it is set.
    pub(crate) target: &'static str,
    pub(crate) required: &'static [&'static str],
    /// Beside the required ones, `error.type`, `server.address` and `server.port`.
    pub(crate) allowed: &'static [&'static str],
}

pub(crate) const SAMPLING: [&str; 7] = [
    "gen_ai.request.choice.count",
    "gen_ai.request.frequency_penalty",
    "gen_ai.request.max_tokens",
    "gen_ai.request.presence_penalty",
    "gen_ai.request.seed",
    "gen_ai.request.stop_sequences",
    "gen_ai.request.temperature",
];

pub(crate) const SPANS: &[SpanRule] = &[
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
            "gen_ai.response.status",
            "gen_ai.response.time_to_first_chunk",
            "gen_ai.system_instructions",
            "gen_ai.tool.definitions",
            "gen_ai.usage.audio.cache_read.input_tokens",
            "gen_ai.usage.audio.input_tokens",
            "gen_ai.usage.audio.output_tokens",
            "gen_ai.usage.cache_creation.input_tokens",
            "gen_ai.usage.cache_read.input_tokens",
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
            "gen_ai.request.top_k",
            "gen_ai.retrieval.documents",
            "gen_ai.retrieval.query.text",
        ],
    },
    SpanRule {
        operations: &["execute_tool"],
        kinds: &["internal"],
        target: "gen_ai.tool.name",
        required: &["gen_ai.operation.name", "gen_ai.tool.name"],
        allowed: &[
            // Of the later repository, as the next.
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
        kinds: &["client", "internal"],
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
            "gen_ai.request.top_p",
            "gen_ai.response.finish_reasons",
            "gen_ai.system_instructions",
            "gen_ai.tool.definitions",
            "gen_ai.usage.cache_creation.input_tokens",
            "gen_ai.usage.cache_read.input_tokens",
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
            // Of the later repository.
            "gen_ai.conversation.id",
            "gen_ai.input.messages",
            "gen_ai.output.messages",
            "gen_ai.workflow.name",
        ],
    },
];

/// What the conventions say of a metric: a histogram, or a counter if it has no bounds.
#[derive(Clone, Debug)]
pub(crate) struct MetricRule {
    pub(crate) name: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) bounds: &'static [f64],
    pub(crate) required: &'static [&'static str],
    pub(crate) allowed: &'static [&'static str],
}

pub(crate) const OPERATION: [f64; 14] =
    [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
pub(crate) const AGENT: [f64; 13] =
    [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 102.4, 204.8, 409.6];
pub(crate) const CALLS: [f64; 8] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0];
pub(crate) const TOKENS: [f64; 14] = [
    1.0,
    4.0,
    16.0,
    64.0,
    256.0,
    1_024.0,
    4_096.0,
    16_384.0,
    65_536.0,
    262_144.0,
    1_048_576.0,
    4_194_304.0,
    16_777_216.0,
    67_108_864.0,
];
pub(crate) const WORKFLOW: [f64; 11] =
    [1.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1_800.0, 3_600.0, 7_200.0];

pub(crate) const CLIENT: &[&str] =
    &["gen_ai.request.model", "gen_ai.response.model", "server.address", "server.port"];
pub(crate) const CLIENT_OR_ERROR: &[&str] = &[
    "error.type",
    "gen_ai.provider.name",
    "gen_ai.request.model",
    "gen_ai.response.model",
    "server.address",
    "server.port",
];

pub(crate) const METRICS: &[MetricRule] = &[
    MetricRule {
        name: "gen_ai.client.token.usage",
        unit: "{token}",
        bounds: &TOKENS,
        required: &["gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.token.type"],
        allowed: CLIENT,
    },
    MetricRule {
        name: "gen_ai.client.operation.duration",
        unit: "s",
        bounds: &OPERATION,
        required: &["gen_ai.operation.name", "gen_ai.provider.name"],
        allowed: CLIENT_OR_ERROR,
    },
    MetricRule {
        name: "gen_ai.client.operation.time_to_first_chunk",
        unit: "s",
        bounds: &OPERATION,
        required: &["gen_ai.operation.name", "gen_ai.provider.name"],
        allowed: CLIENT,
    },
    MetricRule {
        name: "gen_ai.client.operation.time_per_output_chunk",
        unit: "s",
        bounds: &OPERATION,
        required: &["gen_ai.operation.name", "gen_ai.provider.name"],
        allowed: CLIENT,
    },
    // The later repository's, which v1.41.1 has no name for.
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

/// What an event has that is a log record.
pub(crate) struct EventRule {
    pub(crate) name: &'static str,
    /// As OTLP numbers it; 0 where the conventions say nothing.
    pub(crate) severity: i32,
    pub(crate) required: &'static [&'static str],
    pub(crate) allowed: &'static [&'static str],
    /// The operations whose spans' attributes it has too.
    pub(crate) as_span: Option<&'static [&'static str]>,
}

pub(crate) const EVENTS: &[EventRule] = &[
    EventRule {
        name: "gen_ai.client.inference.operation.details",
        severity: 0,
        required: &["gen_ai.operation.name"],
        allowed: &["error.type", "server.address", "server.port"],
        as_span: Some(&["chat", "generate_content", "text_completion"]),
    },
    EventRule {
        name: "gen_ai.client.operation.exception",
        severity: 13,
        required: &["exception.type"],
        allowed: &["exception.message", "exception.stacktrace"],
        as_span: None,
    },
    EventRule {
        name: "gen_ai.evaluation.result",
        severity: 0,
        required: &["gen_ai.evaluation.name"],
        allowed: &[
            "error.type",
            "gen_ai.evaluation.explanation",
            "gen_ai.evaluation.score.label",
            "gen_ai.evaluation.score.value",
            "gen_ai.response.id",
        ],
        as_span: None,
    },
];
