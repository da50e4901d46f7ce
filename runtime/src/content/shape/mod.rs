//! What people send to providers, in the shapes of the conventions: messages, instructions and tools, of
//! OpenAI (chat, responses), Anthropic, Gemini, Ollama, Cohere and Bedrock.
//!
//! Each message and each part is known by its own members, so that a history may mix providers. What is
//! not known becomes a part of another type, with all that it has: nothing is lost, and nothing fails.

mod media;
mod message;
mod part;
#[cfg(test)]
mod tests;
mod tool;

use serde_json::{Map, Value};

use super::message::{Message, Part};
#[cfg(feature = "genai")]
pub(crate) use media::modality;
pub(crate) use message::{call, said_by_model, said_in_item, said_in_members};
use part::{part, parts};
pub(crate) use part::{refusal, tool_call};

/// Where requests have their messages.
const MESSAGES: [&str; 3] = ["messages", "input", "contents"];
/// Where requests have what they instruct the model with beside the messages.
const INSTRUCTIONS: [&str; 6] =
    ["system", "instructions", "systemInstruction", "system_instruction", "preamble", "parts"];
/// Where requests have the tools that the model may call.
const TOOLS: [&str; 6] = [
    "tools",
    "toolConfig",
    "tool_config",
    "functions",
    "functionDeclarations",
    "function_declarations",
];

/// The messages of a request, or of the value that holds them: a list, one alone, or text.
pub(crate) fn messages(value: &Value) -> Vec<Message> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(items) if message::are_parts(items) => vec![message::said(value)],
        Value::Array(items) => items.iter().map(message::message).collect(),
        Value::Object(request) => match held(request, &MESSAGES).or_else(|| prompted(request)) {
            Some(held) => messages(held),
            None => vec![message::message(value)],
        },
        _ => vec![message::said(value)],
    }
}

/// What a request instructs the model with beside its messages, or the value that holds that: text, a part,
/// or a list of both. A system message stays among the messages, where it was sent.
pub(crate) fn system_instructions(value: &Value) -> Vec<Part> {
    match value {
        Value::Object(request) if message::is_request(request) => {
            held(request, &INSTRUCTIONS).map(system_instructions).unwrap_or_default()
        }
        Value::Object(holder) => match held(holder, &INSTRUCTIONS) {
            Some(held) => system_instructions(held),
            None => vec![part(value)],
        },
        _ => parts(value),
    }
}

/// The tools that a request offers, or the value that holds them: a list, or one alone.
pub(crate) fn tool_definitions(value: &Value) -> Vec<Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(tools) => tools.iter().flat_map(tool::definitions).collect(),
        Value::Object(request) => match held(request, &TOOLS) {
            Some(held) => tool_definitions(held),
            None if message::is_request(request) => Vec::new(),
            None => tool::definitions(value),
        },
        _ => tool::definitions(value),
    }
}

/// A prompt without a history, as Ollama's `generate` and completions have it.
fn prompted(request: &Map<String, Value>) -> Option<&Value> {
    let is_request = request.contains_key("model") && !request.contains_key("role");
    request.get("prompt").filter(|_| is_request)
}

/// What stands under the first of these keys that there is.
fn held<'a>(holder: &'a Map<String, Value>, keys: &[&str]) -> Option<&'a Value> {
    keys.iter().find_map(|key| holder.get(*key)).filter(|value| !value.is_null())
}

fn text<'a>(members: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    members.get(key)?.as_str()
}

fn owned(members: &Map<String, Value>, key: &str) -> Option<String> {
    text(members, key).map(ToOwned::to_owned)
}

fn object<'a>(members: &'a Map<String, Value>, key: &str) -> Option<&'a Map<String, Value>> {
    members.get(key)?.as_object()
}
