//! Content without its text: how long it was, or the hash of each text.

use std::fmt::Write as _;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::captured::Values;
use crate::semconv::attribute;

/// What a part is known by, and no text of anybody's.
const OF_PART: [&str; 5] = ["type", "id", "name", "modality", "mime_type"];
const OF_DOCUMENT: [&str; 2] = ["id", "score"];
const OF_DEFINITION: [&str; 2] = ["type", "name"];

/// Of tool definitions what they are called, and no description and no parameters.
pub(crate) fn name_definitions(values: &mut Values) {
    for (_, definitions) in values.iter_mut().filter(|(key, _)| *key == attribute::TOOL_DEFINITIONS)
    {
        for members in objects(definitions) {
            members.retain(|key, _| OF_DEFINITION.contains(&key.as_str()));
        }
    }
}

/// How many characters each side has, in place of them.
pub(crate) fn lengths(values: Values) -> Values {
    let mut lengths = Values::new();
    for (key, mut value) in values {
        let (length_key, length) = match key {
            attribute::SYSTEM_INSTRUCTIONS => (attribute::PROMPT_LENGTH, of_parts(&value)),
            attribute::INPUT_MESSAGES => (attribute::PROMPT_LENGTH, of_messages(&value)),
            attribute::OUTPUT_MESSAGES => (attribute::COMPLETION_LENGTH, of_messages(&value)),
            attribute::TOOL_CALL_ARGUMENTS => {
                (attribute::TOOL_CALL_ARGUMENTS_LENGTH, characters(&value))
            }
            attribute::TOOL_CALL_RESULT => (attribute::TOOL_CALL_RESULT_LENGTH, characters(&value)),
            attribute::RETRIEVAL_QUERY_TEXT => {
                (attribute::RETRIEVAL_QUERY_LENGTH, characters(&value))
            }
            attribute::RETRIEVAL_DOCUMENTS => {
                let length = array(&value).map(|document| without(document, &OF_DOCUMENT)).sum();
                (attribute::RETRIEVAL_DOCUMENTS_LENGTH, length)
            }
            _ => {
                for members in objects(&mut value) {
                    members.retain(|key, _| OF_DEFINITION.contains(&key.as_str()));
                }
                lengths.push((key, value));
                continue;
            }
        };
        match lengths.iter_mut().find(|(known, _)| *known == length_key) {
            Some((_, known)) => *known = Value::from(known.as_u64().unwrap_or(0) + length),
            None => lengths.push((length_key, Value::from(length))),
        }
    }
    lengths
}

fn of_messages(messages: &Value) -> u64 {
    array(messages).filter_map(|message| message.get("parts")).map(of_parts).sum()
}

/// The bytes of an image are no text.
fn of_parts(parts: &Value) -> u64 {
    array(parts)
        .filter(|part| part.get("type").and_then(Value::as_str) != Some("blob"))
        .map(|part| without(part, &OF_PART))
        .sum()
}

fn without(object: &Value, kept: &[&str]) -> u64 {
    object
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(key, _)| !kept.contains(&key.as_str()))
        .map(|(_, value)| characters(value))
        .sum()
}

/// Of all the text in it, keys aside.
fn characters(value: &Value) -> u64 {
    match value {
        Value::String(text) => text.chars().count() as u64,
        Value::Array(elements) => elements.iter().map(characters).sum(),
        Value::Object(members) => members.values().map(characters).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

fn array(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn objects(value: &mut Value) -> impl Iterator<Item = &mut Map<String, Value>> {
    value.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut)
}

/// Puts the hash of each text in its place.
pub(crate) fn hash(values: &mut Values) {
    for (key, value) in values {
        match *key {
            attribute::SYSTEM_INSTRUCTIONS => hash_members(value, &OF_PART),
            attribute::INPUT_MESSAGES | attribute::OUTPUT_MESSAGES => {
                for message in objects(value) {
                    for (key, member) in message.iter_mut() {
                        match key.as_str() {
                            "parts" => hash_members(member, &OF_PART),
                            "role" | "finish_reason" => {}
                            _ => hash_value(member),
                        }
                    }
                }
            }
            attribute::RETRIEVAL_DOCUMENTS => hash_members(value, &OF_DOCUMENT),
            attribute::TOOL_DEFINITIONS => hash_members(value, &OF_DEFINITION),
            _ => hash_value(value),
        }
    }
}

/// Of each object of an array; what is no object has no place to keep.
fn hash_members(array: &mut Value, kept: &[&str]) {
    let Value::Array(elements) = array else { return hash_value(array) };
    for element in elements {
        match element {
            Value::Object(members) => {
                for (key, member) in members.iter_mut() {
                    if !kept.contains(&key.as_str()) {
                        hash_value(member);
                    }
                }
            }
            other => hash_value(other),
        }
    }
}

/// A number could be guessed from its place as well as a text: of what is no text, the whole is hashed.
fn hash_value(value: &mut Value) {
    let digest = match &*value {
        Value::String(text) => Sha256::digest(text.as_bytes()),
        other => Sha256::digest(other.to_string().as_bytes()),
    };
    let mut text = String::with_capacity(64);
    for byte in digest {
        let _ = write!(text, "{byte:02x}");
    }
    *value = Value::String(text);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// `printf '%s' 'why?' | sha256sum`
    const WHY: &str = "f5b2b98bf44b60881a86499d98591d7995ce23ad93abd8a4aa11fadc20145d06";

    fn values() -> Values {
        vec![
            (attribute::SYSTEM_INSTRUCTIONS, json!([{"type": "text", "content": "añ→"}])),
            (
                attribute::INPUT_MESSAGES,
                json!([
                    {"role": "user", "name": "Ann", "parts": [
                        {"type": "text", "content": "why?"},
                        {"type": "blob", "modality": "image", "content": "AAAA"},
                    ]},
                    {"role": "tool", "parts": [
                        {"type": "tool_call_response", "id": "1", "response": {"a": ["bc", 5]}},
                    ]},
                ]),
            ),
            (
                attribute::TOOL_DEFINITIONS,
                json!([{"type": "function", "name": "f", "description": "secret"}]),
            ),
            (attribute::RETRIEVAL_DOCUMENTS, json!([{"id": "7", "score": 0.5, "content": "why?"}])),
        ]
    }

    #[test]
    fn a_length_counts_characters_of_text_alone() {
        assert_eq!(
            lengths(values()),
            [
                (attribute::PROMPT_LENGTH, json!(3 + 4 + 2)),
                (attribute::TOOL_DEFINITIONS, json!([{"type": "function", "name": "f"}])),
                (attribute::RETRIEVAL_DOCUMENTS_LENGTH, json!(4)),
            ]
        );
    }

    #[test]
    fn a_hash_takes_the_place_of_every_text_and_leaves_the_shape() {
        let mut values = values();
        hash(&mut values);
        let text = Value::Array(values.iter().map(|(_, value)| value.clone()).collect());
        for secret in ["añ→", "why?", "Ann", "AAAA", "bc", "secret"] {
            assert!(!text.to_string().contains(secret), "{secret} in {text}");
        }
        let messages = &values[1].1;
        assert_eq!(messages[0]["role"], "user");
        assert_eq!(messages[0]["parts"][0], json!({"type": "text", "content": WHY}));
        assert_eq!(messages[0]["parts"][1]["modality"], "image");
        assert_eq!(messages[1]["parts"][0]["id"], "1");
        assert_eq!(values[3].1, json!([{"id": "7", "score": 0.5, "content": WHY}]));
    }

    #[test]
    fn a_definition_is_named_and_no_more() {
        let mut values = values();
        name_definitions(&mut values);
        assert_eq!(values[2].1, json!([{"type": "function", "name": "f"}]));
        assert_eq!(values.len(), 4);
    }
}
