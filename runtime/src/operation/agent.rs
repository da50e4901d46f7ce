//! A run of an agent: a model that decides which tools to use until it is done.

use std::borrow::Cow;
use std::future::Future;

use opentelemetry::trace::SpanKind;

use super::content::content;
use super::llm_call::unless_one;
use super::{attributes, builder, doubles};
use crate::Text;
use crate::semconv::attribute;
use crate::span::active::Draft;
use crate::span::budget::budgets;
use crate::span::dispatch::is_span_wanted;
use crate::span::record::{Kind, OperationKind};
use crate::span::value::Integer;

/// A run of an agent: span `invoke_agent {name}` of kind internal, metrics
/// `gen_ai.invoke_agent.duration`, `gen_ai.invoke_agent.inference_calls` and
/// `gen_ai.invoke_agent.tool_calls`.
///
/// The model calls and the tools that start inside it are counted, on whatever task or thread and
/// however they end; those of an agent inside it are that agent's.
///
/// ```
/// use spanline::{Agent, LlmCall, Tool};
///
/// # async fn ask() -> Result<String, std::io::Error> { Ok(String::new()) }
/// # async fn search() -> Result<String, std::io::Error> { Ok(String::new()) }
/// # async fn example() -> Result<(), std::io::Error> {
/// Agent::new("researcher")
///     .version("2")
///     .run(async {
///         LlmCall::new("openai", "gpt-4o-mini").run(ask()).await?;
///         Tool::new("search").call_id("call-1").run(search()).await?;
///         LlmCall::new("openai", "gpt-4o-mini").run(ask()).await
///     })
///     .await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a described operation is not a running one"]
pub struct Agent(Option<Draft>);

impl Agent {
    /// An agent with this name: low cardinality, it is an attribute of its metrics and of its
    /// tools'.
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self(is_span_wanted().then(|| {
            let name = name.into();
            let mut draft = Draft::new(OperationKind::Agent, Kind::Internal);
            draft.write(|words| words.named(attribute::AGENT_NAME, name.clone()));
            draft.set_agent(name);
            draft
        }))
    }

    /// The conversation that the agent answers in: `gen_ai.conversation.id`, on its span, its tools
    /// and its model calls.
    #[allow(clippy::needless_pass_by_value, reason = "takes text and references to it alike")]
    pub fn conversation(mut self, id: impl Text) -> Self {
        if let Some(draft) = &mut self.0 {
            draft.associations().set_conversation(&id);
        }
        self
    }

    /// The agent runs in a service elsewhere: the span is of kind client.
    ///
    /// The calls that it makes there are not seen here, so none are counted unless some were made
    /// here.
    pub fn remote(mut self) -> Self {
        if let Some(draft) = &mut self.0 {
            draft.set_kind(SpanKind::Client);
        }
        self
    }

    /// How many answers are asked for: `gen_ai.request.choice.count`; 1 says nothing and is not
    /// set, as the conventions have it.
    #[allow(clippy::needless_pass_by_value, reason = "takes numbers and references to them alike")]
    pub fn choice_count(mut self, value: impl Integer) -> Self {
        if let Some(draft) = &mut self.0 {
            draft.attribute(attribute::REQUEST_CHOICE_COUNT, unless_one(&value));
        }
        self
    }
}

builder!(Agent);

content!(Agent {
    /// What the model is asked, where content is captured: `gen_ai.input.messages`.
    input_messages: IntoMessages;
    /// What it is told beside the messages, where content is captured: `gen_ai.system_instructions`.
    system_instructions: IntoInstructions;
    /// The tools that it may call, where content is captured: `gen_ai.tool.definitions`, an array.
    /// Unless the set-up says more, their types and names alone.
    tool_definitions: IntoContent;
});
budgets!(Agent, "agent", AGENT_NAME);

attributes!(Agent {
    /// The id of a hosted agent, the same in every run: `gen_ai.agent.id`.
    id: Text => AGENT_ID;
    /// What the agent is for: `gen_ai.agent.description`.
    description: Text => AGENT_DESCRIPTION;
    /// `gen_ai.agent.version`.
    version: Text => AGENT_VERSION;
    /// Whose models or whose service it uses, such as `openai`: `gen_ai.provider.name`. The
    /// conventions demand it of agents; it is not known unless it is said here.
    provider: Text => PROVIDER_NAME;
    /// The model, of an agent that uses only one: `gen_ai.request.model`.
    model: Text => REQUEST_MODEL;
    /// How many messages the conversation had before this run: `spanline.agent.history_length`.
    history: Integer => AGENT_HISTORY_LENGTH;
    /// What the agent looks things up in: `gen_ai.data_source.id`.
    data_source: Text => DATA_SOURCE_ID;
    /// What the answer shall be, such as `json`: `gen_ai.output.type`.
    output_type: Text => OUTPUT_TYPE;
    /// `gen_ai.request.max_tokens`.
    max_tokens: Integer => REQUEST_MAX_TOKENS;
    /// `gen_ai.request.seed`.
    seed: Integer => REQUEST_SEED;
    /// `gen_ai.request.stop_sequences`.
    stop_sequences: TextList => REQUEST_STOP_SEQUENCES;
    /// Of a remote agent, the host that is called: `server.address`.
    server_address: Text => SERVER_ADDRESS;
    /// Of a remote agent, its port: `server.port`.
    server_port: Integer => SERVER_PORT;
});

doubles!(Agent {
    /// `gen_ai.request.temperature`.
    temperature => REQUEST_TEMPERATURE;
    /// `gen_ai.request.top_p`.
    top_p => REQUEST_TOP_P;
    /// `gen_ai.request.frequency_penalty`.
    frequency_penalty => REQUEST_FREQUENCY_PENALTY;
    /// `gen_ai.request.presence_penalty`.
    presence_penalty => REQUEST_PRESENCE_PENALTY;
});
