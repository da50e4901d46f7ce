//! Tools that a request offers.

use serde_json::{Map, Value, json};

use super::{object, text};

/// Where the schema of the parameters stands.
const PARAMETERS: [&str; 8] = [
    "parameters",
    "input_schema",
    "inputSchema",
    "parametersJsonSchema",
    "parameters_json_schema",
    "parameter_definitions",
    "schema",
    "json",
];

/// One entry of a list of tools; Gemini's holds several.
pub(super) fn definitions(value: &Value) -> Vec<Value> {
    let members = match value {
        Value::Object(members) => members,
        // A text alone is a name.
        Value::String(name) => return vec![json!({"type": "function", "name": name})],
        other => return vec![definition("unknown", &Value::Null, [("content", other.clone())])],
    };
    for key in ["functionDeclarations", "function_declarations"] {
        if let Some(Value::Array(declarations)) = members.get(key) {
            let others = members.iter().filter(|(other, _)| *other != key);
            let functions = declarations.iter().map(|declared| match declared {
                Value::Object(declared) => function(declared),
                other => other.clone(),
            });
            return functions.chain(others.map(|(key, value)| built_in(key, value))).collect();
        }
    }
    for key in ["function", "toolSpec", "tool_spec"] {
        if let Some(declared) = object(members, key) {
            return vec![function(declared)];
        }
    }
    vec![match text(members, "type") {
        Some("function") => function(members),
        Some("custom") => match object(members, "custom") {
            Some(custom) => other("custom", custom),
            None if PARAMETERS.iter().any(|key| members.contains_key(*key)) => function(members),
            None => other("custom", members),
        },
        Some(kind) => other(kind, members),
        None if text(members, "name").is_some() => function(members),
        None => return members.iter().map(|(key, value)| built_in(key, value)).collect(),
    }]
}

/// A function that the user runs.
fn function(declared: &Map<String, Value>) -> Value {
    let parameters = PARAMETERS.iter().find_map(|key| declared.get(*key)).cloned();
    // Bedrock wraps the schema once more.
    let parameters = parameters.map(|parameters| match parameters {
        Value::Object(mut wrapped) if wrapped.len() == 1 && wrapped.contains_key("json") => {
            wrapped.remove("json").unwrap_or_default()
        }
        other => other,
    });
    let name = declared.get("name").cloned().unwrap_or_default();
    let members =
        [("description", declared.get("description").cloned()), ("parameters", parameters)];
    let members = members
        .into_iter()
        .filter_map(|(key, value)| Some((key, value.filter(|value| !value.is_null())?)));
    definition("function", &name, members)
}

/// A tool of the provider's: all that is said of it.
fn other(kind: &str, members: &Map<String, Value>) -> Value {
    let name = members.get("name").or_else(|| members.get("server_label")).cloned();
    let name = name.unwrap_or_else(|| Value::String(kind.to_owned()));
    let others = members.iter().filter(|(key, _)| !["name", "type"].contains(&key.as_str()));
    definition(kind, &name, others.map(|(key, value)| (key.as_str(), value.clone())))
}

/// A tool of the provider's that is named by its key alone.
fn built_in(key: &str, value: &Value) -> Value {
    match value {
        Value::Object(members) => other(key, members),
        _ => definition(key, &Value::String(key.to_owned()), [("content", value.clone())]),
    }
}

fn definition<'a>(
    kind: &str,
    name: &Value,
    members: impl IntoIterator<Item = (&'a str, Value)>,
) -> Value {
    let mut defined = Map::new();
    defined.insert("type".to_owned(), Value::String(kind.to_owned()));
    defined.insert("name".to_owned(), name.clone());
    defined.extend(members.into_iter().map(|(key, value)| (key.to_owned(), value)));
    Value::Object(defined)
}
