//! Messages in the JSON shapes of the conventions, semconv v1.41.1:
//! <https://github.com/open-telemetry/semantic-conventions/tree/v1.41.1/docs/gen-ai>.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::piece::members_bytes;

/// How much of a text that comes piece by piece is kept, and how it ends where there was more.
const CONTINUED_BYTES: usize = 1024 * 1024;
const CUT: &str = "…";

/// One message to a model, or one that it answered with.
///
/// ```
/// use spanline::{Message, Part};
///
/// let asked = [
///     Message::system("Answer in one sentence."),
///     Message::user("What is on this picture?").part(Part::uri("image", "https://example.com/1.png")),
/// ];
/// let answered = Message::assistant("A cat.").finish_reason("stop");
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a message is recorded where it is given to a builder or to a macro"]
pub struct Message {
    role: Cow<'static, str>,
    parts: Vec<Part>,
    name: Option<String>,
    finish_reason: Option<String>,
}

/// One part of a message: text, reasoning, a tool call, an image.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a part is recorded with the message that it is of"]
pub struct Part(Map<String, Value>);

impl Message {
    /// What it takes, about.
    pub(super) fn bytes(&self) -> usize {
        let own = [Some(&*self.role), self.name.as_deref(), self.finish_reason.as_deref()];
        let texts: usize = own.into_iter().flatten().map(str::len).sum();
        size_of::<Self>() + texts + self.parts.iter().map(Part::bytes).sum::<usize>()
    }

    /// A message of this role with no parts yet; the conventions know `system`, `user`, `assistant` and
    /// `tool`, and allow others.
    pub fn new(role: impl Into<Cow<'static, str>>) -> Self {
        Self { role: role.into(), parts: Vec::new(), name: None, finish_reason: None }
    }

    /// Instructions.
    pub fn system(text: impl Into<String>) -> Self {
        Self::new("system").part(Part::text(text))
    }

    /// What somebody asks.
    pub fn user(text: impl Into<String>) -> Self {
        Self::new("user").part(Part::text(text))
    }

    /// What the model says.
    pub fn assistant(text: impl Into<String>) -> Self {
        Self::new("assistant").part(Part::text(text))
    }

    /// What a tool gave back to the model that called it.
    pub fn tool(call_id: impl Into<String>, response: impl Into<Value>) -> Self {
        Self::new("tool").part(Part::tool_call_response(Some(call_id.into()), response))
    }

    /// A text of which nobody said whose it is: the user's among inputs, the model's among outputs.
    pub(crate) fn said(text: impl Into<String>) -> Self {
        Self::new("").part(Part::text(text))
    }

    /// Whether `more` is the rest of its text.
    pub(crate) fn is_continued_by(&self, more: &Self) -> bool {
        let is_text = |message: &Self| {
            message.role.is_empty()
                && matches!(message.parts.as_slice(), [part] if part.content().is_some())
        };
        is_text(self) && is_text(more)
    }

    /// Takes the rest of its text, up to a size that no answer has.
    pub(crate) fn go_on(&mut self, mut more: Self) {
        let text = self.parts.first_mut().and_then(Part::content_mut);
        let rest = more.parts.first_mut().and_then(Part::content_mut);
        if let (Some(text), Some(rest)) = (text, rest)
            && !text.ends_with(CUT)
        {
            let is_over = text.len() + rest.len() > CONTINUED_BYTES;
            text.push_str(if is_over { CUT } else { rest });
        }
    }

    /// Adds a part.
    pub fn part(mut self, part: Part) -> Self {
        self.parts.push(part);
        self
    }

    /// Who speaks, where several have one role.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Why the model stopped: `stop`, `length`, `content_filter`, `tool_call`, `error` or the provider's
    /// own word.
    pub fn finish_reason(mut self, reason: impl Into<String>) -> Self {
        self.finish_reason = Some(reason.into());
        self
    }

    /// As an element of `gen_ai.input.messages`.
    #[cfg(any(feature = "telemetry", test))]
    pub(crate) fn into_input(self) -> Value {
        Value::Object(self.into_members("user"))
    }

    /// As an element of `gen_ai.output.messages`, which has to say why the model stopped.
    #[cfg(any(feature = "telemetry", test))]
    pub(crate) fn into_output(mut self) -> Value {
        let reason = self.finish_reason.take().unwrap_or_default();
        let mut members = self.into_members("assistant");
        members.insert("finish_reason".into(), Value::String(reason));
        Value::Object(members)
    }

    #[cfg(any(feature = "telemetry", test))]
    fn into_members(self, side: &'static str) -> Map<String, Value> {
        let Self { role, parts, name, finish_reason } = self;
        let role = if role.is_empty() { Cow::Borrowed(side) } else { role };
        let mut members = Map::new();
        members.insert("role".into(), Value::String(role.into_owned()));
        members.insert("parts".into(), parts.into_iter().map(Part::into_json).collect());
        for (key, text) in [("name", name), ("finish_reason", finish_reason)] {
            members.extend(text.map(|text| (key.into(), Value::String(text))));
        }
        members
    }
}

impl Part {
    /// What it takes, about.
    pub(super) fn bytes(&self) -> usize {
        size_of::<Self>() + members_bytes(&self.0)
    }

    /// Text.
    pub fn text(content: impl Into<String>) -> Self {
        Self::of("text", [("content", Value::String(content.into()))])
    }

    /// What the model thought before it answered.
    pub fn reasoning(content: impl Into<String>) -> Self {
        Self::of("reasoning", [("content", Value::String(content.into()))])
    }

    /// A call of a tool that the model asks for. Arguments that are text with JSON in it are recorded as
    /// that JSON.
    pub fn tool_call(
        id: Option<String>,
        name: impl Into<String>,
        arguments: impl Into<Value>,
    ) -> Self {
        let name = ("name", Value::String(name.into()));
        Self::of("tool_call", [name, ("arguments", parsed(arguments.into()))]).with("id", id)
    }

    /// What a called tool gave back.
    pub fn tool_call_response(id: Option<String>, response: impl Into<Value>) -> Self {
        Self::of("tool_call_response", [("response", parsed(response.into()))]).with("id", id)
    }

    /// Bytes in base64, of this modality: `image`, `video`, `audio`.
    pub fn blob(
        modality: impl Into<String>,
        mime_type: Option<String>,
        base64: impl Into<String>,
    ) -> Self {
        let modality = ("modality", Value::String(modality.into()));
        Self::of("blob", [modality, ("content", Value::String(base64.into()))])
            .with("mime_type", mime_type)
    }

    /// A file that the provider knows by this id.
    pub fn file(modality: impl Into<String>, file_id: impl Into<String>) -> Self {
        let modality = ("modality", Value::String(modality.into()));
        Self::of("file", [modality, ("file_id", Value::String(file_id.into()))])
    }

    /// Something at this address.
    pub fn uri(modality: impl Into<String>, uri: impl Into<String>) -> Self {
        let modality = ("modality", Value::String(modality.into()));
        Self::of("uri", [modality, ("uri", Value::String(uri.into()))])
    }

    /// A part of any other type, with members of its own.
    pub fn other(kind: impl Into<String>, members: Map<String, Value>) -> Self {
        let mut part = Self(members);
        part.0.insert("type".into(), Value::String(kind.into()));
        part
    }

    fn of<const N: usize>(kind: &str, members: [(&str, Value); N]) -> Self {
        Self::other(kind, members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }

    fn with(mut self, key: &str, value: Option<String>) -> Self {
        self.0.extend(value.map(|value| (key.to_owned(), Value::String(value))));
        self
    }

    /// Of a text, the text.
    fn content(&self) -> Option<&str> {
        match (self.0.get("type"), self.0.get("content")) {
            (Some(Value::String(kind)), Some(Value::String(text))) if kind == "text" => Some(text),
            _ => None,
        }
    }

    fn content_mut(&mut self) -> Option<&mut String> {
        match self.0.get_mut("content") {
            Some(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    /// As an element of the `parts` of a message, or of `gen_ai.system_instructions`.
    pub(crate) fn into_json(self) -> Value {
        Value::Object(self.0)
    }
}

/// Models write arguments as text that holds an object.
pub(crate) fn parsed(value: Value) -> Value {
    if let Value::String(text) = &value
        && text.trim_start().starts_with(['{', '['])
        && let Ok(parsed) = serde_json::from_str(text)
    {
        return parsed;
    }
    value
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn messages_have_the_shapes_of_the_conventions() {
        let message = Message::assistant("It rains.")
            .part(Part::reasoning("Look it up."))
            .part(Part::tool_call(Some("c-1".into()), "weather", r#"{"city":"Bern"}"#))
            .part(Part::blob("image", Some("image/png".into()), "AAAA"))
            .part(Part::uri("audio", "https://example.com/a.mp3"))
            .name("clerk");
        let parts = json!([
            {"type": "text", "content": "It rains."},
            {"type": "reasoning", "content": "Look it up."},
            {"type": "tool_call", "id": "c-1", "name": "weather", "arguments": {"city": "Bern"}},
            {"type": "blob", "modality": "image", "mime_type": "image/png", "content": "AAAA"},
            {"type": "uri", "modality": "audio", "uri": "https://example.com/a.mp3"},
        ]);
        assert_eq!(
            message.clone().into_input(),
            json!({"role": "assistant", "parts": parts, "name": "clerk"})
        );
        assert_eq!(
            message.finish_reason("stop").into_output(),
            json!({"role": "assistant", "parts": parts, "name": "clerk", "finish_reason": "stop"})
        );
    }

    #[test]
    fn an_answer_of_a_tool_is_json_where_it_can_be() {
        assert_eq!(
            Message::tool("c-1", "plain").into_input(),
            json!({"role": "tool", "parts": [
                {"type": "tool_call_response", "id": "c-1", "response": "plain"}
            ]})
        );
        assert_eq!(parsed(json!("{\"half\":")), json!("{\"half\":"));
        assert_eq!(parsed(json!(" [1, 2]")), json!([1, 2]));
    }
}
