//! The names of OpenInference:
//! <https://github.com/Arize-ai/openinference/blob/main/spec/semantic_conventions.md>.

use super::attribute;
use super::rule::Change::{
    Content, Documents, First, IfOther, Instructions, Member, Messages, Name, Rest, Sum, Tools,
    Word,
};
use super::rule::Subject::{
    Embeddings, Inference, InternalAgent, RemoteAgent, Retrieval, Span, Stage, Tool, Workflow,
};
use super::rule::{Rule, Subject};

pub(crate) const AGENT_NAME: &str = "agent.name";
pub(crate) const EMBEDDING_INVOCATION_PARAMETERS: &str = "embedding.invocation_parameters";
pub(crate) const EMBEDDING_MODEL_NAME: &str = "embedding.model_name";
pub(crate) const INPUT_MIME_TYPE: &str = "input.mime_type";
pub(crate) const INPUT_VALUE: &str = "input.value";
pub(crate) const LLM_COST_TOTAL: &str = "llm.cost.total";
pub(crate) const LLM_FINISH_REASON: &str = "llm.finish_reason";
pub(crate) const LLM_INPUT_MESSAGES: &str = "llm.input_messages";
pub(crate) const LLM_INVOCATION_PARAMETERS: &str = "llm.invocation_parameters";
pub(crate) const LLM_MODEL_NAME: &str = "llm.model_name";
pub(crate) const LLM_OUTPUT_MESSAGES: &str = "llm.output_messages";
pub(crate) const LLM_PROMPT_TEMPLATE_VERSION: &str = "llm.prompt_template.version";
pub(crate) const LLM_PROVIDER: &str = "llm.provider";
pub(crate) const LLM_REQUEST_MODEL_NAME: &str = "llm.request.model_name";
pub(crate) const LLM_RESPONSE_MODEL_NAME: &str = "llm.response.model_name";
pub(crate) const LLM_SYSTEM: &str = "llm.system";
pub(crate) const LLM_TOKEN_COUNT_COMPLETION: &str = "llm.token_count.completion";
pub(crate) const LLM_TOKEN_COUNT_COMPLETION_DETAILS_AUDIO: &str =
    "llm.token_count.completion_details.audio";
pub(crate) const LLM_TOKEN_COUNT_COMPLETION_DETAILS_REASONING: &str =
    "llm.token_count.completion_details.reasoning";
pub(crate) const LLM_TOKEN_COUNT_PROMPT: &str = "llm.token_count.prompt";
pub(crate) const LLM_TOKEN_COUNT_PROMPT_DETAILS_AUDIO: &str =
    "llm.token_count.prompt_details.audio";
pub(crate) const LLM_TOKEN_COUNT_PROMPT_DETAILS_CACHE_READ: &str =
    "llm.token_count.prompt_details.cache_read";
pub(crate) const LLM_TOKEN_COUNT_PROMPT_DETAILS_CACHE_WRITE: &str =
    "llm.token_count.prompt_details.cache_write";
pub(crate) const LLM_TOKEN_COUNT_TOTAL: &str = "llm.token_count.total";
pub(crate) const LLM_TOOLS: &str = "llm.tools";
pub(crate) const METADATA: &str = "metadata";
pub(crate) const OUTPUT_MIME_TYPE: &str = "output.mime_type";
pub(crate) const OUTPUT_VALUE: &str = "output.value";
pub(crate) const PROMPT_ID: &str = "prompt.id";
pub(crate) const RETRIEVAL_DOCUMENTS: &str = "retrieval.documents";
pub(crate) const SPAN_KIND: &str = "openinference.span.kind";
pub(crate) const TAG_TAGS: &str = "tag.tags";
pub(crate) const TOOL_DESCRIPTION: &str = "tool.description";
pub(crate) const TOOL_ID: &str = "tool.id";
pub(crate) const TOOL_NAME: &str = "tool.name";
pub(crate) const TOOL_PARAMETERS: &str = "tool.parameters";

/// Below an element of `llm.input_messages` or `llm.output_messages`.
pub(crate) mod message {
    pub(crate) const CONTENT: &str = "message.content";
    pub(crate) const CONTENTS: &str = "message.contents";
    pub(crate) const NAME: &str = "message.name";
    pub(crate) const ROLE: &str = "message.role";
    pub(crate) const TOOL_CALLS: &str = "message.tool_calls";
    pub(crate) const TOOL_CALL_ID: &str = "message.tool_call_id";
}

/// Below an element of `message.contents`.
pub(crate) mod content {
    pub(crate) const AUDIO_MIME_TYPE: &str = "message_content.audio.audio.mime_type";
    pub(crate) const AUDIO_URL: &str = "message_content.audio.audio.url";
    pub(crate) const IMAGE_URL: &str = "message_content.image.image.url";
    pub(crate) const TEXT: &str = "message_content.text";
    pub(crate) const TYPE: &str = "message_content.type";
    pub(crate) const VIDEO_URL: &str = "message_content.video.video.url";
}

/// Below an element of `message.tool_calls`.
pub(crate) mod tool_call {
    pub(crate) const ARGUMENTS: &str = "tool_call.function.arguments";
    pub(crate) const ID: &str = "tool_call.id";
    pub(crate) const NAME: &str = "tool_call.function.name";
}

/// Below an element of `llm.tools`.
pub(crate) mod tool {
    pub(crate) const DESCRIPTION: &str = "tool.description";
    pub(crate) const JSON_SCHEMA: &str = "tool.json_schema";
    pub(crate) const NAME: &str = "tool.name";
}

/// Below an element of `retrieval.documents`.
pub(crate) mod document {
    pub(crate) const CONTENT: &str = "document.content";
    pub(crate) const ID: &str = "document.id";
    pub(crate) const METADATA: &str = "document.metadata";
    pub(crate) const SCORE: &str = "document.score";
}

/// Values of `input.mime_type` and `output.mime_type`.
pub(crate) mod mime_type {
    pub(crate) const JSON: &str = "application/json";
    pub(crate) const TEXT: &str = "text/plain";
}

/// What spans of embeddings have to be called.
pub(crate) const EMBEDDINGS_SPAN: &str = "CreateEmbeddings";

/// Values of `llm.provider` for those of `gen_ai.provider.name`: whose machines answer.
const PROVIDERS: &[(&str, &str)] = &[
    ("aws.bedrock", "aws"),
    ("azure.ai.inference", "azure"),
    ("azure.ai.openai", "azure"),
    ("gcp.gemini", "google"),
    ("gcp.gen_ai", "google"),
    ("gcp.vertex_ai", "google"),
    ("mistral_ai", "mistralai"),
    ("moonshot_ai", "moonshot"),
    ("x_ai", "xai"),
];

/// Values of `llm.system` for those of `gen_ai.provider.name`: whose interface it is.
const SYSTEMS: &[(&str, &str)] = &[
    ("aws.bedrock", "amazon"),
    ("azure.ai.openai", "openai"),
    ("gcp.vertex_ai", "vertexai"),
    ("mistral_ai", "mistralai"),
    ("x_ai", "xai"),
];

/// Kinds of stages that have a span kind of their own, by what users call them.
const STAGES: &[(&str, &str)] = &[
    ("agent", "AGENT"),
    ("embedder", "EMBEDDING"),
    ("embedding", "EMBEDDING"),
    ("embeddings", "EMBEDDING"),
    ("evaluator", "EVALUATOR"),
    ("guardrail", "GUARDRAIL"),
    ("llm", "LLM"),
    ("prompt", "PROMPT"),
    ("reranker", "RERANKER"),
    ("retrieval", "RETRIEVER"),
    ("retriever", "RETRIEVER"),
    ("template", "PROMPT"),
    ("tool", "TOOL"),
];

/// The value of `openinference.span.kind`, if the span is ours.
pub(crate) fn span_kind(subject: Subject, stage_kind: Option<&str>) -> Option<&'static str> {
    Some(match subject {
        Inference => "LLM",
        Embeddings => "EMBEDDING",
        Retrieval => "RETRIEVER",
        InternalAgent | RemoteAgent => "AGENT",
        Tool => "TOOL",
        Stage => {
            let is_it = |(word, _): &&(&str, &str)| {
                stage_kind.is_some_and(|kind| kind.eq_ignore_ascii_case(word))
            };
            STAGES.iter().find(is_it).map_or("CHAIN", |(_, kind)| kind)
        }
        Workflow | Span => "CHAIN",
        Subject::Foreign => return None,
    })
}

/// Spans whose tokens nobody else counts: those of an agent in this process are those of its calls.
const COUNTED: &[Subject] = &[Inference, RemoteAgent];
const AGENTS: &[Subject] = &[InternalAgent, RemoteAgent];
const TALKING: &[Subject] = &[Inference, InternalAgent, RemoteAgent];

const fn anywhere(from: &'static str, change: super::rule::Change) -> Rule {
    Rule { from, on: Subject::ALL, change }
}

const fn on(on: &'static [Subject], from: &'static str, change: super::rule::Change) -> Rule {
    Rule { from, on, change }
}

const fn parameter(from: &'static str, name: &'static str) -> Rule {
    anywhere(from, Member(LLM_INVOCATION_PARAMETERS, name))
}

const fn rest(from: &'static str) -> Rule {
    anywhere(from, Rest(METADATA))
}

/// The names of the default set; where no other rule has one on a span, the last does.
pub(crate) const RULES: &[Rule] = &[
    // Who answers.
    on(&[Inference], attribute::RESPONSE_MODEL, Name(LLM_MODEL_NAME)),
    on(&[Inference], attribute::REQUEST_MODEL, Name(LLM_MODEL_NAME)),
    on(
        &[Inference],
        attribute::REQUEST_MODEL,
        IfOther(LLM_REQUEST_MODEL_NAME, attribute::RESPONSE_MODEL),
    ),
    on(
        &[Inference],
        attribute::RESPONSE_MODEL,
        IfOther(LLM_RESPONSE_MODEL_NAME, attribute::REQUEST_MODEL),
    ),
    on(&[Inference], attribute::PROVIDER_NAME, Word(LLM_PROVIDER, PROVIDERS)),
    on(&[Inference], attribute::PROVIDER_NAME, Word(LLM_SYSTEM, SYSTEMS)),
    on(&[Embeddings], attribute::RESPONSE_MODEL, Name(EMBEDDING_MODEL_NAME)),
    on(&[Embeddings], attribute::REQUEST_MODEL, Name(EMBEDDING_MODEL_NAME)),
    on(AGENTS, attribute::AGENT_NAME, Name(AGENT_NAME)),
    // How it is asked.
    on(&[Inference], attribute::REQUEST_MODEL, Member(LLM_INVOCATION_PARAMETERS, "model")),
    parameter(attribute::REQUEST_CHOICE_COUNT, "n"),
    parameter(attribute::REQUEST_FREQUENCY_PENALTY, "frequency_penalty"),
    parameter(attribute::REQUEST_MAX_TOKENS, "max_tokens"),
    parameter(attribute::REQUEST_PRESENCE_PENALTY, "presence_penalty"),
    parameter(attribute::REQUEST_PREVIOUS_RESPONSE_ID, "previous_response_id"),
    parameter(attribute::REQUEST_REASONING_LEVEL, "reasoning_effort"),
    parameter(attribute::REQUEST_SEED, "seed"),
    parameter(attribute::OPENAI_REQUEST_SERVICE_TIER, "service_tier"),
    parameter(attribute::REQUEST_STOP_SEQUENCES, "stop_sequences"),
    parameter(attribute::REQUEST_STREAM, "stream"),
    parameter(attribute::REQUEST_TEMPERATURE, "temperature"),
    on(&[Inference], attribute::REQUEST_TOP_K, Member(LLM_INVOCATION_PARAMETERS, "top_k")),
    parameter(attribute::REQUEST_TOP_P, "top_p"),
    parameter(attribute::OUTPUT_TYPE, "output_type"),
    on(&[Embeddings], attribute::REQUEST_MODEL, Member(EMBEDDING_INVOCATION_PARAMETERS, "model")),
    anywhere(
        attribute::REQUEST_ENCODING_FORMATS,
        Member(EMBEDDING_INVOCATION_PARAMETERS, "encoding_formats"),
    ),
    anywhere(
        attribute::EMBEDDINGS_DIMENSION_COUNT,
        Member(EMBEDDING_INVOCATION_PARAMETERS, "dimensions"),
    ),
    anywhere(attribute::PROMPT_NAME, Name(PROMPT_ID)),
    anywhere(attribute::PROMPT_VERSION, Name(LLM_PROMPT_TEMPLATE_VERSION)),
    // What it took.
    on(COUNTED, attribute::USAGE_INPUT_TOKENS, Name(LLM_TOKEN_COUNT_PROMPT)),
    on(COUNTED, attribute::USAGE_OUTPUT_TOKENS, Name(LLM_TOKEN_COUNT_COMPLETION)),
    on(
        COUNTED,
        attribute::USAGE_INPUT_TOKENS,
        Sum(LLM_TOKEN_COUNT_TOTAL, attribute::USAGE_OUTPUT_TOKENS),
    ),
    on(
        COUNTED,
        attribute::USAGE_CACHE_READ_INPUT_TOKENS,
        Name(LLM_TOKEN_COUNT_PROMPT_DETAILS_CACHE_READ),
    ),
    on(
        COUNTED,
        attribute::USAGE_CACHE_CREATION_INPUT_TOKENS,
        Name(LLM_TOKEN_COUNT_PROMPT_DETAILS_CACHE_WRITE),
    ),
    on(COUNTED, attribute::USAGE_AUDIO_INPUT_TOKENS, Name(LLM_TOKEN_COUNT_PROMPT_DETAILS_AUDIO)),
    on(
        COUNTED,
        attribute::USAGE_REASONING_OUTPUT_TOKENS,
        Name(LLM_TOKEN_COUNT_COMPLETION_DETAILS_REASONING),
    ),
    on(
        COUNTED,
        attribute::USAGE_AUDIO_OUTPUT_TOKENS,
        Name(LLM_TOKEN_COUNT_COMPLETION_DETAILS_AUDIO),
    ),
    on(&[Embeddings], attribute::USAGE_INPUT_TOKENS, Name(LLM_TOKEN_COUNT_PROMPT)),
    on(&[Embeddings], attribute::USAGE_INPUT_TOKENS, Name(LLM_TOKEN_COUNT_TOTAL)),
    on(&[Inference, Embeddings], attribute::COST_USD, Name(LLM_COST_TOTAL)),
    on(&[Inference], attribute::RESPONSE_FINISH_REASONS, First(LLM_FINISH_REASON)),
    // Whom it is for.
    anywhere(attribute::CONVERSATION_ID, Name(attribute::SESSION_ID)),
    anywhere(attribute::TAGS, Name(TAG_TAGS)),
    // Tools.
    on(&[Tool], attribute::TOOL_NAME, Name(TOOL_NAME)),
    on(&[Tool], attribute::TOOL_DESCRIPTION, Name(TOOL_DESCRIPTION)),
    on(&[Tool], attribute::TOOL_CALL_ID, Name(TOOL_ID)),
    on(&[Tool], attribute::TOOL_CALL_ARGUMENTS, Name(TOOL_PARAMETERS)),
    anywhere(attribute::TOOL_CALL_ARGUMENTS, Content(INPUT_VALUE, INPUT_MIME_TYPE)),
    anywhere(attribute::TOOL_CALL_RESULT, Content(OUTPUT_VALUE, OUTPUT_MIME_TYPE)),
    // What is said.
    anywhere(attribute::INPUT_MESSAGES, Content(INPUT_VALUE, INPUT_MIME_TYPE)),
    anywhere(attribute::OUTPUT_MESSAGES, Content(OUTPUT_VALUE, OUTPUT_MIME_TYPE)),
    anywhere(attribute::RETRIEVAL_QUERY_TEXT, Content(INPUT_VALUE, INPUT_MIME_TYPE)),
    on(TALKING, attribute::OUTPUT_MESSAGES, Messages(LLM_OUTPUT_MESSAGES, None)),
    on(TALKING, attribute::SYSTEM_INSTRUCTIONS, Instructions(LLM_INPUT_MESSAGES)),
    on(
        TALKING,
        attribute::INPUT_MESSAGES,
        Messages(LLM_INPUT_MESSAGES, Some(attribute::SYSTEM_INSTRUCTIONS)),
    ),
    anywhere(attribute::RETRIEVAL_DOCUMENTS, Documents(RETRIEVAL_DOCUMENTS)),
    on(TALKING, attribute::TOOL_DEFINITIONS, Tools(LLM_TOOLS)),
    // What there is no name for.
    rest(attribute::AGENT_DESCRIPTION),
    rest(attribute::AGENT_ID),
    rest(attribute::AGENT_NAME),
    rest(attribute::AGENT_VERSION),
    rest(attribute::CONVERSATION_ID),
    rest(attribute::DATA_SOURCE_ID),
    rest(attribute::OPENAI_API_TYPE),
    rest(attribute::OPENAI_RESPONSE_SERVICE_TIER),
    rest(attribute::OPENAI_RESPONSE_SYSTEM_FINGERPRINT),
    rest(attribute::OPERATION_NAME),
    rest(attribute::PROVIDER_NAME),
    rest(attribute::REQUEST_MODEL),
    rest(attribute::REQUEST_TOP_K),
    rest(attribute::RESPONSE_FINISH_REASONS),
    rest(attribute::RESPONSE_ID),
    rest(attribute::RESPONSE_MODEL),
    rest(attribute::RESPONSE_TIME_TO_FIRST_CHUNK),
    rest(attribute::SYSTEM_INSTRUCTIONS),
    rest(attribute::TOOL_CALL_ID),
    rest(attribute::TOOL_DEFINITIONS),
    rest(attribute::TOOL_DESCRIPTION),
    rest(attribute::TOOL_NAME),
    rest(attribute::TOOL_TYPE),
    rest(attribute::USAGE_AUDIO_CACHE_READ_INPUT_TOKENS),
    rest(attribute::USAGE_AUDIO_INPUT_TOKENS),
    rest(attribute::USAGE_AUDIO_OUTPUT_TOKENS),
    rest(attribute::USAGE_CACHE_CREATION_INPUT_TOKENS),
    rest(attribute::USAGE_CACHE_READ_INPUT_TOKENS),
    rest(attribute::USAGE_IMAGE_CACHE_READ_INPUT_TOKENS),
    rest(attribute::USAGE_IMAGE_INPUT_TOKENS),
    rest(attribute::USAGE_IMAGE_OUTPUT_TOKENS),
    rest(attribute::USAGE_INPUT_TOKENS),
    rest(attribute::USAGE_OUTPUT_TOKENS),
    rest(attribute::USAGE_REASONING_OUTPUT_TOKENS),
    rest(attribute::USAGE_TEXT_CACHE_READ_INPUT_TOKENS),
    rest(attribute::USAGE_TEXT_INPUT_TOKENS),
    rest(attribute::USAGE_TEXT_OUTPUT_TOKENS),
    rest(attribute::WORKFLOW_NAME),
];

/// The [`rank`](super::rank) of a name of these conventions.
pub(crate) fn rank(key: &str) -> Option<u8> {
    if key == SPAN_KIND
        || ["llm.token_count.", "llm.cost."].iter().any(|prefix| key.starts_with(prefix))
    {
        return Some(0);
    }
    if key == TAG_TAGS {
        return Some(super::RANK_OF_IDENTITY);
    }
    let is_target = |rule: &Rule| match rule.change {
        Name(to)
        | Word(to, _)
        | IfOther(to, _)
        | Sum(to, _)
        | First(to)
        | Member(to, _)
        | Rest(to) => to == key,
        Content(to, kind) => to == key || kind == key,
        _ => false,
    };
    RULES.iter().any(is_target).then_some(2)
}
