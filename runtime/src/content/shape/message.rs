//! One message, of whatever provider's shape.

use serde_json::{Map, Value};

use super::part::{self, parts, refusal, tool_call};
use super::{MESSAGES, Part, object, owned, text};
use crate::content::message::Message;

/// The members of a message whose meaning is known.
const KNOWN: [&str; 18] = [
    "role",
    "content",
    "parts",
    "name",
    "tool_calls",
    "tool_call_id",
    "tool_name",
    "tool_plan",
    "function_call",
    "refusal",
    "reasoning",
    "reasoning_content",
    "reasoning_details",
    "thinking",
    "images",
    "audio",
    "finish_reason",
    "options",
];

/// Whether this is a whole request, and not a message, a tool or a part.
pub(super) fn is_request(members: &Map<String, Value>) -> bool {
    let has_messages = MESSAGES.iter().any(|key| members.contains_key(*key));
    let has_prompt = members.contains_key("model") && members.contains_key("prompt");
    has_messages && !members.contains_key("type") || has_prompt
}

/// Whether a list is the content of one message.
pub(super) fn are_parts(items: &[Value]) -> bool {
    let is_part = |item: &Value| match item {
        Value::String(_) => true,
        Value::Object(members) => !members.contains_key("role") && part::is_of_user(members),
        _ => false,
    };
    !items.is_empty() && items.iter().all(is_part)
}

/// What somebody says, from a value that is no message: the user among inputs, the model among outputs.
pub(super) fn said(value: &Value) -> Message {
    with("", parts(value))
}

pub(super) fn message(value: &Value) -> Message {
    let Value::Object(members) = value else { return said(value) };
    let Some(role) = text(members, "role") else { return item(members, value) };
    let mut said = Vec::new();
    if role_of(role) == "tool" && !has_own_results(members) {
        said.push(result_of_tool(members));
    } else {
        said.extend(members.get("parts").into_iter().flat_map(parts));
        said.extend(said_by_model(members));
    }
    said.extend(unknown(members));
    let message = with(role_of(role), said);
    let message = match text(members, "name").filter(|_| role_of(role) != "tool") {
        Some(name) => message.name(name),
        None => message,
    };
    match text(members, "finish_reason") {
        Some(reason) => message.finish_reason(reason),
        None => message,
    }
}

/// What a message of a model says, as parts.
pub(crate) fn said_by_model(members: &Map<String, Value>) -> Vec<Part> {
    let mut said: Vec<Part> = thoughts(members).collect();
    said.extend(members.get("content").into_iter().flat_map(parts));
    said.extend(text(members, "refusal").map(refusal));
    said.extend(pictures(members));
    said.extend(object(members, "audio").and_then(super::media::said));
    said.extend(calls(members));
    said
}

/// What an element of a list says: a part, or a message with parts of its own.
pub(crate) fn said_in_item(value: &Value) -> Vec<Part> {
    match value {
        Value::Object(members) => said_in_members(members),
        other => parts(other),
    }
}

/// What a part says, or a message with parts of its own.
pub(crate) fn said_in_members(members: &Map<String, Value>) -> Vec<Part> {
    match text(members, "type") {
        Some("message") => said_by_model(members),
        _ => vec![part::of(members)],
    }
}

/// An item of OpenAI's responses: it has a type in place of a role.
fn item(members: &Map<String, Value>, value: &Value) -> Message {
    let kind = text(members, "type").unwrap_or_default();
    let role = match kind {
        "" if members.contains_key("parts") => "user",
        "reasoning" | "compaction" | "tool_call" => "assistant",
        "tool_call_response" | "tool_result" => "tool",
        _ if kind.ends_with("_call") || kind.ends_with("tool_use") => "assistant",
        _ if kind.ends_with("_output") => "tool",
        _ => "user",
    };
    match members.get("parts").filter(|_| kind.is_empty()) {
        Some(held) => with(role, parts(held)),
        None => with(role, vec![part::part(value)]),
    }
}

fn with(role: &str, parts: Vec<Part>) -> Message {
    parts.into_iter().fold(Message::new(role.to_owned()), Message::part)
}

/// One word for each role.
fn role_of(role: &str) -> &str {
    match role {
        "model" | "CHATBOT" => "assistant",
        "function" => "tool",
        other => other,
    }
}

/// Results that say by themselves which call they are of.
fn has_own_results(members: &Map<String, Value>) -> bool {
    let is_result = |value: &Value| value.as_object().is_some_and(part::is_result_of_tool);
    ["content", "parts"].iter().any(|key| {
        members.get(*key).and_then(Value::as_array).is_some_and(|items| items.iter().any(is_result))
    })
}

/// A message whose content is what a tool gave back.
fn result_of_tool(members: &Map<String, Value>) -> Part {
    let response = match members.get("content") {
        Some(Value::Array(_)) => part::result(members.get("content")),
        Some(content) => content.clone(),
        None => Value::Null,
    };
    let id = owned(members, "tool_call_id");
    let part = Part::tool_call_response(id, response);
    match text(members, "tool_name").or_else(|| text(members, "name")) {
        Some(name) => part::and(part, "name", Value::String(name.to_owned())),
        None => part,
    }
}

fn thoughts(members: &Map<String, Value>) -> impl Iterator<Item = Part> {
    let keys = ["reasoning_content", "reasoning", "thinking", "tool_plan"];
    keys.into_iter()
        .find_map(|key| text(members, key))
        .filter(|thought| !thought.is_empty())
        .map(Part::reasoning)
        .into_iter()
}

/// Ollama's.
fn pictures(members: &Map<String, Value>) -> impl Iterator<Item = Part> {
    let images = members.get("images").and_then(Value::as_array).into_iter().flatten();
    images.map(super::media::picture)
}

fn calls(members: &Map<String, Value>) -> impl Iterator<Item = Part> {
    let calls = members.get("tool_calls").and_then(Value::as_array).into_iter().flatten();
    let deprecated = object(members, "function_call").into_iter();
    let call = |value: &Value| match value {
        Value::Object(members) => call(members),
        other => part::part(other),
    };
    calls.map(call).chain(deprecated.map(|function| function_call(None, function)))
}

/// A call as OpenAI, Ollama and Cohere have it.
pub(crate) fn call(members: &Map<String, Value>) -> Part {
    let id = owned(members, "id");
    for key in ["function", "custom", "custom_tool"] {
        if let Some(function) = object(members, key) {
            return function_call(id, function);
        }
    }
    match text(members, "name") {
        Some(_) => function_call(id, members),
        None => part::of(members),
    }
}

fn function_call(id: Option<String>, function: &Map<String, Value>) -> Part {
    let name = owned(function, "name").unwrap_or_default();
    let arguments = ["arguments", "input", "parameters", "args"];
    let arguments = arguments.into_iter().find_map(|key| function.get(key)).cloned();
    tool_call(id, name, arguments.unwrap_or_default(), false)
}

/// What nobody knows the meaning of.
fn unknown(members: &Map<String, Value>) -> Option<Part> {
    let says = |value: &Value| match value {
        Value::Null => false,
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
        _ => true,
    };
    let unknown: Map<String, Value> = members
        .iter()
        .filter(|(key, value)| {
            let is_item = ["type", "id", "status"].contains(&key.as_str());
            !KNOWN.contains(&key.as_str()) && !is_item && says(value)
        })
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    (!unknown.is_empty()).then(|| Part::other("other_members", unknown))
}
