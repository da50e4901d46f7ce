//! One thing that was captured, on its way to the export thread.

use serde_json::Value;

use super::message::{Message, Part};
use crate::semconv::attribute;

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

    /// Its value in the shape of the conventions.
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
