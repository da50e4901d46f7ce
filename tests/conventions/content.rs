//! The shapes of what is captured.
//!
//! Source: <https://github.com/open-telemetry/semantic-conventions/tree/v1.41.1/docs/gen-ai>, the JSON
//! schemas.

use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use serde_json::Value;

/// Members that must be there, each with what it must be.
type Members = &'static [(&'static str, fn(&Value) -> bool)];

const MESSAGE: Members = &[("role", Value::is_string), ("parts", Value::is_array)];
const ANSWER: Members = &[("finish_reason", Value::is_string)];
const DEFINITION: Members = &[("type", Value::is_string), ("name", Value::is_string)];
const DOCUMENT: Members = &[("id", Value::is_string), ("score", Value::is_number)];
/// By the type of a part; another type is free.
const PARTS: &[(&str, Members)] = &[
    ("text", &[("content", Value::is_string)]),
    ("reasoning", &[("content", Value::is_string)]),
    ("tool_call", &[("name", Value::is_string)]),
    ("tool_call_response", &[("response", is_there)]),
    ("server_tool_call", &[("name", Value::is_string), ("server_tool_call", is_typed)]),
    ("server_tool_call_response", &[("server_tool_call_response", is_typed)]),
    ("blob", &[("modality", Value::is_string), ("content", Value::is_string)]),
    ("file", &[("modality", Value::is_string), ("file_id", Value::is_string)]),
    ("uri", &[("modality", Value::is_string), ("uri", Value::is_string)]),
];

fn is_there(_: &Value) -> bool {
    true
}

fn is_typed(value: &Value) -> bool {
    value["type"].is_string()
}

/// Whether an attribute is JSON on spans. The result of a tool may be any text.
pub(crate) fn is_json(key: &str) -> bool {
    matches!(
        key,
        "gen_ai.input.messages"
            | "gen_ai.output.messages"
            | "gen_ai.retrieval.documents"
            | "gen_ai.system_instructions"
            | "gen_ai.tool.call.arguments"
            | "gen_ai.tool.definitions"
    )
}

/// What is wrong with the value of an attribute.
pub(crate) fn mistakes(key: &str, value: &Value) -> Vec<String> {
    let found = match key {
        "gen_ai.input.messages" => of_elements(value, |message| of_message(message, &[])),
        "gen_ai.output.messages" => of_elements(value, |message| of_message(message, ANSWER)),
        "gen_ai.system_instructions" => of_elements(value, of_part),
        "gen_ai.tool.definitions" => of_elements(value, |tool| of_object(tool, DEFINITION)),
        "gen_ai.retrieval.documents" => of_elements(value, |found| of_object(found, DOCUMENT)),
        "gen_ai.tool.call.arguments" => of_object(value, &[]),
        _ => Vec::new(),
    };
    found.into_iter().map(|mistake| format!("{key}: {mistake}")).collect()
}

fn of_elements(value: &Value, of: impl Fn(&Value) -> Vec<String>) -> Vec<String> {
    match value {
        Value::Array(elements) => elements.iter().flat_map(of).collect(),
        other => vec![format!("{other} is no array")],
    }
}

fn of_message(message: &Value, more: Members) -> Vec<String> {
    let mut mistakes = of_object(message, MESSAGE);
    mistakes.extend(of_object(message, more));
    mistakes.extend(of_elements(&message["parts"], of_part));
    mistakes
}

fn of_part(part: &Value) -> Vec<String> {
    let Some(kind) = part["type"].as_str() else { return vec![format!("{part} has no type")] };
    let members = PARTS.iter().find(|(known, _)| *known == kind);
    members.map_or_else(Vec::new, |(_, members)| of_object(part, members))
}

fn of_object(value: &Value, members: Members) -> Vec<String> {
    let Some(object) = value.as_object() else { return vec![format!("{value} is no object")] };
    members
        .iter()
        .filter(|(name, is_it)| !object.get(*name).is_some_and(is_it))
        .map(|(name, _)| format!("{value} lacks {name}, or it is something else"))
        .collect()
}

/// The structure that an event has.
pub(crate) fn json(value: Option<Any>) -> Value {
    match value {
        Some(Any::StringValue(text)) => text.into(),
        Some(Any::BoolValue(flag)) => flag.into(),
        Some(Any::IntValue(number)) => number.into(),
        Some(Any::DoubleValue(number)) => number.into(),
        Some(Any::ArrayValue(array)) => {
            array.values.into_iter().map(|element| json(element.value)).collect()
        }
        Some(Any::KvlistValue(list)) => {
            let members = list.values.into_iter();
            let members = members.map(|pair| (pair.key, json(pair.value.and_then(|it| it.value))));
            Value::Object(members.collect())
        }
        None => Value::Null,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_has_another_shape_is_a_mistake() {
    for (key, good, bad) in [
        (
            "gen_ai.input.messages",
            r#"[{"role": "user", "parts": [{"type": "text", "content": "a"}, {"type": "ours"}]}]"#,
            [
                r#"{"role": "user", "parts": []}"#,
                r#"[{"role": "user", "parts": [{"type": "text"}]}]"#,
            ],
        ),
        (
            "gen_ai.output.messages",
            r#"[{"role": "assistant", "parts": [], "finish_reason": "stop"}]"#,
            [r#"[{"role": "assistant", "parts": []}]"#, r#"[{"parts": [], "finish_reason": ""}]"#],
        ),
        (
            "gen_ai.system_instructions",
            r#"[{"type": "text", "content": "a"}]"#,
            [r#"["a"]"#, r#"[{"type": "uri", "uri": "u"}]"#],
        ),
        (
            "gen_ai.tool.definitions",
            r#"[{"type": "function", "name": "f"}]"#,
            [r#"[{"name": "f"}]"#, r#"["f"]"#],
        ),
        (
            "gen_ai.retrieval.documents",
            r#"[{"id": "7", "score": 0.5}]"#,
            [r#"[{"id": 7, "score": 0.5}]"#, r#"[{"id": "7"}]"#],
        ),
        ("gen_ai.tool.call.arguments", r#"{"of": "sky"}"#, [r#""sky""#, "[1]"]),
    ] {
        let of = |text: &str| mistakes(key, &serde_json::from_str(text).unwrap());
        assert_eq!(of(good), Vec::<String>::new());
        for bad in bad {
            assert_eq!(of(bad).len(), 1, "{key}: {bad}");
        }
    }
}
