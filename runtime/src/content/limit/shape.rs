//! What has to stay where content has a shape of the conventions.

use serde_json::Value;

use crate::semconv::attribute;

/// The shape of an attribute's JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// An array of messages: who speaks, and parts.
    Messages,
    /// An array of parts.
    Parts,
    /// An array of what was found: an id, a score, and more.
    Documents,
    /// An array of tools.
    Definitions,
    Any,
}

/// What an object is one of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    Message,
    Part,
    Document,
    Definition,
}

impl Shape {
    pub(super) fn of(key: &str) -> Self {
        match key {
            attribute::INPUT_MESSAGES | attribute::OUTPUT_MESSAGES => Self::Messages,
            attribute::SYSTEM_INSTRUCTIONS => Self::Parts,
            attribute::RETRIEVAL_DOCUMENTS => Self::Documents,
            attribute::TOOL_DEFINITIONS => Self::Definitions,
            _ => Self::Any,
        }
    }

    /// What the elements of its array are.
    pub(super) fn level(self) -> Option<Level> {
        match self {
            Self::Messages => Some(Level::Message),
            Self::Parts => Some(Level::Part),
            Self::Documents => Some(Level::Document),
            Self::Definitions => Some(Level::Definition),
            Self::Any => None,
        }
    }

    /// What is said in the place of elements.
    pub(super) fn left_out(self, elements: &[Value], bytes: usize) -> Value {
        let count = elements.len();
        let said = |one: &str, more: &str| {
            format!("…[{count} {}, {bytes} bytes]", if count == 1 { one } else { more })
        };
        let part = |said: String| serde_json::json!({"type": "text", "content": said});
        match self {
            Self::Messages => {
                let role = elements.iter().find_map(|message| message.get("role")?.as_str());
                let role = role.filter(|role| role.len() <= 32).unwrap_or("user");
                let mut marker = serde_json::json!({
                    "role": role,
                    "parts": [part(said("message", "messages"))],
                });
                if elements.iter().any(|message| message.get("finish_reason").is_some()) {
                    marker["finish_reason"] = Value::String(String::new());
                }
                marker
            }
            Self::Parts => part(said("part", "parts")),
            Self::Documents => serde_json::json!({"id": said("document", "documents")}),
            Self::Definitions => {
                serde_json::json!({"type": "omitted", "name": said("tool", "tools")})
            }
            Self::Any => Value::String(said("item", "items")),
        }
    }
}

impl Level {
    /// Whether the member of this name stays as it is.
    pub(super) fn keeps(self, member: &str) -> bool {
        match self {
            Self::Message => matches!(member, "role" | "name" | "finish_reason"),
            Self::Part => {
                matches!(member, "type" | "id" | "name" | "modality" | "mime_type" | "file_id")
            }
            Self::Document => matches!(member, "id" | "score"),
            Self::Definition => matches!(member, "type" | "name"),
        }
    }

    /// What the elements of the array are that is the member of this name.
    pub(super) fn below(self, member: &str) -> Option<Self> {
        (self == Self::Message && member == "parts").then_some(Self::Part)
    }
}
