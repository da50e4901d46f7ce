//! `genai`: chat, the events of its streams, embeddings.

#[cfg(feature = "content")]
use genai::chat::BinarySource;
use genai::chat::{
    ChatResponse, ChatStreamEvent, ContentPart, MessageContent, StopReason, StreamEnd, ToolCall,
    Usage,
};
use genai::embed::EmbedResponse;

use crate::usage::reply::{LlmResponse, Reply};

impl LlmResponse for ChatResponse {
    fn read(&self, reply: &mut Reply) {
        reply
            .id(&self.response_id)
            .model(&*self.provider_model_iden.model_name)
            .finish_reason(self.stop_reason.as_ref().map(StopReason::raw));
        self.usage.read(reply);
        if reply.is_content_captured() {
            reply.say_anew();
            say(&self.content, self.reasoning_content.as_deref(), reply);
        }
    }
}

/// Tokens and calls of tools come with the end, and only where the client's `ChatOptions` capture them.
impl LlmResponse for ChatStreamEvent {
    fn read(&self, reply: &mut Reply) {
        reply.expect_finish_reason();
        match self {
            Self::Chunk(chunk) => drop(reply.text(&chunk.content)),
            Self::ReasoningChunk(chunk) => drop(reply.reasoning(&chunk.content)),
            Self::End(end) => end.read(reply),
            // Pieces of calls have no place, and of some providers they are repeated: the end has them whole.
            Self::Start
            | Self::ThoughtSignatureChunk(_)
            | Self::ToolCallChunk(_)
            | Self::Heartbeat => {}
        }
    }
}

impl LlmResponse for StreamEnd {
    fn read(&self, reply: &mut Reply) {
        reply
            .id(&self.captured_response_id)
            .finish_reason(self.captured_stop_reason.as_ref().map(StopReason::raw));
        self.captured_usage.read(reply);
        if reply.is_content_captured() {
            for call in self.captured_content.iter().flat_map(MessageContent::tool_calls) {
                say_call(call, reply);
            }
        }
    }
}

impl LlmResponse for Usage {
    fn read(&self, reply: &mut Reply) {
        reply.input_tokens(self.prompt_tokens).output_tokens(self.completion_tokens);
        if let Some(details) = &self.prompt_tokens_details {
            let writes = details.cache_creation_details.as_ref();
            reply
                .cache_read_input_tokens(details.cached_tokens)
                .cache_creation_input_tokens(details.cache_creation_tokens)
                .cache_creation_1h_input_tokens(writes.and_then(|kinds| kinds.ephemeral_1h_tokens))
                .audio_input_tokens(details.audio_tokens);
        }
        if let Some(details) = &self.completion_tokens_details {
            reply
                .reasoning_output_tokens(details.reasoning_tokens)
                .audio_output_tokens(details.audio_tokens);
        }
    }
}

impl LlmResponse for EmbedResponse {
    fn read(&self, reply: &mut Reply) {
        reply.model(&*self.provider_model_iden.model_name).input_tokens(self.usage.prompt_tokens);
    }
}

fn say(content: &MessageContent, thought: Option<&str>, reply: &mut Reply) {
    reply.reasoning(thought);
    for part in content.parts() {
        match part {
            ContentPart::Text(text) => drop(reply.text(text)),
            ContentPart::ReasoningContent(text) if thought.is_none() => drop(reply.reasoning(text)),
            ContentPart::ToolCall(call) => say_call(call, reply),
            #[cfg(feature = "content")]
            ContentPart::Binary(binary) => say_binary(binary, reply),
            #[cfg(feature = "content")]
            ContentPart::Custom(part) => {
                for part in crate::content::shape::said_in_item(&part.data) {
                    reply.part(part);
                }
            }
            _ => {}
        }
    }
}

/// Arguments that are no JSON are text of the model's.
fn say_call(call: &ToolCall, reply: &mut Reply) {
    let arguments = &call.fn_arguments;
    let arguments = arguments.as_str().map_or_else(|| arguments.to_string(), ToOwned::to_owned);
    reply.tool_call(&call.call_id, &call.fn_name, arguments);
}

#[cfg(feature = "content")]
fn say_binary(binary: &genai::chat::Binary, reply: &mut Reply) {
    use crate::content::message::Part;
    use crate::content::shape::modality;

    let kind = &*binary.content_type;
    reply.part(match &binary.source {
        BinarySource::Base64(data) => Part::blob(modality(Some(kind)), Some(kind.into()), &**data),
        BinarySource::Url(url) => Part::uri(modality(Some(kind)), url),
    });
}
