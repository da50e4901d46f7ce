//! `async-openai`: chat completions, completions, responses, embeddings, and what they are streamed in.

mod said;

use async_openai::types::chat::{
    CompletionFinishReason, CompletionUsage, CreateChatCompletionResponse,
    CreateChatCompletionStreamResponse, FinishReason, ServiceTier,
};
use async_openai::types::completions::CreateCompletionResponse;
use async_openai::types::embeddings::{
    CreateBase64EmbeddingResponse, CreateEmbeddingResponse, EmbeddingUsage,
};
use async_openai::types::responses::{
    Response, ResponseStreamEvent, ResponseUsage, ServiceTierResponses, Status,
};

use crate::semconv::openai_api;
use crate::usage::reasoning;
use crate::usage::reply::{LlmResponse, Reply};

/// A chat completion and a chunk of one have the same members.
macro_rules! chat_completion {
    ($($reply:ty: $told:ident, $say:path;)+) => {$(
        impl LlmResponse for $reply {
            fn read(&self, reply: &mut Reply) {
                #[allow(deprecated, reason = "servers still send it")]
                let fingerprint = &self.system_fingerprint;
                reply
                    .api_type(openai_api::CHAT_COMPLETIONS)
                    .id(&self.id)
                    .model(&self.model)
                    .service_tier(self.service_tier.as_ref().map(service_tier))
                    .system_fingerprint(fingerprint);
                for choice in &self.choices {
                    reply.choice(choice.index).finish_reason(choice.finish_reason.map(finish_reason));
                    $say(&choice.$told, reply);
                }
                self.usage.read(reply);
            }
        }
    )+};
}

chat_completion! {
    CreateChatCompletionResponse: message, said::message;
    CreateChatCompletionStreamResponse: delta, said::delta;
}

impl LlmResponse for CreateCompletionResponse {
    fn read(&self, reply: &mut Reply) {
        reply.id(&self.id).model(&self.model).system_fingerprint(&self.system_fingerprint);
        for choice in &self.choices {
            let reason = choice.finish_reason.map(completion_finish_reason);
            reply.choice(choice.index).finish_reason(reason).text(&choice.text);
        }
        self.usage.read(reply);
    }
}

impl LlmResponse for CompletionUsage {
    fn read(&self, reply: &mut Reply) {
        reply.input_tokens(self.prompt_tokens);
        if let Some(details) = &self.prompt_tokens_details {
            reply
                .cache_read_input_tokens(details.cached_tokens)
                .cache_creation_input_tokens(details.cache_write_tokens)
                .text_input_tokens(some(details.text_tokens))
                .image_input_tokens(some(details.image_tokens))
                .audio_input_tokens(some(details.audio_tokens.map(i64::from)));
        }
        let details = self.completion_tokens_details.as_ref();
        let thought = details.and_then(|details| details.reasoning_tokens);
        reply.reasoning_output_tokens(thought).output_tokens(reasoning::output_tokens(
            Some(self.prompt_tokens.into()),
            Some(self.completion_tokens.into()),
            thought.map(u64::from),
            Some(self.total_tokens.into()),
        ));
        if let Some(details) = details {
            reply
                .text_output_tokens(some(details.text_tokens))
                .audio_output_tokens(some(details.audio_tokens.map(i64::from)));
        }
    }
}

impl LlmResponse for Response {
    fn read(&self, reply: &mut Reply) {
        let incomplete = self.incomplete_details.as_ref().map(|details| &*details.reason);
        reply
            .api_type(openai_api::RESPONSES)
            .id(&self.id)
            .model(&self.model)
            .service_tier(self.service_tier.as_ref().map(response_service_tier));
        // What waits for its turn goes on elsewhere.
        if self.status != Status::Queued {
            reply.finish_reason(incomplete.or_else(|| stopped(&self.status)));
        }
        said::output(&self.output, reply);
        self.usage.read(reply);
    }
}

impl LlmResponse for ResponseUsage {
    fn read(&self, reply: &mut Reply) {
        reply
            .input_tokens(self.input_tokens)
            .cache_read_input_tokens(self.input_tokens_details.cached_tokens)
            .cache_creation_input_tokens(self.input_tokens_details.cache_write_tokens)
            .output_tokens(self.output_tokens)
            .reasoning_output_tokens(self.output_tokens_details.reasoning_tokens);
    }
}

impl LlmResponse for ResponseStreamEvent {
    fn read(&self, reply: &mut Reply) {
        match self {
            Self::ResponseCreated(event) => event.response.read(reply),
            Self::ResponseInProgress(event) => event.response.read(reply),
            Self::ResponseCompleted(event) => event.response.read(reply),
            Self::ResponseFailed(event) => event.response.read(reply),
            Self::ResponseIncomplete(event) => event.response.read(reply),
            Self::ResponseQueued(event) => event.response.read(reply),
            event => said::event(event, reply),
        }
    }
}

impl LlmResponse for CreateEmbeddingResponse {
    fn read(&self, reply: &mut Reply) {
        reply.model(&self.model);
        self.usage.read(reply);
    }
}

impl LlmResponse for CreateBase64EmbeddingResponse {
    fn read(&self, reply: &mut Reply) {
        reply.model(&self.model);
        self.usage.read(reply);
    }
}

impl LlmResponse for EmbeddingUsage {
    fn read(&self, reply: &mut Reply) {
        reply.input_tokens(self.prompt_tokens);
    }
}

/// A modality says something only where there is any of it.
fn some(tokens: Option<i64>) -> Option<i64> {
    tokens.filter(|tokens| *tokens > 0)
}

fn finish_reason(reason: FinishReason) -> &'static str {
    match reason {
        FinishReason::Stop => "stop",
        FinishReason::Length => "length",
        FinishReason::ToolCalls => "tool_calls",
        FinishReason::ContentFilter => "content_filter",
        FinishReason::FunctionCall => "function_call",
    }
}

fn completion_finish_reason(reason: CompletionFinishReason) -> &'static str {
    match reason {
        CompletionFinishReason::Stop => "stop",
        CompletionFinishReason::Length => "length",
        CompletionFinishReason::ContentFilter => "content_filter",
    }
}

/// Why a response came to its end, if it did.
fn stopped(status: &Status) -> Option<&'static str> {
    match status {
        Status::Completed => Some("completed"),
        Status::Failed => Some("failed"),
        Status::Cancelled => Some("cancelled"),
        Status::Incomplete => Some("incomplete"),
        Status::InProgress | Status::Queued => None,
    }
}

fn service_tier(tier: &ServiceTier) -> &'static str {
    match tier {
        ServiceTier::Auto => "auto",
        ServiceTier::Default => "default",
        ServiceTier::Flex => "flex",
        ServiceTier::Scale => "scale",
        ServiceTier::Priority => "priority",
        ServiceTier::Fast => "fast",
    }
}

fn response_service_tier(tier: &ServiceTierResponses) -> &'static str {
    match tier {
        ServiceTierResponses::Auto => "auto",
        ServiceTierResponses::Default => "default",
        ServiceTierResponses::Flex => "flex",
        ServiceTierResponses::Scale => "scale",
        ServiceTierResponses::Priority => "priority",
        ServiceTierResponses::Fast => "fast",
        ServiceTierResponses::Ultrafast => "ultrafast",
    }
}
