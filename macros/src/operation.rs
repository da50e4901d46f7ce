//! The macros and the arguments of each: adding either is a row.

/// One attribute macro.
pub(crate) struct Operation {
    /// As the user writes it.
    pub(crate) attribute: &'static str,
    /// The builder that its expansion calls.
    pub(crate) builder: &'static str,
    /// What `new` of the builder takes.
    pub(crate) new: New,
    arguments: &'static [Argument],
}

/// What the `new` of a builder takes.
pub(crate) enum New {
    /// The name; the function's, when none is given.
    Name,
    /// The values of these arguments, in this order.
    Values(&'static [&'static str]),
}

/// One argument of a macro.
pub(crate) struct Argument {
    /// As the user writes it; also the builder's setter.
    pub(crate) key: &'static str,
    pub(crate) form: Form,
    /// An example of a value, for an argument that must be given.
    pub(crate) required: Option<&'static str>,
    /// The choices of `operation` that it has a meaning for; empty means all.
    pub(crate) operations: &'static [&'static str],
}

/// What may stand after a key.
#[derive(Clone, Copy)]
pub(crate) enum Form {
    /// `name = expression`, or the first argument alone.
    Name,
    /// `key = expression`.
    Value,
    /// `key = word`, the word also in quotes.
    Choice(&'static Choice),
    /// `key` alone.
    Flag,
    /// `key(a.b = expression, "c-d" = expression, parameter)`; each goes to this setter.
    Attributes(&'static str),
    /// `key = expression`, evaluated where content is captured.
    Content,
    /// `key = expression`, read when the function has returned.
    Returned,
    /// `key = function`, which this function of the run time calls when content is captured and the
    /// function has returned.
    Given(&'static str),
    /// `key(a.b = function, "c-d" = function)`, read when the function has returned.
    Result,
    /// `key = ::path`.
    Path,
}

/// A closed set of values, checked when the program is built.
pub(crate) struct Choice {
    /// What a value is called in messages.
    pub(crate) noun: &'static str,
    pub(crate) setter: &'static str,
    pub(crate) enumeration: &'static str,
    /// What the user writes, and the variant it stands for; the first is the default.
    pub(crate) values: &'static [(&'static str, &'static str)],
}

impl Choice {
    pub(crate) fn texts(&self) -> impl Iterator<Item = &'static str> {
        self.values.iter().map(|(text, _)| *text)
    }
}

impl Operation {
    /// Its own arguments, then those of every macro.
    pub(crate) fn arguments(&self) -> impl Iterator<Item = &'static Argument> {
        self.arguments.iter().chain(&COMMON)
    }

    pub(crate) fn argument(&self, key: &str) -> Option<&'static Argument> {
        self.arguments().find(|argument| argument.key == key)
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &'static str> {
        self.arguments().map(|argument| argument.key)
    }

    /// Whether a reply that its function returns is read.
    pub(crate) fn reads_replies(&self) -> bool {
        self.argument("response").is_some()
    }

    /// The argument of this macro that people look for under another name.
    pub(crate) fn synonym(&self, key: &str) -> Option<&'static str> {
        SYNONYMS
            .iter()
            .filter(|(synonym, _)| *synonym == key)
            .find_map(|(_, meant)| self.argument(meant).map(|argument| argument.key))
    }
}

/// The macros that take this argument.
pub(crate) fn owners(key: &str) -> Vec<&'static str> {
    OPERATIONS
        .iter()
        .filter(|operation| operation.argument(key).is_some())
        .map(|operation| operation.attribute)
        .collect()
}

/// Whether this is one of the macros.
pub(crate) fn is_attribute(name: &str) -> bool {
    OPERATIONS.iter().any(|operation| operation.attribute == name)
}

/// Why there is no such argument, of one that other libraries have.
pub(crate) fn superfluous(key: &str) -> Option<String> {
    let (_, why) = SUPERFLUOUS.iter().find(|(superfluous, _)| *superfluous == key)?;
    Some(format!("there is no `{key}`: {why}; remove it"))
}

static OPERATIONS: [&Operation; 7] =
    [&PIPELINE, &STAGE, &LLM_CALL, &AGENT, &TOOL, &RETRIEVAL, &SPAN];

pub(crate) static PIPELINE: Operation = Operation {
    attribute: "trace_pipeline",
    builder: "Pipeline",
    new: New::Name,
    arguments: &[
        value("id"),
        value("run_id"),
        value("max_cost_usd"),
        value("max_total_tokens"),
        value("session"),
        value("conversation"),
        value("user"),
        value("tenant"),
        value("tags"),
        value("prompt_name"),
        value("prompt_version"),
        plain("properties", Form::Attributes("property")),
        value("capture_content"),
        plain("input_messages", Form::Content),
        OUTPUT_MESSAGES,
    ],
};

pub(crate) static STAGE: Operation = Operation {
    attribute: "trace_stage",
    builder: "Stage",
    new: New::Name,
    arguments: &[value("id"), value("kind")],
};

pub(crate) static LLM_CALL: Operation = Operation {
    attribute: "trace_llm_call",
    builder: "LlmCall",
    new: New::Values(&["provider", "model"]),
    arguments: &[
        required("provider", "provider = \"openai\""),
        value("model"),
        plain("operation", Form::Choice(&LLM_OPERATION)),
        value("temperature").only(INFERENCE),
        value("top_p").only(INFERENCE),
        value("top_k").only(INFERENCE),
        value("max_tokens").only(INFERENCE),
        value("seed").only(INFERENCE),
        value("stop_sequences").only(INFERENCE),
        value("frequency_penalty").only(INFERENCE),
        value("presence_penalty").only(INFERENCE),
        value("choice_count").only(INFERENCE),
        value("streaming").only(INFERENCE),
        value("output_type").only(INFERENCE),
        value("reasoning_level").only(INFERENCE),
        value("previous_response_id").only(INFERENCE),
        value("service_tier").only(INFERENCE),
        value("conversation"),
        value("prompt_name").only(INFERENCE),
        value("prompt_version").only(INFERENCE),
        value("server_address"),
        value("server_port"),
        value("encoding_formats").only(EMBEDDINGS),
        value("dimension_count").only(EMBEDDINGS),
        plain("input_messages", Form::Content).only(INFERENCE),
        plain("system_instructions", Form::Content).only(INFERENCE),
        plain("tool_definitions", Form::Content).only(INFERENCE),
        OUTPUT_MESSAGES.only(INFERENCE),
        plain("usage", Form::Returned),
        plain("response", Form::Returned),
    ],
};

pub(crate) static AGENT: Operation = Operation {
    attribute: "trace_agent",
    builder: "Agent",
    new: New::Name,
    arguments: &[
        value("id"),
        value("description"),
        value("version"),
        value("provider"),
        value("model"),
        value("conversation"),
        value("history"),
        value("data_source"),
        value("output_type"),
        plain("remote", Form::Flag),
        value("server_address"),
        value("server_port"),
        value("temperature"),
        value("top_p"),
        value("max_tokens"),
        value("seed"),
        value("stop_sequences"),
        value("frequency_penalty"),
        value("presence_penalty"),
        value("choice_count"),
        value("max_cost_usd"),
        value("max_total_tokens"),
        plain("input_messages", Form::Content),
        plain("system_instructions", Form::Content),
        plain("tool_definitions", Form::Content),
        OUTPUT_MESSAGES,
        plain("usage", Form::Returned),
        plain("response", Form::Returned),
    ],
};

pub(crate) static TOOL: Operation = Operation {
    attribute: "trace_tool",
    builder: "Tool",
    new: New::Name,
    arguments: &[
        value("call_id"),
        value("description"),
        value("tool_type"),
        value("conversation"),
        plain("call_arguments", Form::Content),
        plain("call_result", Form::Given("read_call_result")),
    ],
};

pub(crate) static RETRIEVAL: Operation = Operation {
    attribute: "trace_retrieval",
    builder: "Retrieval",
    new: New::Values(&["data_source"]),
    arguments: &[
        value("data_source"),
        value("provider"),
        value("model"),
        value("top_k"),
        value("server_address"),
        value("server_port"),
        plain("query", Form::Content),
        plain("documents", Form::Given("read_documents")),
    ],
};

pub(crate) static SPAN: Operation = Operation {
    attribute: "trace_span",
    builder: "SpanBuilder",
    new: New::Name,
    arguments: &[plain("kind", Form::Choice(&SPAN_KIND))],
};

static COMMON: [Argument; 10] = [
    plain("name", Form::Name),
    plain("attributes", Form::Attributes("attribute")),
    plain("result", Form::Result),
    value("parent"),
    value("links"),
    plain("root", Form::Flag),
    plain("ok_if", Form::Returned),
    plain("err", Form::Choice(&ERROR_DETAIL)),
    plain("stream", Form::Returned),
    plain("crate", Form::Path),
];

const OUTPUT_MESSAGES: Argument = plain("output_messages", Form::Given("read_output_messages"));

const INFERENCE: &[&str] = &["chat", "text_completion", "generate_content"];
const EMBEDDINGS: &[&str] = &["embeddings"];

static LLM_OPERATION: Choice = Choice {
    noun: "operation",
    setter: "operation_kind",
    enumeration: "LlmOperation",
    values: &[
        ("chat", "Chat"),
        ("text_completion", "TextCompletion"),
        ("generate_content", "GenerateContent"),
        ("embeddings", "Embeddings"),
    ],
};

static SPAN_KIND: Choice = Choice {
    noun: "span kind",
    setter: "kind",
    enumeration: "SpanKind",
    values: &[
        ("internal", "Internal"),
        ("client", "Client"),
        ("server", "Server"),
        ("producer", "Producer"),
        ("consumer", "Consumer"),
    ],
};

static ERROR_DETAIL: Choice = Choice {
    noun: "detail of errors",
    setter: "err",
    enumeration: "ErrorDetail",
    values: &[("display", "Display"), ("debug", "Debug"), ("type", "Type")],
};

/// What other libraries and providers call our arguments.
static SYNONYMS: &[(&str, &str)] = &[
    ("agent_id", "id"),
    ("agent_version", "version"),
    ("answer", "output_messages"),
    ("args", "call_arguments"),
    ("arguments", "call_arguments"),
    ("association_properties", "properties"),
    ("budget", "max_cost_usd"),
    ("budget_usd", "max_cost_usd"),
    ("capture", "capture_content"),
    ("chunks", "stream"),
    ("collection", "data_source"),
    ("completion", "output_messages"),
    ("content", "capture_content"),
    ("conversation_id", "conversation"),
    ("cost_limit", "max_cost_usd"),
    ("dimensions", "dimension_count"),
    ("docs", "documents"),
    ("error", "err"),
    ("errors", "err"),
    ("fields", "attributes"),
    ("follows_from", "links"),
    ("hits", "documents"),
    ("labels", "attributes"),
    ("index", "data_source"),
    ("input", "input_messages"),
    ("inputs", "input_messages"),
    ("instructions", "system_instructions"),
    ("is_streaming", "streaming"),
    ("k", "top_k"),
    ("max_budget", "max_cost_usd"),
    ("max_budget_usd", "max_cost_usd"),
    ("max_completion_tokens", "max_tokens"),
    ("max_cost", "max_cost_usd"),
    ("max_output_tokens", "max_tokens"),
    ("max_tokens", "max_total_tokens"),
    ("max_usd", "max_cost_usd"),
    ("messages", "input_messages"),
    ("metadata", "properties"),
    ("n", "choice_count"),
    ("output", "output_messages"),
    ("outputs", "output_messages"),
    ("passages", "documents"),
    ("pipeline_id", "id"),
    ("prompt", "input_messages"),
    ("properties", "attributes"),
    ("query_text", "query"),
    ("question", "query"),
    ("question", "input_messages"),
    ("reasoning_effort", "reasoning_level"),
    ("reply", "response"),
    ("response_format", "output_type"),
    ("results", "result"),
    ("ret", "result"),
    ("returns", "result"),
    ("run", "run_id"),
    ("session_id", "session"),
    ("span_kind", "kind"),
    ("stage_id", "id"),
    ("stop", "stop_sequences"),
    ("streamed", "streaming"),
    ("system", "provider"),
    ("system_prompt", "system_instructions"),
    ("tag", "tags"),
    ("tags", "attributes"),
    ("tenant_id", "tenant"),
    ("token_budget", "max_total_tokens"),
    ("token_limit", "max_total_tokens"),
    ("tool_call_arguments", "call_arguments"),
    ("tool_call_id", "call_id"),
    ("tool_call_result", "call_result"),
    ("tools", "tool_definitions"),
    ("total_tokens", "max_total_tokens"),
    ("type", "tool_type"),
    ("user_id", "user"),
];

/// What other libraries take and ours have no use for.
static SUPERFLUOUS: [(&str, &str); 6] = [
    ("enter_on_poll", "a span lasts from the first poll to the end"),
    ("level", "a span has no level"),
    ("short_name", "the name is the function's alone"),
    ("skip", "nothing is recorded unless it is named"),
    ("skip_all", "nothing is recorded unless it is named"),
    ("target", "a span has no target"),
];

const fn plain(key: &'static str, form: Form) -> Argument {
    Argument { key, form, required: None, operations: &[] }
}

const fn value(key: &'static str) -> Argument {
    plain(key, Form::Value)
}

const fn required(key: &'static str, example: &'static str) -> Argument {
    Argument { required: Some(example), ..value(key) }
}

impl Argument {
    const fn only(self, operations: &'static [&'static str]) -> Self {
        Self { operations, ..self }
    }
}
