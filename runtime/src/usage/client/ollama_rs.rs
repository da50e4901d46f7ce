//! `ollama-rs`: chat and generate; a chunk of a stream looks the same.

use ollama_rs::generation::chat::{ChatMessageFinalResponseData, ChatMessageResponse};
use ollama_rs::generation::completion::GenerationResponse;

use crate::usage::reply::{LlmResponse, Reply};

impl LlmResponse for ChatMessageResponse {
    fn read(&self, reply: &mut Reply) {
        reply.model(&self.model).reasoning(&self.message.thinking).text(&self.message.content);
        if reply.is_content_captured() {
            for call in &self.message.tool_calls {
                let function = &call.function;
                reply.tool_call("", &function.name, function.arguments.to_string());
            }
        }
        self.final_data.read(reply);
    }
}

impl LlmResponse for ChatMessageFinalResponseData {
    fn read(&self, reply: &mut Reply) {
        reply.input_tokens(self.prompt_eval_count).output_tokens(self.eval_count);
    }
}

impl LlmResponse for GenerationResponse {
    fn read(&self, reply: &mut Reply) {
        reply
            .model(&self.model)
            .reasoning(&self.thinking)
            .text(&self.response)
            .input_tokens(self.prompt_eval_count)
            .output_tokens(self.eval_count);
    }
}
