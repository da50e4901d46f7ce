//! One part of a message, of whatever provider's shape.

use serde_json::{Map, Value};

use super::{media, object, owned, text};
use crate::content::message::{Part, parsed};

/// The type of what has none.
const UNKNOWN: &str = "unknown";

/// What a message holds: text, a part, or a list of both.
pub(crate) fn parts(content: &Value) -> Vec<Part> {
    match content {
        Value::Null => Vec::new(),
        Value::String(text) if text.is_empty() => Vec::new(),
        Value::Array(items) => items.iter().map(part).collect(),
        one => vec![part(one)],
    }
}

/// One part.
pub(crate) fn part(value: &Value) -> Part {
    match value {
        Value::String(text) => Part::text(text),
        Value::Object(members) => of(members),
        other => Part::other(UNKNOWN, Map::from_iter([("content".to_owned(), other.clone())])),
    }
}

/// One part, of its members.
pub(super) fn of(members: &Map<String, Value>) -> Part {
    let known = match text(members, "type") {
        Some(kind) => is_standard(kind, members)
            .then(|| Part::other(kind, members.clone()))
            .or_else(|| typed(kind, members))
            .or_else(|| media::typed(kind, members)),
        None => untyped(members).or_else(|| media::untyped(members)),
    };
    known.unwrap_or_else(|| Part::other(text(members, "type").unwrap_or(UNKNOWN), members.clone()))
}

/// Whether a part without a message around it is one of a message of a user's.
pub(super) fn is_of_user(members: &Map<String, Value>) -> bool {
    match text(members, "type") {
        Some(kind) => {
            matches!(kind, "text" | "input_text" | "document" | "file" | "uri" | "blob")
                || ["image", "input_image", "input_audio", "input_file", "audio"]
                    .iter()
                    .any(|known| kind.starts_with(known))
                    && !kind.ends_with("_call")
        }
        None => ["text", "inlineData", "inline_data", "fileData", "file_data"]
            .iter()
            .any(|key| members.contains_key(*key)),
    }
}

/// Whether this is what a tool gave back, and of which call.
pub(super) fn is_result_of_tool(members: &Map<String, Value>) -> bool {
    matches!(text(members, "type"), Some("tool_result" | "tool_call_response"))
        || ["toolResult", "functionResponse", "function_response"]
            .iter()
            .any(|key| members.contains_key(*key))
}

/// Has the shape of the conventions.
fn is_standard(kind: &str, members: &Map<String, Value>) -> bool {
    let demanded: &[&str] = match kind {
        "text" | "reasoning" if members.get("content").is_some_and(Value::is_string) => &[],
        "tool_call" => &["name"],
        "tool_call_response" => &["response"],
        "server_tool_call" => &["name", "server_tool_call"],
        "server_tool_call_response" => &["server_tool_call_response"],
        "blob" => &["modality", "content"],
        "file" => &["modality", "file_id"],
        "uri" => &["modality", "uri"],
        _ => return false,
    };
    demanded.iter().all(|key| members.contains_key(*key))
}

/// Parts of OpenAI, Anthropic and Cohere, which have a type.
fn typed(kind: &str, members: &Map<String, Value>) -> Option<Part> {
    Some(match kind {
        "text" | "input_text" | "output_text" | "summary_text" => {
            Part::text(text(members, "text")?)
        }
        "refusal" => refusal(text(members, "refusal")?),
        "thinking" => Part::reasoning(text(members, "thinking")?),
        "reasoning_text" => Part::reasoning(text(members, "text")?),
        "reasoning" => reasoning(members)?,
        "tool_use" => call(members, "id", "input", false)?,
        "server_tool_use" => call(members, "id", "input", true)?,
        "function_call" => call(members, "call_id", "arguments", false)?,
        "custom_tool_call" => call(members, "call_id", "input", false)?,
        "tool_result" => result_part(members, "tool_use_id", "content"),
        "function_call_output" | "custom_tool_call_output" => {
            result_part(members, "call_id", "output")
        }
        _ if kind.ends_with("_tool_result") => result_of_server(kind, members),
        _ => return None,
    })
}

/// Parts of Gemini and Bedrock, which are known by their one member.
fn untyped(members: &Map<String, Value>) -> Option<Part> {
    if let Some(content) = text(members, "text") {
        let is_thought = members.get("thought").and_then(Value::as_bool) == Some(true);
        return Some(if is_thought { Part::reasoning(content) } else { Part::text(content) });
    }
    if let Some(called) = either(members, "functionCall", "function_call") {
        return call(called, "id", "args", false);
    }
    if let Some(result) = either(members, "functionResponse", "function_response") {
        let part = result_part(result, "id", "response");
        let name = result.get("name").cloned();
        return Some(name.map_or(part.clone(), |name| and(part, "name", name)));
    }
    if let Some(called) = object(members, "toolUse") {
        return call(called, "toolUseId", "input", false);
    }
    if let Some(result) = object(members, "toolResult") {
        return Some(result_part(result, "toolUseId", "content"));
    }
    let thought = object(members, "reasoningContent")?;
    let thought = object(thought, "reasoningText").and_then(|thought| text(thought, "text"));
    thought.map(Part::reasoning)
}

/// An item of OpenAI's responses: its own thoughts where it tells them, else their summary.
fn reasoning(members: &Map<String, Value>) -> Option<Part> {
    let texts = |key| {
        let items = members.get(key).and_then(Value::as_array).into_iter().flatten();
        let texts = items.filter_map(|item| text(item.as_object()?, "text"));
        let texts: Vec<&str> = texts.collect();
        (!texts.is_empty()).then(|| texts.join("\n"))
    };
    let told = texts("content").or_else(|| texts("summary")).or_else(|| owned(members, "text"));
    told.map(Part::reasoning)
}

fn call(
    members: &Map<String, Value>,
    id: &str,
    arguments: &str,
    is_of_server: bool,
) -> Option<Part> {
    let name = owned(members, "name")?;
    let arguments = members.get(arguments).cloned().unwrap_or_default();
    Some(tool_call(owned(members, id), name, arguments, is_of_server))
}

fn result_part(members: &Map<String, Value>, id: &str, content: &str) -> Part {
    let part = Part::tool_call_response(owned(members, id), result(members.get(content)));
    let failed = members.get("is_error").and_then(Value::as_bool) == Some(true)
        || text(members, "status") == Some("error");
    if failed { and(part, "is_error", Value::Bool(true)) } else { part }
}

/// What a tool gave back: one text is that text, one piece of JSON that JSON.
pub(super) fn result(content: Option<&Value>) -> Value {
    let one = |item: &Value| match item {
        Value::Object(members) => members
            .get("json")
            .cloned()
            .or_else(|| text(members, "text").map(|text| Value::String(text.to_owned())))
            .unwrap_or_else(|| part(item).into_json()),
        other => other.clone(),
    };
    match content {
        None => Value::Null,
        Some(Value::Array(items)) => match items.as_slice() {
            [item] => one(item),
            _ => items.iter().map(|item| part(item).into_json()).collect(),
        },
        Some(other) => other.clone(),
    }
}

/// What a tool gave back that the provider ran.
fn result_of_server(kind: &str, members: &Map<String, Value>) -> Part {
    let mut told = Map::from_iter([("type".to_owned(), Value::String(kind.to_owned()))]);
    let mut of_call = Map::new();
    for (key, value) in members {
        match key.as_str() {
            "type" => {}
            "tool_use_id" => drop(of_call.insert("id".to_owned(), value.clone())),
            _ => drop(told.insert(key.clone(), value.clone())),
        }
    }
    of_call.insert("server_tool_call_response".to_owned(), Value::Object(told));
    Part::other("server_tool_call_response", of_call)
}

/// Why the model will not answer; the conventions have no part of their own for that.
pub(crate) fn refusal(content: impl Into<String>) -> Part {
    Part::other("refusal", Map::from_iter([("content".to_owned(), Value::String(content.into()))]))
}

/// A call of a tool of the user's, or of one that the provider runs; arguments that say nothing are left out.
pub(crate) fn tool_call(
    id: Option<String>,
    name: String,
    arguments: Value,
    is_of_server: bool,
) -> Part {
    let id = id.filter(|id| !id.is_empty()).map(|id| ("id".to_owned(), Value::String(id)));
    let mut members: Map<String, Value> = id.into_iter().collect();
    let arguments = Some(parsed(arguments))
        .filter(|arguments| !arguments.is_null() && arguments.as_str() != Some(""))
        .map(|arguments| ("arguments".to_owned(), arguments));
    let kind = if is_of_server {
        let kind = ("type".to_owned(), Value::String(name.clone()));
        let call = [kind].into_iter().chain(arguments).collect();
        members.insert("server_tool_call".to_owned(), Value::Object(call));
        "server_tool_call"
    } else {
        members.extend(arguments);
        "tool_call"
    };
    members.insert("name".to_owned(), Value::String(name));
    Part::other(kind, members)
}

/// The part with a member more.
pub(super) fn and(part: Part, key: &str, value: Value) -> Part {
    let Value::Object(mut members) = part.into_json() else {
        return Part::other(UNKNOWN, Map::new());
    };
    members.insert(key.to_owned(), value);
    let kind = owned(&members, "type").unwrap_or_default();
    Part::other(kind, members)
}

fn either<'a>(
    members: &'a Map<String, Value>,
    one: &str,
    other: &str,
) -> Option<&'a Map<String, Value>> {
    object(members, one).or_else(|| object(members, other))
}
