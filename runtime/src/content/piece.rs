//! One thing that was captured, on its way to the export thread.

use serde_json::{Map, Value};

use super::given::{IntoContent, IntoInstructions, IntoMessages};
use super::message::{Message, Part, parsed};
use super::shape;
use crate::Text;
use crate::semconv::attribute;
use crate::span::value::ValueRef;
use crate::usage::reply::Reply;

/// One captured thing; each becomes an attribute.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Piece {
    SystemInstructions(Vec<Part>),
    InputMessages(Vec<Message>),
    OutputMessages(Vec<Message>),
    /// An array of definitions.
    ToolDefinitions(Value),
    ToolCallArguments(Value),
    ToolCallResult(Value),
    RetrievalQuery(String),
    /// An array of objects.
    RetrievalDocuments(Value),
}

impl Piece {
    /// What it takes, about.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::SystemInstructions(parts) => parts.iter().map(Part::bytes).sum(),
            Self::InputMessages(messages) | Self::OutputMessages(messages) => {
                messages.iter().map(Message::bytes).sum()
            }
            Self::ToolDefinitions(value)
            | Self::ToolCallArguments(value)
            | Self::ToolCallResult(value)
            | Self::RetrievalDocuments(value) => json_bytes(value),
            Self::RetrievalQuery(query) => query.len(),
        }
    }
}

/// What a JSON value takes, about.
pub(super) fn json_bytes(value: &Value) -> usize {
    let beside = match value {
        Value::String(text) => text.len(),
        Value::Array(values) => values.iter().map(json_bytes).sum(),
        Value::Object(members) => members_bytes(members),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    };
    size_of::<Value>() + beside
}

pub(super) fn members_bytes(members: &Map<String, Value>) -> usize {
    members.iter().map(|(key, value)| size_of::<String>() + key.len() + json_bytes(value)).sum()
}

/// From what an argument gives; `None` where it gives nothing.
impl Piece {
    pub(crate) fn system_instructions(given: &(impl IntoInstructions + ?Sized)) -> Option<Self> {
        Some(given.parts()).filter(|parts| !parts.is_empty()).map(Self::SystemInstructions)
    }

    pub(crate) fn input_messages(given: &(impl IntoMessages + ?Sized)) -> Option<Self> {
        Some(given.messages()).filter(|messages| !messages.is_empty()).map(Self::InputMessages)
    }

    pub(crate) fn output_messages(given: &(impl IntoMessages + ?Sized)) -> Option<Self> {
        Some(given.messages()).filter(|messages| !messages.is_empty()).map(Self::OutputMessages)
    }

    /// What a reply says, if it says anything.
    pub(crate) fn answered(reply: &mut Reply) -> Option<Self> {
        Some(reply.take_output_messages()).filter(|said| !said.is_empty()).map(Self::OutputMessages)
    }

    pub(crate) fn tool_definitions(given: &(impl IntoContent + ?Sized)) -> Option<Self> {
        let definitions = shape::tool_definitions(&parsed(given.json()?));
        Some(Self::ToolDefinitions(Value::Array(definitions)))
    }

    pub(crate) fn call_arguments(given: &(impl IntoContent + ?Sized)) -> Option<Self> {
        Some(Self::ToolCallArguments(parsed(given.json()?)))
    }

    pub(crate) fn call_result(given: &(impl IntoContent + ?Sized)) -> Option<Self> {
        Some(Self::ToolCallResult(parsed(given.json()?)))
    }

    pub(crate) fn query(given: &(impl Text + ?Sized)) -> Option<Self> {
        match given.value()? {
            ValueRef::Text(text) => Some(Self::RetrievalQuery(text.to_owned())),
            _ => None,
        }
    }

    pub(crate) fn documents(given: &(impl IntoContent + ?Sized)) -> Option<Self> {
        let documents = elements(given.json()?).into_iter().map(document).collect();
        Some(Self::RetrievalDocuments(Value::Array(documents)))
    }
}

impl Piece {
    /// The attribute that it becomes.
    pub(crate) fn key(&self) -> &'static str {
        match self {
            Self::SystemInstructions(_) => attribute::SYSTEM_INSTRUCTIONS,
            Self::InputMessages(_) => attribute::INPUT_MESSAGES,
            Self::OutputMessages(_) => attribute::OUTPUT_MESSAGES,
            Self::ToolDefinitions(_) => attribute::TOOL_DEFINITIONS,
            Self::ToolCallArguments(_) => attribute::TOOL_CALL_ARGUMENTS,
            Self::ToolCallResult(_) => attribute::TOOL_CALL_RESULT,
            Self::RetrievalQuery(_) => attribute::RETRIEVAL_QUERY_TEXT,
            Self::RetrievalDocuments(_) => attribute::RETRIEVAL_DOCUMENTS,
        }
    }

    /// Another piece of the same key: an answer goes on, anything else is replaced.
    pub(crate) fn follow(&mut self, later: Self) {
        match (self, later) {
            (Self::OutputMessages(messages), Self::OutputMessages(more)) => {
                for message in more {
                    match messages.last_mut() {
                        Some(last) if last.is_continued_by(&message) => last.go_on(message),
                        _ => messages.push(message),
                    }
                }
            }
            (known, later) => *known = later,
        }
    }

    /// Its value in the shape of the conventions.
    #[cfg(any(feature = "telemetry", test))]
    pub(crate) fn into_json(self) -> Value {
        match self {
            Self::SystemInstructions(parts) => parts.into_iter().map(Part::into_json).collect(),
            Self::InputMessages(messages) => {
                messages.into_iter().map(Message::into_input).collect()
            }
            Self::OutputMessages(messages) => {
                messages.into_iter().map(Message::into_output).collect()
            }
            Self::RetrievalQuery(text) => Value::String(text),
            Self::ToolDefinitions(value)
            | Self::ToolCallArguments(value)
            | Self::ToolCallResult(value)
            | Self::RetrievalDocuments(value) => value,
        }
    }
}

fn elements(value: Value) -> Vec<Value> {
    match parsed(value) {
        Value::Array(elements) => elements,
        other => vec![other],
    }
}

/// Documents are objects, and their ids are text.
fn document(value: Value) -> Value {
    let Value::Object(mut document) = value else {
        return Value::Object(Map::from_iter([(String::from("content"), value)]));
    };
    if let Some(id) = document.get_mut("id")
        && let Value::Number(number) = id
    {
        *id = Value::String(number.to_string());
    }
    Value::Object(document)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn written(piece: Option<Piece>) -> Value {
        piece.unwrap().into_json()
    }

    #[test]
    fn a_text_is_a_message_of_its_side() {
        assert_eq!(
            written(Piece::input_messages("why?")),
            json!([{"role": "user", "parts": [{"type": "text", "content": "why?"}]}])
        );
        assert_eq!(
            written(Piece::output_messages(&Some(String::from("so.")))),
            json!([{
                "role": "assistant",
                "parts": [{"type": "text", "content": "so."}],
                "finish_reason": ""
            }])
        );
        assert_eq!(Piece::input_messages(&None::<&str>), None);
        assert_eq!(
            written(Piece::system_instructions("Be brief.")),
            json!([{"type": "text", "content": "Be brief."}])
        );
    }

    #[test]
    fn a_text_goes_on_where_a_message_begins_anew() {
        let mut told = Piece::output_messages("It ").unwrap();
        told.follow(Piece::output_messages("rains.").unwrap());
        told.follow(Piece::output_messages(&Message::assistant("Really.")).unwrap());
        assert_eq!(
            told.into_json(),
            json!([
                {
                    "role": "assistant",
                    "parts": [{"type": "text", "content": "It rains."}],
                    "finish_reason": ""
                },
                {
                    "role": "assistant",
                    "parts": [{"type": "text", "content": "Really."}],
                    "finish_reason": ""
                },
            ])
        );
        let mut asked = Piece::input_messages("first").unwrap();
        asked.follow(Piece::input_messages("second").unwrap());
        assert_eq!(Some(asked), Piece::input_messages("second"));
    }

    #[test]
    fn definitions_and_documents_are_arrays_of_objects() {
        let parameters = json!({"type": "object"});
        let given = json!([
            {"type": "function", "function": {"name": "a", "parameters": parameters}},
            {"name": "b", "input_schema": parameters},
            "c",
        ]);
        assert_eq!(
            written(Piece::tool_definitions(&given)),
            json!([
                {"type": "function", "name": "a", "parameters": parameters},
                {"type": "function", "name": "b", "parameters": parameters},
                {"type": "function", "name": "c"},
            ])
        );
        assert_eq!(
            written(Piece::documents(&json!({"id": "7", "score": 0.5}))),
            json!([{"id": "7", "score": 0.5}])
        );
        assert_eq!(
            written(Piece::documents(&json!([{"id": 7, "score": 1}, {"id": "a", "at": 2}]))),
            json!([{"id": "7", "score": 1}, {"id": "a", "at": 2}])
        );
        assert_eq!(written(Piece::documents(&["text"])), json!([{"content": "text"}]));
        assert_eq!(Piece::documents(&None::<Value>), None);
    }

    #[test]
    fn arguments_that_are_text_with_json_are_that_json() {
        assert_eq!(written(Piece::call_arguments(r#"{"city":"Bern"}"#)), json!({"city": "Bern"}));
        assert_eq!(written(Piece::call_result("plain")), json!("plain"));
        assert_eq!(written(Piece::call_result(&5)), json!(5));
    }
}
