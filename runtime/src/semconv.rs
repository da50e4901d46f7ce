//! Every attribute, metric and event name, and every bucket boundary: the only place they are written.
//!
//! The names here are those of the default set, in which everything is recorded; the modules below have
//! the others, which the export thread writes.
//!
//! GenAI names follow OpenTelemetry semantic conventions v1.41.1 (status: development), with the
//! additive names of the later GenAI repository where v1.41.1 has none.
//! Source: <https://github.com/open-telemetry/semantic-conventions/tree/v1.41.1/docs/gen-ai>.

#[cfg(feature = "telemetry")]
pub(crate) mod genai_main;
#[cfg(any(feature = "prometheus", feature = "zipkin"))]
pub(crate) mod mapping;
mod measured;
#[cfg(feature = "telemetry")]
pub(crate) mod openinference;
#[cfg(feature = "telemetry")]
pub(crate) mod own;
#[cfg(feature = "telemetry")]
pub(crate) mod rule;
#[cfg(feature = "telemetry")]
pub(crate) mod sdk;

pub(crate) use self::measured::Measured;

/// What this crate's spans and metrics declare they follow.
pub(crate) const SCHEMA_URL: &str = "https://opentelemetry.io/schemas/1.41.1";
/// Name of the instrumentation scope of every span and metric made here.
pub(crate) const SCOPE_NAME: &str = "spanline";

/// Attribute names.
#[cfg_attr(
    not(feature = "content"),
    allow(dead_code, reason = "those of content are used by it alone")
)]
pub(crate) mod attribute {
    pub(crate) const ERROR_TYPE: &str = "error.type";
    pub(crate) const EXCEPTION_MESSAGE: &str = "exception.message";
    pub(crate) const EXCEPTION_STACKTRACE: &str = "exception.stacktrace";
    pub(crate) const EXCEPTION_TYPE: &str = "exception.type";
    pub(crate) const SERVER_ADDRESS: &str = "server.address";
    pub(crate) const SERVER_PORT: &str = "server.port";
    pub(crate) const SESSION_ID: &str = "session.id";
    pub(crate) const USER_ID: &str = "user.id";

    pub(crate) const AGENT_DESCRIPTION: &str = "gen_ai.agent.description";
    pub(crate) const AGENT_ID: &str = "gen_ai.agent.id";
    pub(crate) const AGENT_NAME: &str = "gen_ai.agent.name";
    pub(crate) const AGENT_VERSION: &str = "gen_ai.agent.version";
    pub(crate) const CONVERSATION_ID: &str = "gen_ai.conversation.id";
    pub(crate) const DATA_SOURCE_ID: &str = "gen_ai.data_source.id";
    pub(crate) const EMBEDDINGS_DIMENSION_COUNT: &str = "gen_ai.embeddings.dimension.count";
    pub(crate) const EVALUATION_EXPLANATION: &str = "gen_ai.evaluation.explanation";
    pub(crate) const EVALUATION_NAME: &str = "gen_ai.evaluation.name";
    pub(crate) const EVALUATION_SCORE_LABEL: &str = "gen_ai.evaluation.score.label";
    pub(crate) const EVALUATION_SCORE_VALUE: &str = "gen_ai.evaluation.score.value";
    pub(crate) const INPUT_MESSAGES: &str = "gen_ai.input.messages";
    pub(crate) const OPERATION_NAME: &str = "gen_ai.operation.name";
    pub(crate) const OUTPUT_MESSAGES: &str = "gen_ai.output.messages";
    pub(crate) const OUTPUT_TYPE: &str = "gen_ai.output.type";
    pub(crate) const PROMPT_NAME: &str = "gen_ai.prompt.name";
    pub(crate) const PROMPT_VERSION: &str = "gen_ai.prompt.version";
    pub(crate) const PROVIDER_NAME: &str = "gen_ai.provider.name";
    pub(crate) const REQUEST_CHOICE_COUNT: &str = "gen_ai.request.choice.count";
    pub(crate) const REQUEST_ENCODING_FORMATS: &str = "gen_ai.request.encoding_formats";
    pub(crate) const REQUEST_FREQUENCY_PENALTY: &str = "gen_ai.request.frequency_penalty";
    pub(crate) const REQUEST_MAX_TOKENS: &str = "gen_ai.request.max_tokens";
    pub(crate) const REQUEST_MODEL: &str = "gen_ai.request.model";
    pub(crate) const REQUEST_PRESENCE_PENALTY: &str = "gen_ai.request.presence_penalty";
    pub(crate) const REQUEST_PREVIOUS_RESPONSE_ID: &str = "gen_ai.request.previous_response.id";
    pub(crate) const REQUEST_REASONING_LEVEL: &str = "gen_ai.request.reasoning.level";
    pub(crate) const REQUEST_SEED: &str = "gen_ai.request.seed";
    pub(crate) const REQUEST_STOP_SEQUENCES: &str = "gen_ai.request.stop_sequences";
    pub(crate) const REQUEST_STREAM: &str = "gen_ai.request.stream";
    pub(crate) const REQUEST_TEMPERATURE: &str = "gen_ai.request.temperature";
    pub(crate) const REQUEST_TOP_K: &str = "gen_ai.request.top_k";
    pub(crate) const REQUEST_TOP_P: &str = "gen_ai.request.top_p";
    pub(crate) const RESPONSE_FINISH_REASONS: &str = "gen_ai.response.finish_reasons";
    pub(crate) const RESPONSE_ID: &str = "gen_ai.response.id";
    pub(crate) const RESPONSE_MODEL: &str = "gen_ai.response.model";
    pub(crate) const RESPONSE_TIME_TO_FIRST_CHUNK: &str = "gen_ai.response.time_to_first_chunk";
    pub(crate) const RETRIEVAL_DOCUMENTS: &str = "gen_ai.retrieval.documents";
    pub(crate) const RETRIEVAL_QUERY_TEXT: &str = "gen_ai.retrieval.query.text";
    pub(crate) const SYSTEM_INSTRUCTIONS: &str = "gen_ai.system_instructions";
    pub(crate) const TOKEN_TYPE: &str = "gen_ai.token.type";
    pub(crate) const TOOL_CALL_ARGUMENTS: &str = "gen_ai.tool.call.arguments";
    pub(crate) const TOOL_CALL_ID: &str = "gen_ai.tool.call.id";
    pub(crate) const TOOL_CALL_RESULT: &str = "gen_ai.tool.call.result";
    pub(crate) const TOOL_DEFINITIONS: &str = "gen_ai.tool.definitions";
    pub(crate) const TOOL_DESCRIPTION: &str = "gen_ai.tool.description";
    pub(crate) const TOOL_NAME: &str = "gen_ai.tool.name";
    pub(crate) const TOOL_TYPE: &str = "gen_ai.tool.type";
    pub(crate) const USAGE_AUDIO_CACHE_READ_INPUT_TOKENS: &str =
        "gen_ai.usage.audio.cache_read.input_tokens";
    pub(crate) const USAGE_AUDIO_INPUT_TOKENS: &str = "gen_ai.usage.audio.input_tokens";
    pub(crate) const USAGE_AUDIO_OUTPUT_TOKENS: &str = "gen_ai.usage.audio.output_tokens";
    pub(crate) const USAGE_CACHE_CREATION_INPUT_TOKENS: &str =
        "gen_ai.usage.cache_creation.input_tokens";
    pub(crate) const USAGE_CACHE_READ_INPUT_TOKENS: &str = "gen_ai.usage.cache_read.input_tokens";
    pub(crate) const USAGE_IMAGE_CACHE_READ_INPUT_TOKENS: &str =
        "gen_ai.usage.image.cache_read.input_tokens";
    pub(crate) const USAGE_IMAGE_INPUT_TOKENS: &str = "gen_ai.usage.image.input_tokens";
    pub(crate) const USAGE_IMAGE_OUTPUT_TOKENS: &str = "gen_ai.usage.image.output_tokens";
    pub(crate) const USAGE_INPUT_TOKENS: &str = "gen_ai.usage.input_tokens";
    pub(crate) const USAGE_OUTPUT_TOKENS: &str = "gen_ai.usage.output_tokens";
    pub(crate) const USAGE_REASONING_OUTPUT_TOKENS: &str = "gen_ai.usage.reasoning.output_tokens";
    pub(crate) const USAGE_TEXT_CACHE_READ_INPUT_TOKENS: &str =
        "gen_ai.usage.text.cache_read.input_tokens";
    pub(crate) const USAGE_TEXT_INPUT_TOKENS: &str = "gen_ai.usage.text.input_tokens";
    pub(crate) const USAGE_TEXT_OUTPUT_TOKENS: &str = "gen_ai.usage.text.output_tokens";
    pub(crate) const WORKFLOW_NAME: &str = "gen_ai.workflow.name";

    pub(crate) const OPENAI_API_TYPE: &str = "openai.api.type";
    pub(crate) const OPENAI_REQUEST_SERVICE_TIER: &str = "openai.request.service_tier";
    pub(crate) const OPENAI_RESPONSE_SERVICE_TIER: &str = "openai.response.service_tier";
    pub(crate) const OPENAI_RESPONSE_SYSTEM_FINGERPRINT: &str =
        "openai.response.system_fingerprint";

    pub(crate) const AGENT_HISTORY_LENGTH: &str = "spanline.agent.history_length";
    pub(crate) const AGENT_INFERENCE_CALLS: &str = "spanline.agent.inference_calls";
    pub(crate) const AGENT_TOOL_CALLS: &str = "spanline.agent.tool_calls";
    pub(crate) const ATTEMPTS: &str = "spanline.attempts";
    pub(crate) const ATTEMPT_DURATION: &str = "spanline.attempt.duration";
    pub(crate) const ATTEMPT_NUMBER: &str = "spanline.attempt.number";
    pub(crate) const BUDGET_EXCEEDED: &str = "spanline.budget.exceeded";
    pub(crate) const BUDGET_KIND: &str = "spanline.budget.kind";
    pub(crate) const BUDGET_LIMIT: &str = "spanline.budget.limit";
    pub(crate) const BUDGET_MAX_COST_USD: &str = "spanline.budget.max_cost.usd";
    pub(crate) const BUDGET_MAX_TOTAL_TOKENS: &str = "spanline.budget.max_total_tokens";
    pub(crate) const BUDGET_SPENT: &str = "spanline.budget.spent";
    pub(crate) const COMPLETION_LENGTH: &str = "spanline.completion_length";
    pub(crate) const CONTENT_CUT_BYTES: &str = "spanline.content.cut_bytes";
    pub(crate) const COST_SOURCE: &str = "spanline.cost.source";
    pub(crate) const COST_USD: &str = "spanline.cost.usd";
    pub(crate) const CARRIED_EVALUATION_EXPLANATION: &str = "spanline.evaluation.explanation";
    pub(crate) const CARRIED_EVALUATION_NAME: &str = "spanline.evaluation.name";
    pub(crate) const CARRIED_EVALUATION_RESPONSE_ID: &str = "spanline.evaluation.response.id";
    pub(crate) const CARRIED_EVALUATION_SCORE_LABEL: &str = "spanline.evaluation.score.label";
    pub(crate) const CARRIED_EVALUATION_SCORE_VALUE: &str = "spanline.evaluation.score.value";
    pub(crate) const FAILED_ATTEMPTS_CACHE_CREATION_INPUT_TOKENS: &str =
        "spanline.failed_attempts.cache_creation.input_tokens";
    pub(crate) const FAILED_ATTEMPTS_CACHE_READ_INPUT_TOKENS: &str =
        "spanline.failed_attempts.cache_read.input_tokens";
    pub(crate) const FAILED_ATTEMPTS_COST_USD: &str = "spanline.failed_attempts.cost.usd";
    pub(crate) const FAILED_ATTEMPTS_INPUT_TOKENS: &str = "spanline.failed_attempts.input_tokens";
    pub(crate) const FAILED_ATTEMPTS_OUTPUT_TOKENS: &str = "spanline.failed_attempts.output_tokens";
    pub(crate) const FAILED_ATTEMPTS_REASONING_OUTPUT_TOKENS: &str =
        "spanline.failed_attempts.reasoning.output_tokens";
    pub(crate) const PIPELINE_ID: &str = "spanline.pipeline.id";
    pub(crate) const PROMPT_LENGTH: &str = "spanline.prompt_length";
    pub(crate) const RETRIEVAL_DOCUMENTS_LENGTH: &str = "spanline.retrieval.documents_length";
    pub(crate) const RETRIEVAL_QUERY_LENGTH: &str = "spanline.retrieval.query_length";
    pub(crate) const RUN_ID: &str = "spanline.run.id";
    pub(crate) const SAMPLING_RULE: &str = "spanline.sampling.rule";
    pub(crate) const SINK_ITEMS: &str = "spanline.sink.items";
    pub(crate) const STAGE_ID: &str = "spanline.stage.id";
    pub(crate) const STAGE_KIND: &str = "spanline.stage.kind";
    pub(crate) const STAGE_NAME: &str = "spanline.stage.name";
    pub(crate) const STREAM_CHUNKS: &str = "spanline.stream.chunks";
    pub(crate) const STREAM_TIME_TO_FIRST_CHUNK: &str = "spanline.stream.time_to_first_chunk";
    pub(crate) const TAGS: &str = "spanline.tags";
    pub(crate) const TENANT_ID: &str = "spanline.tenant.id";
    pub(crate) const TOOL_CALL_ARGUMENTS_LENGTH: &str = "spanline.tool.call.arguments_length";
    pub(crate) const TOOL_CALL_RESULT_LENGTH: &str = "spanline.tool.call.result_length";
    /// What the totals' names start with.
    pub(crate) const TOTALS: &str = "spanline.total.";
    pub(crate) const TOTAL_CACHE_CREATION_INPUT_TOKENS: &str =
        "spanline.total.cache_creation.input_tokens";
    pub(crate) const TOTAL_CACHE_READ_INPUT_TOKENS: &str = "spanline.total.cache_read.input_tokens";
    pub(crate) const TOTAL_COST_USD: &str = "spanline.total.cost.usd";
    pub(crate) const TOTAL_ERRORS: &str = "spanline.total.errors";
    pub(crate) const TOTAL_INPUT_TOKENS: &str = "spanline.total.input_tokens";
    pub(crate) const TOTAL_LLM_CALLS: &str = "spanline.total.llm_calls";
    pub(crate) const TOTAL_OUTPUT_TOKENS: &str = "spanline.total.output_tokens";
    pub(crate) const TOTAL_REASONING_OUTPUT_TOKENS: &str = "spanline.total.reasoning.output_tokens";
    pub(crate) const TOTAL_RETRIES: &str = "spanline.total.retries";
    pub(crate) const TOTAL_STAGES: &str = "spanline.total.stages";
    pub(crate) const TOTAL_TOKENS: &str = "spanline.total.tokens";
    pub(crate) const TOTAL_TOOL_CALLS: &str = "spanline.total.tool_calls";
    pub(crate) const TOTAL_UNPRICED_CALLS: &str = "spanline.total.unpriced_calls";
    pub(crate) const USAGE_CACHE_CREATION_1H_INPUT_TOKENS: &str =
        "spanline.usage.cache_creation_1h.input_tokens";
}

/// What marks the measurements that found no series of their own, as in the SDK.
pub(crate) const METRIC_OVERFLOW: &str = "otel.metric.overflow";

/// Values of `spanline.budget.kind`.
pub(crate) mod budget_kind {
    pub(crate) const COST: &str = "cost";
    pub(crate) const TOKENS: &str = "tokens";
}

/// Values of `spanline.cost.source`, beside `list` and the month of the list.
pub(crate) mod cost_source {
    pub(crate) const PROVIDER: &str = "provider";
    pub(crate) const USER: &str = "user";
}

/// Names of the resource's attributes.
pub(crate) mod resource {
    pub(crate) const DEPLOYMENT_ENVIRONMENT_NAME: &str = "deployment.environment.name";
    pub(crate) const SERVICE_INSTANCE_ID: &str = "service.instance.id";
    pub(crate) const SERVICE_NAME: &str = "service.name";
    pub(crate) const SERVICE_VERSION: &str = "service.version";
    pub(crate) const TELEMETRY_DISTRO_NAME: &str = "telemetry.distro.name";
    pub(crate) const TELEMETRY_DISTRO_VERSION: &str = "telemetry.distro.version";
}

/// Values of `error.type` for the exits that carry no error of their own.
pub(crate) mod error_type {
    pub(crate) const ABANDONED: &str = "abandoned";
    pub(crate) const BUDGET_EXCEEDED: &str = "budget_exceeded";
    pub(crate) const CANCELLED: &str = "cancelled";
    pub(crate) const PANIC: &str = "panic";
    /// The conventions' fallback, for errors whose type says nothing.
    pub(crate) const OTHER: &str = "_OTHER";
}

/// Event names: of span events, and of log records.
pub(crate) mod event {
    pub(crate) const ATTEMPT_FAILED: &str = "spanline.attempt.failed";
    pub(crate) const BUDGET_EXCEEDED: &str = "spanline.budget.exceeded";
    pub(crate) const EXCEPTION: &str = "exception";

    pub(crate) const AGENT_EXCEPTION: &str = "spanline.agent.exception";
    pub(crate) const CLIENT_OPERATION_EXCEPTION: &str = "gen_ai.client.operation.exception";
    pub(crate) const EVALUATION_RESULT: &str = "gen_ai.evaluation.result";
    pub(crate) const INFERENCE_DETAILS: &str = "gen_ai.client.inference.operation.details";
    pub(crate) const PIPELINE_EXCEPTION: &str = "spanline.pipeline.exception";
    pub(crate) const SPAN_EXCEPTION: &str = "spanline.span.exception";
    pub(crate) const STAGE_EXCEPTION: &str = "spanline.stage.exception";
    pub(crate) const TOOL_EXCEPTION: &str = "spanline.tool.exception";
}

/// Values of `gen_ai.response.finish_reasons` that are no provider's.
pub(crate) mod finish_reason {
    pub(crate) const ERROR: &str = "error";
}

/// Values of `gen_ai.operation.name`.
pub(crate) mod operation {
    pub(crate) const CHAT: &str = "chat";
    pub(crate) const EMBEDDINGS: &str = "embeddings";
    pub(crate) const EXECUTE_TOOL: &str = "execute_tool";
    pub(crate) const GENERATE_CONTENT: &str = "generate_content";
    pub(crate) const INVOKE_AGENT: &str = "invoke_agent";
    pub(crate) const INVOKE_WORKFLOW: &str = "invoke_workflow";
    pub(crate) const RETRIEVAL: &str = "retrieval";
    pub(crate) const TEXT_COMPLETION: &str = "text_completion";
}

/// Values of `gen_ai.provider.name` that have attributes of their own.
pub(crate) mod provider {
    pub(crate) const AZURE_OPENAI: &str = "azure.ai.openai";
    pub(crate) const OPENAI: &str = "openai";
}

/// Values of `openai.api.type`.
#[cfg(any(feature = "async-openai", feature = "json"))]
pub(crate) mod openai_api {
    pub(crate) const CHAT_COMPLETIONS: &str = "chat_completions";
    pub(crate) const RESPONSES: &str = "responses";
}

/// The tier that leaves the choice to OpenAI, which says nothing.
pub(crate) const SERVICE_TIER_AUTO: &str = "auto";

/// Values of `gen_ai.token.type`.
pub(crate) mod token_type {
    pub(crate) const INPUT: &str = "input";
    pub(crate) const OUTPUT: &str = "output";
}

/// Metric names.
pub(crate) mod metric {
    pub(crate) const CLIENT_OPERATION_DURATION: &str = "gen_ai.client.operation.duration";
    pub(crate) const CLIENT_TIME_PER_OUTPUT_CHUNK: &str =
        "gen_ai.client.operation.time_per_output_chunk";
    pub(crate) const CLIENT_TIME_TO_FIRST_CHUNK: &str =
        "gen_ai.client.operation.time_to_first_chunk";
    pub(crate) const CLIENT_TOKEN_USAGE: &str = "gen_ai.client.token.usage";
    pub(crate) const EXECUTE_TOOL_DURATION: &str = "gen_ai.execute_tool.duration";
    pub(crate) const INVOKE_AGENT_DURATION: &str = "gen_ai.invoke_agent.duration";
    pub(crate) const INVOKE_AGENT_INFERENCE_CALLS: &str = "gen_ai.invoke_agent.inference_calls";
    pub(crate) const INVOKE_AGENT_TOOL_CALLS: &str = "gen_ai.invoke_agent.tool_calls";
    pub(crate) const INVOKE_WORKFLOW_DURATION: &str = "gen_ai.invoke_workflow.duration";
    /// Also the name of the span and of the log record.
    pub(crate) const CHECK: &str = "spanline.check";
    pub(crate) const CLIENT_OPERATION_COST: &str = "spanline.client.operation.cost";
    pub(crate) const STAGE_DURATION: &str = "spanline.stage.duration";
}

/// Units, as UCUM writes them.
pub(crate) mod unit {
    pub(crate) const INFERENCE_CALL: &str = "{inference_call}";
    pub(crate) const SECOND: &str = "s";
    pub(crate) const TOKEN: &str = "{token}";
    pub(crate) const TOOL_CALL: &str = "{tool_call}";
    pub(crate) const US_DOLLAR: &str = "USD";
}

/// Explicit histogram boundaries.
pub(crate) mod boundary {
    /// Durations of agents, in seconds.
    pub(crate) const AGENT: [f64; 13] =
        [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 102.4, 204.8, 409.6];
    /// Calls that an agent makes.
    pub(crate) const CALL: [f64; 8] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0];
    /// Durations of operations, in seconds.
    pub(crate) const OPERATION: [f64; 14] =
        [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
    /// Tokens per operation.
    pub(crate) const TOKEN: [f64; 14] = [
        1.0,
        4.0,
        16.0,
        64.0,
        256.0,
        1024.0,
        4096.0,
        16384.0,
        65536.0,
        262_144.0,
        1_048_576.0,
        4_194_304.0,
        16_777_216.0,
        67_108_864.0,
    ];
    /// Durations of workflows, in seconds.
    pub(crate) const WORKFLOW: [f64; 11] =
        [1.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 7200.0];
}

/// Whether an attribute holds what went into a model or came out of it, or what is said of that, by the
/// conventions or by those of other libraries.
#[cfg(feature = "telemetry")]
pub(crate) fn is_content(key: &str) -> bool {
    const OTHERS: [&str; 8] = [
        "gen_ai.completion",
        "gen_ai.prompt",
        "input.value",
        "llm.input_messages",
        "llm.output_messages",
        "output.value",
        "traceloop.entity.input",
        "traceloop.entity.output",
    ];
    let is_piece_of = |prefix: &str| match key.strip_prefix(prefix) {
        // `gen_ai.prompt.0.content`, but not `gen_ai.prompt.name`.
        Some(rest) => {
            rest.is_empty()
                || rest
                    .strip_prefix('.')
                    .is_some_and(|it| it.starts_with(|c: char| c.is_ascii_digit()))
        }
        None => false,
    };
    matches!(
        key,
        attribute::CARRIED_EVALUATION_EXPLANATION
            | attribute::EVALUATION_EXPLANATION
            | attribute::INPUT_MESSAGES
            | attribute::OUTPUT_MESSAGES
            | attribute::RETRIEVAL_DOCUMENTS
            | attribute::RETRIEVAL_QUERY_TEXT
            | attribute::SYSTEM_INSTRUCTIONS
            | attribute::TOOL_CALL_ARGUMENTS
            | attribute::TOOL_CALL_RESULT
            | attribute::TOOL_DEFINITIONS
    ) || OTHERS.iter().any(|prefix| is_piece_of(prefix))
}

/// Whether an attribute tells one thing from another, such as an id or the name of a model: no mask
/// touches it, for nobody would find the thing again.
#[cfg(feature = "telemetry")]
pub(crate) fn is_identifier(key: &str) -> bool {
    matches!(
        key,
        attribute::AGENT_ID
            | attribute::AGENT_VERSION
            | attribute::CONVERSATION_ID
            | attribute::COST_SOURCE
            | attribute::DATA_SOURCE_ID
            | attribute::OPENAI_API_TYPE
            | attribute::OPENAI_REQUEST_SERVICE_TIER
            | attribute::OPENAI_RESPONSE_SERVICE_TIER
            | attribute::OPENAI_RESPONSE_SYSTEM_FINGERPRINT
            | attribute::OPERATION_NAME
            | attribute::OUTPUT_TYPE
            | attribute::PIPELINE_ID
            | attribute::PROMPT_NAME
            | attribute::PROMPT_VERSION
            | attribute::PROVIDER_NAME
            | attribute::REQUEST_MODEL
            | attribute::REQUEST_PREVIOUS_RESPONSE_ID
            | attribute::RESPONSE_FINISH_REASONS
            | attribute::RESPONSE_ID
            | attribute::RESPONSE_MODEL
            | attribute::RUN_ID
            | attribute::SERVER_ADDRESS
            | attribute::SESSION_ID
            | attribute::STAGE_ID
            | attribute::TENANT_ID
            | attribute::TOOL_CALL_ID
            | attribute::USER_ID
    )
}

/// Whether a metric reads this attribute of a span, or a total does.
pub(crate) fn is_measured(key: &str) -> bool {
    Measured::of(key).is_some()
}

/// Whether an agent has this count of tokens, by the conventions, or its cost.
pub(crate) fn is_of_agent(key: &str) -> bool {
    matches!(
        key,
        attribute::COST_USD
            | attribute::USAGE_CACHE_CREATION_INPUT_TOKENS
            | attribute::USAGE_CACHE_READ_INPUT_TOKENS
            | attribute::USAGE_INPUT_TOKENS
            | attribute::USAGE_OUTPUT_TOKENS
    )
}

/// Whether embeddings have this attribute of a reply, by the conventions, or its cost.
pub(crate) fn is_of_embeddings(key: &str) -> bool {
    matches!(key, attribute::COST_USD | attribute::RESPONSE_MODEL | attribute::USAGE_INPUT_TOKENS)
}

/// Whether an operation of this name can be part of a conversation.
pub(crate) fn is_in_conversation(operation: &str) -> bool {
    is_inference(operation)
        || matches!(
            operation,
            operation::EXECUTE_TOOL | operation::INVOKE_AGENT | operation::INVOKE_WORKFLOW
        )
}

/// Whether an operation of this name asks a model, which may be by a prompt that has a name.
pub(crate) fn is_inference(operation: &str) -> bool {
    matches!(operation, operation::CHAT | operation::GENERATE_CONTENT | operation::TEXT_COMPLETION)
}

/// Whether an inference's attribute is also one of the event with its details. Content is, but in
/// another form than a span has it.
#[cfg(feature = "telemetry")]
pub(crate) fn is_of_details(key: &str, is_main: bool) -> bool {
    let is_of_inference = ["gen_ai.", "openai."].iter().any(|prefix| key.starts_with(prefix))
        || matches!(
            key,
            attribute::ERROR_TYPE | attribute::SERVER_ADDRESS | attribute::SERVER_PORT
        );
    // Which v1.41.1 leaves out of the event.
    let is_of_main = matches!(key, attribute::PROVIDER_NAME | attribute::REQUEST_TOP_K);
    is_of_inference && !is_content(key) && (is_main || !is_of_main)
}

/// How soon an attribute goes when a span has more than it may keep, highest first: outcome and
/// usage stay the longest, then whom it is for, then what the operation is, then what the user added.
pub(crate) fn rank(key: &str) -> u8 {
    if key == attribute::ERROR_TYPE
        || key == attribute::COST_USD
        || ["gen_ai.usage.", attribute::TOTALS].iter().any(|prefix| key.starts_with(prefix))
    {
        return 0;
    }
    if matches!(
        key,
        attribute::CONVERSATION_ID
            | attribute::SESSION_ID
            | attribute::TAGS
            | attribute::TENANT_ID
            | attribute::USER_ID
    ) {
        return RANK_OF_IDENTITY;
    }
    let is_named = key.starts_with("gen_ai.")
        || key.starts_with("spanline.")
        || matches!(key, attribute::SERVER_ADDRESS | attribute::SERVER_PORT);
    // `gen_ai.prompt.0.content`: messages that some conventions cut into attributes have numbers.
    let is_piece = || key.split('.').any(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    if is_named && !is_piece() { 2 } else { 3 }
}

/// The [`rank`] of whom a span is for, whatever it is called.
pub(crate) const RANK_OF_IDENTITY: u8 = 1;
