//! What an argument may give.

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::message::{Message, Part};
use super::shape;

/// What can be recorded as messages: text, which is one message of the user or, as an output, of the
/// model; [`Message`]; JSON; and slices, lists, references and `Option`s of these, where `None` gives
/// no message.
///
/// JSON is read in the shapes of the conventions, of OpenAI (chat, responses), Anthropic, Gemini, Ollama,
/// Cohere and Bedrock: the list of messages, or the whole request. What has no shape that is known is
/// recorded as it is, as a part.
///
/// Implement it for a type of your own:
///
/// ```
/// use spanline::{IntoMessages, Message, trace_llm_call};
///
/// struct Turn { is_user: bool, text: String }
///
/// impl IntoMessages for Turn {
///     fn messages(&self) -> Vec<Message> {
///         let text = self.text.as_str();
///         vec![if self.is_user { Message::user(text) } else { Message::assistant(text) }]
///     }
/// }
///
/// #[trace_llm_call(provider = "openai", model = "gpt-4o-mini", input_messages = history)]
/// async fn complete(history: &[Turn]) -> Result<String, std::io::Error> {
///     # Ok(history.iter().map(|turn| turn.text.as_str()).collect())
///     /* … */
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be recorded as messages",
    label = "neither text, nor messages, nor JSON",
    note = "pass text, a `spanline::Message` or a list of them, or `spanline::json(&…)` of what serializes"
)]
pub trait IntoMessages {
    /// The messages, in their order.
    fn messages(&self) -> Vec<Message>;
}

/// What can be recorded as instructions to a model: text, [`Part`], JSON, and slices, lists, references
/// and `Option`s of these.
///
/// JSON is a text, an array of parts, or a whole request to one of the providers that
/// [`IntoMessages`](crate#content) names.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be recorded as instructions",
    label = "neither text, nor parts, nor JSON",
    note = "pass text, a `spanline::Part` or a list of them, or `spanline::json(&…)` of what serializes"
)]
pub trait IntoInstructions {
    /// The parts, in their order.
    fn parts(&self) -> Vec<Part>;
}

/// What can be recorded as JSON: everything that serializes. `None` and what does not become JSON are
/// left out.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be recorded as JSON",
    label = "does not implement `serde::Serialize`",
    note = "derive `serde::Serialize` for it, or pass a part of it"
)]
pub trait IntoContent {
    /// As JSON.
    #[doc(hidden)]
    fn json(&self) -> Option<Value>;
}

impl<T: Serialize + ?Sized> IntoContent for T {
    fn json(&self) -> Option<Value> {
        serde_json::to_value(self).ok().filter(|value| !value.is_null())
    }
}

macro_rules! text {
    ($($type:ty),+) => {$(
        impl IntoMessages for $type {
            fn messages(&self) -> Vec<Message> {
                vec![Message::said(&**self)]
            }
        }
        impl IntoInstructions for $type {
            fn parts(&self) -> Vec<Part> {
                vec![Part::text(&**self)]
            }
        }
    )+};
}

text!(String, Cow<'_, str>, Box<str>, Arc<str>, Rc<str>);

impl IntoMessages for str {
    fn messages(&self) -> Vec<Message> {
        vec![Message::said(self)]
    }
}

impl IntoInstructions for str {
    fn parts(&self) -> Vec<Part> {
        vec![Part::text(self)]
    }
}

impl IntoMessages for Message {
    fn messages(&self) -> Vec<Message> {
        vec![self.clone()]
    }
}

impl IntoInstructions for Part {
    fn parts(&self) -> Vec<Part> {
        vec![self.clone()]
    }
}

/// Implements both for what holds others.
macro_rules! holder {
    ([$($parameters:tt)*] $type:ty, $self:ident, $inner:ident, $each:expr) => {
        impl<$($parameters)* $inner: IntoMessages> IntoMessages for $type {
            fn messages(&$self) -> Vec<Message> {
                $each.flat_map(IntoMessages::messages).collect()
            }
        }
        impl<$($parameters)* $inner: IntoInstructions> IntoInstructions for $type {
            fn parts(&$self) -> Vec<Part> {
                $each.flat_map(IntoInstructions::parts).collect()
            }
        }
    };
}

holder!([][T], self, T, self.iter());
holder!([const N: usize,] [T; N], self, T, self.iter());
holder!([] Vec<T>, self, T, self.iter());
holder!([] Option<T>, self, T, self.iter());

impl<T: IntoMessages + ?Sized> IntoMessages for &T {
    fn messages(&self) -> Vec<Message> {
        (**self).messages()
    }
}

impl<T: IntoInstructions + ?Sized> IntoInstructions for &T {
    fn parts(&self) -> Vec<Part> {
        (**self).parts()
    }
}

impl IntoMessages for Value {
    fn messages(&self) -> Vec<Message> {
        shape::messages(self)
    }
}

impl IntoInstructions for Value {
    fn parts(&self) -> Vec<Part> {
        shape::system_instructions(self)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: &Value) -> Value {
        value.messages().into_iter().map(Message::into_input).collect()
    }

    #[test]
    fn json_in_the_shape_of_the_conventions_is_read_back() {
        let messages = json!([
            {"role": "user", "parts": [{"type": "text", "content": "why?"}], "name": "Ann"},
            {"role": "tool", "parts": [{"type": "tool_call_response", "id": "1", "response": 5}]},
        ]);
        assert_eq!(read(&messages), messages);
    }
}
