//! A call of a model.

use std::future::Future;

use super::content::content;
use super::{attributes, builder, doubles};
use crate::semconv::{self, attribute};
use crate::span::active::Draft;
use crate::span::dispatch::is_span_wanted;
use crate::span::record::{Kind, OperationKind};
use crate::span::value::{Integer, Text, ValueRef};

/// A call of a model: span `{operation} {model}` of kind client, metrics
/// `gen_ai.client.operation.duration` and `gen_ai.client.token.usage`.
///
/// Names follow the [GenAI conventions](https://github.com/open-telemetry/semantic-conventions/blob/v1.41.1/docs/gen-ai/gen-ai-spans.md).
///
/// ```
/// use spanline::LlmCall;
///
/// # async fn send() -> Result<String, std::io::Error> { Ok(String::new()) }
/// # async fn example() -> Result<(), std::io::Error> {
/// let reply = LlmCall::new("openai", "gpt-4o-mini").temperature(0.2).run(send()).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a described operation is not a running one"]
pub struct LlmCall(Option<Draft>);

/// Which operation a model is asked for: `gen_ai.operation.name`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum LlmOperation {
    /// `chat`.
    #[default]
    Chat,
    /// `text_completion`.
    TextCompletion,
    /// `generate_content`.
    GenerateContent,
    /// `embeddings`.
    Embeddings,
}

impl LlmCall {
    /// A call of `model` at `provider`, such as `openai`, `anthropic` or `aws.bedrock`; a model
    /// that is not known is `None::<&str>`.
    #[allow(clippy::needless_pass_by_value, reason = "takes text and references to it alike")]
    pub fn new(provider: impl Text, model: impl Text) -> Self {
        Self(is_span_wanted().then(|| {
            let mut draft = Draft::new(OperationKind::Chat, Kind::Client);
            draft.attribute(attribute::PROVIDER_NAME, provider.value());
            draft.attribute(attribute::REQUEST_MODEL, model.value());
            draft
        }))
    }

    /// Names the span, instead of `{operation} {model}`.
    pub fn name(mut self, name: impl Into<std::borrow::Cow<'static, str>>) -> Self {
        if let Some(draft) = &mut self.0 {
            draft.name(name.into());
        }
        self
    }

    /// What is asked for; by default `chat`.
    pub fn operation_kind(mut self, operation: LlmOperation) -> Self {
        if let Some(draft) = &mut self.0 {
            draft.set_operation(match operation {
                LlmOperation::Chat => OperationKind::Chat,
                LlmOperation::TextCompletion => OperationKind::TextCompletion,
                LlmOperation::GenerateContent => OperationKind::GenerateContent,
                LlmOperation::Embeddings => OperationKind::Embeddings,
            });
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

    /// Which tier of OpenAI's service is asked for: `openai.request.service_tier`; `auto` says nothing
    /// and is not set, as the conventions have it.
    #[allow(clippy::needless_pass_by_value, reason = "takes text and references to it alike")]
    pub fn service_tier(mut self, value: impl Text) -> Self {
        if let Some(draft) = &mut self.0 {
            let tier = value.value();
            draft.attribute(
                attribute::OPENAI_REQUEST_SERVICE_TIER,
                tier.filter(|tier| !matches!(tier, ValueRef::Text(semconv::SERVICE_TIER_AUTO))),
            );
        }
        self
    }

    /// Whether the answer is streamed: `gen_ai.request.stream`, set only when it is; a stream that is
    /// followed sets it by itself.
    #[allow(clippy::needless_pass_by_value, reason = "takes flags and references to them alike")]
    pub fn streaming(mut self, value: impl crate::Flag) -> Self {
        if let Some(draft) = &mut self.0 {
            draft.attribute(
                attribute::REQUEST_STREAM,
                value.value().filter(|value| matches!(value, ValueRef::Bool(true))),
            );
        }
        self
    }
}

/// The conventions want the number of choices only where it says something.
pub(super) fn unless_one(count: &impl Integer) -> Option<ValueRef<'_>> {
    count.value().filter(|count| !matches!(count, ValueRef::Int(1)))
}

builder!(LlmCall);

content!(LlmCall {
    /// What the model is asked, where content is captured: `gen_ai.input.messages`.
    input_messages: IntoMessages;
    /// What it is told beside the messages, where content is captured: `gen_ai.system_instructions`.
    system_instructions: IntoInstructions;
    /// The tools that it may call, where content is captured: `gen_ai.tool.definitions`, an array.
    /// Unless the set-up says more, their types and names alone.
    tool_definitions: IntoContent;
});

attributes!(LlmCall {
    /// `gen_ai.request.max_tokens`.
    max_tokens: Integer => REQUEST_MAX_TOKENS;
    /// `gen_ai.request.seed`.
    seed: Integer => REQUEST_SEED;
    /// `gen_ai.request.stop_sequences`.
    stop_sequences: TextList => REQUEST_STOP_SEQUENCES;
    /// What the answer shall be, such as `json`: `gen_ai.output.type`.
    output_type: Text => OUTPUT_TYPE;
    /// How hard the model shall think: `gen_ai.request.reasoning.level`.
    reasoning_level: Text => REQUEST_REASONING_LEVEL;
    /// The response that this request continues: `gen_ai.request.previous_response.id`.
    previous_response_id: Text => REQUEST_PREVIOUS_RESPONSE_ID;
    /// `gen_ai.conversation.id`.
    conversation: Text => CONVERSATION_ID;
    /// The prompt template that was used: `gen_ai.prompt.name`.
    prompt_name: Text => PROMPT_NAME;
    /// Its version: `gen_ai.prompt.version`.
    prompt_version: Text => PROMPT_VERSION;
    /// The host that is called: `server.address`.
    server_address: Text => SERVER_ADDRESS;
    /// Its port: `server.port`.
    server_port: Integer => SERVER_PORT;
    /// Of embeddings: `gen_ai.request.encoding_formats`.
    encoding_formats: TextList => REQUEST_ENCODING_FORMATS;
    /// Of embeddings: `gen_ai.embeddings.dimension.count`.
    dimension_count: Integer => EMBEDDINGS_DIMENSION_COUNT;
});

doubles!(LlmCall {
    /// How many of the likeliest tokens are considered: `gen_ai.request.top_k`, a double.
    top_k => REQUEST_TOP_K;
    /// `gen_ai.request.temperature`.
    temperature => REQUEST_TEMPERATURE;
    /// `gen_ai.request.top_p`.
    top_p => REQUEST_TOP_P;
    /// `gen_ai.request.frequency_penalty`.
    frequency_penalty => REQUEST_FREQUENCY_PENALTY;
    /// `gen_ai.request.presence_penalty`.
    presence_penalty => REQUEST_PRESENCE_PENALTY;
});
