//! Messages, tools and documents, which are JSON in the conventions of OpenTelemetry and a list of
//! attributes in those of OpenInference.

use opentelemetry::Value;
use serde_json::{Map, Value as Json, json};

use super::draft::Draft;
use super::json;
use crate::semconv::openinference::{content, document, message, tool, tool_call};

/// The system's message, which OpenInference has as the first one.
pub(super) fn instructions(draft: &mut Draft, to: &str, value: &Value) -> bool {
    let place = format!("{to}.0");
    draft.piece(format!("{place}.{}", message::ROLE), "system");
    match json::parsed(value) {
        Some(Json::Array(parts)) => contents(draft, &place, &parts),
        _ => {
            draft.piece(format!("{place}.{}", message::CONTENT), value.as_str().into_owned());
        }
    }
    true
}

/// Messages from the number `first` on.
pub(super) fn messages(draft: &mut Draft, to: &str, value: &Value, first: usize) -> bool {
    let Some(Json::Array(messages)) = json::parsed(value) else { return false };
    let mut number = first;
    for one in &messages {
        let Json::Object(members) = one else { continue };
        let text = |key| members.get(key).and_then(Json::as_str);
        let parts = members.get("parts").and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
        let (responses, others): (Vec<&Json>, Vec<&Json>) =
            parts.iter().partition(|part| kind(part) == "tool_call_response");
        // Each of several responses is a message of its own.
        for response in &responses {
            let place = format!("{to}.{number}");
            draft.piece(
                format!("{place}.{}", message::ROLE),
                text("role").unwrap_or("tool").to_owned(),
            );
            if let Some(id) = member(response, "id") {
                draft.piece(format!("{place}.{}", message::TOOL_CALL_ID), json::text(id));
            }
            if let Some(response) = member(response, "response") {
                draft.piece(format!("{place}.{}", message::CONTENT), json::text(response));
            }
            named(draft, &place, text("name"));
            number += 1;
        }
        if responses.is_empty() || !others.is_empty() {
            let place = format!("{to}.{number}");
            if let Some(role) = text("role") {
                draft.piece(format!("{place}.{}", message::ROLE), role.to_owned());
            }
            let others: Vec<Json> = others.into_iter().cloned().collect();
            contents(draft, &place, &others);
            named(draft, &place, text("name"));
            number += 1;
        }
    }
    true
}

fn named(draft: &mut Draft, place: &str, name: Option<&str>) {
    if let Some(name) = name {
        draft.piece(format!("{place}.{}", message::NAME), name.to_owned());
    }
}

fn kind(part: &Json) -> &str {
    member(part, "type").and_then(Json::as_str).unwrap_or_default()
}

fn member<'a>(of: &'a Json, key: &str) -> Option<&'a Json> {
    of.get(key).filter(|value| !value.is_null())
}

fn contents(draft: &mut Draft, place: &str, parts: &[Json]) {
    let (calls, others): (Vec<&Json>, Vec<&Json>) =
        parts.iter().partition(|part| kind(part) == "tool_call");
    match others.as_slice() {
        [] => {}
        [only] if kind(only) == "text" => {
            let text = member(only, "content").map(json::text).unwrap_or_default();
            draft.piece(format!("{place}.{}", message::CONTENT), text);
        }
        several => {
            for (number, part) in several.iter().enumerate() {
                one_content(draft, &format!("{place}.{}.{number}", message::CONTENTS), part);
            }
        }
    }
    for (number, call) in calls.into_iter().enumerate() {
        let place = format!("{place}.{}.{number}", message::TOOL_CALLS);
        for (key, of) in [(tool_call::ID, "id"), (tool_call::NAME, "name")] {
            if let Some(value) = member(call, of) {
                draft.piece(format!("{place}.{key}"), json::text(value));
            }
        }
        let arguments = member(call, "arguments").map_or_else(|| "{}".into(), json::text);
        draft.piece(format!("{place}.{}", tool_call::ARGUMENTS), arguments);
    }
}

fn one_content(draft: &mut Draft, place: &str, part: &Json) {
    let mut put = |key: &str, value: String| draft.piece(format!("{place}.{key}"), value);
    let kind = kind(part);
    let text = |key| member(part, key).map(json::text);
    if matches!(kind, "text" | "reasoning") {
        put(content::TYPE, kind.to_owned());
        put(content::TEXT, text("content").unwrap_or_default());
        return;
    }
    let modality = text("modality").unwrap_or_default();
    let key = match modality.as_str() {
        "image" => Some(content::IMAGE_URL),
        "audio" => Some(content::AUDIO_URL),
        "video" => Some(content::VIDEO_URL),
        _ => None,
    };
    let mime_type = text("mime_type");
    let url = match kind {
        "uri" => text("uri"),
        "blob" => text("content").map(|base64| {
            format!("data:{};base64,{base64}", mime_type.as_deref().unwrap_or_default())
        }),
        _ => None,
    };
    if let (Some(key), Some(url)) = (key, url) {
        put(content::TYPE, modality);
        put(key, url);
        if let (content::AUDIO_URL, Some(mime_type)) = (key, mime_type) {
            put(content::AUDIO_MIME_TYPE, mime_type);
        }
    } else {
        // Of what OpenInference has no form for, the whole.
        put(content::TYPE, kind.to_owned());
        put(content::TEXT, part.to_string());
    }
}

/// The tools that a model may call, each as the object that OpenInference shows.
pub(super) fn tools(draft: &mut Draft, to: &str, value: &Value) -> bool {
    let Some(Json::Array(definitions)) = json::parsed(value) else { return false };
    for (number, definition) in definitions.iter().enumerate() {
        let place = format!("{to}.{number}");
        let function = member(definition, "function").unwrap_or(definition);
        for (key, of) in [(tool::NAME, "name"), (tool::DESCRIPTION, "description")] {
            if let Some(value) = member(function, of) {
                draft.piece(format!("{place}.{key}"), json::text(value));
            }
        }
        draft.piece(format!("{place}.{}", tool::JSON_SCHEMA), schema(definition).to_string());
    }
    true
}

fn schema(definition: &Json) -> Json {
    let Json::Object(members) = definition else { return definition.clone() };
    if members.contains_key("function") || kind(definition) != "function" {
        return definition.clone();
    }
    let function: Map<String, Json> = members
        .iter()
        .filter(|(key, _)| key.as_str() != "type")
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    json!({ "type": "function", "function": function })
}

/// What a search found.
pub(super) fn documents(draft: &mut Draft, to: &str, value: &Value) -> bool {
    let Some(Json::Array(documents)) = json::parsed(value) else { return false };
    for (number, found) in documents.iter().enumerate() {
        let place = format!("{to}.{number}");
        let Json::Object(members) = found else {
            draft.piece(format!("{place}.{}", document::CONTENT), json::text(found));
            continue;
        };
        let mut metadata = Map::new();
        for (key, value) in members.iter().filter(|(_, value)| !value.is_null()) {
            let mut put = |key: &str, value: Value| draft.piece(format!("{place}.{key}"), value);
            match (key.as_str(), value) {
                ("id", Json::Number(id)) if id.is_i64() => {
                    put(document::ID, id.as_i64().unwrap_or_default().into());
                }
                ("id", id) => put(document::ID, json::text(id).into()),
                ("score", Json::Number(score)) => {
                    put(document::SCORE, score.as_f64().unwrap_or_default().into());
                }
                ("content", text) => put(document::CONTENT, json::text(text).into()),
                ("metadata", Json::Object(of)) => {
                    metadata.extend(of.iter().map(|(key, value)| (key.clone(), value.clone())));
                }
                (key, value) => {
                    metadata.insert(key.to_owned(), value.clone());
                }
            }
        }
        if !metadata.is_empty() {
            let metadata = Json::Object(metadata).to_string();
            draft.piece(format!("{place}.{}", document::METADATA), metadata);
        }
    }
    true
}
