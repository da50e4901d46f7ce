//! What a reply says, told by those who read it; kept with the feature `content` alone.

#[cfg(feature = "content")]
use super::answer::Answer;
use super::reply::{Reply, text};
use super::tokens::tokens;
#[cfg(feature = "content")]
use crate::content;
#[cfg(feature = "content")]
use crate::content::message::{Message, Part};
use crate::span::value::{Integer, Text};

/// What kind of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Speech {
    Text,
    Reasoning,
    Refusal,
}

/// Which part of a choice pieces are of: a block, or a piece of content within an item.
pub(crate) type Place = (u64, u64);

/// A piece of a call of a tool: what is not in it is empty.
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(not(feature = "content"), allow(dead_code, reason = "nothing is kept"))]
pub(crate) struct CallPiece<'a> {
    /// None where the call is whole.
    pub(crate) place: Option<Place>,
    pub(crate) id: &'a str,
    pub(crate) name: &'a str,
    pub(crate) arguments: &'a str,
    /// Whether the provider runs the tool by itself.
    pub(crate) is_of_server: bool,
}

/// What the model says. It is kept where content is captured, and these do nothing elsewhere: without the
/// feature `content` too.
///
/// What is told of one choice after the other is joined: neighbouring texts are one. Of a reply 1 MiB is
/// kept, in 1024 parts; where there was more, a last part of the type `truncated` says so.
///
/// ```
/// use spanline::{LlmResponse, Reply};
///
/// struct ToolCall { id: String, name: String, arguments: String }
/// struct Answer { text: String, thoughts: Option<String>, calls: Vec<ToolCall> }
///
/// impl LlmResponse for Answer {
///     fn read(&self, reply: &mut Reply) {
///         reply.reasoning(&self.thoughts).text(&self.text);
///         for call in &self.calls {
///             reply.tool_call(&call.id, &call.name, &call.arguments);
///         }
///     }
/// }
/// ```
impl Reply {
    /// Whether what the model says is kept: what costs work to tell can be left out otherwise.
    pub fn is_content_captured(&self) -> bool {
        #[cfg(feature = "content")]
        {
            self.answer.is_some() || content::is_captured()
        }
        #[cfg(not(feature = "content"))]
        {
            false
        }
    }

    /// Text of the choice that is told of, or the next piece of it.
    #[allow(clippy::needless_pass_by_value, reason = "takes text and references to it alike")]
    pub fn text(&mut self, content: impl Text) -> &mut Self {
        self.say(Speech::Text, None, text(&content).unwrap_or_default())
    }

    /// What the model thought before it answered, or the next piece of it.
    #[allow(clippy::needless_pass_by_value, reason = "takes text and references to it alike")]
    pub fn reasoning(&mut self, content: impl Text) -> &mut Self {
        self.say(Speech::Reasoning, None, text(&content).unwrap_or_default())
    }

    /// Why the model will not answer, in its words, or the next piece of them.
    #[allow(clippy::needless_pass_by_value, reason = "takes text and references to it alike")]
    pub fn refusal(&mut self, content: impl Text) -> &mut Self {
        self.say(Speech::Refusal, None, text(&content).unwrap_or_default())
    }

    /// A call of a tool that the model asks for, whole; the arguments are JSON as text.
    #[allow(clippy::needless_pass_by_value, reason = "takes text and references to it alike")]
    pub fn tool_call(&mut self, id: impl Text, name: impl Text, arguments: impl Text) -> &mut Self {
        self.call(CallPiece {
            id: text(&id).unwrap_or_default(),
            name: text(&name).unwrap_or_default(),
            arguments: text(&arguments).unwrap_or_default(),
            ..CallPiece::default()
        })
    }

    /// The next piece of a call of a tool, as streams have them: pieces of the same index are joined, the
    /// first id and the first name hold, and the arguments grow. Another id under the same index is
    /// another call.
    #[allow(clippy::needless_pass_by_value, reason = "takes text and references to it alike")]
    pub fn tool_call_piece(
        &mut self,
        index: impl Integer,
        id: impl Text,
        name: impl Text,
        arguments: impl Text,
    ) -> &mut Self {
        self.call(CallPiece {
            place: Some((tokens(&index).unwrap_or(0), 0)),
            id: text(&id).unwrap_or_default(),
            name: text(&name).unwrap_or_default(),
            arguments: text(&arguments).unwrap_or_default(),
            is_of_server: false,
        })
    }

    /// Words of this kind, at a place or where the last ones are.
    #[cfg_attr(not(feature = "content"), allow(unused_variables, reason = "nothing is kept"))]
    pub(crate) fn say(&mut self, speech: Speech, place: Option<Place>, content: &str) -> &mut Self {
        #[cfg(feature = "content")]
        if !content.is_empty() {
            let choice = self.choice;
            if let Some(answer) = self.listening() {
                answer.say(choice, speech, place, content);
            }
        }
        self
    }

    /// A call of a tool, or a piece of one.
    #[cfg_attr(not(feature = "content"), allow(unused_variables, reason = "nothing is kept"))]
    pub(crate) fn call(&mut self, piece: CallPiece<'_>) -> &mut Self {
        #[cfg(feature = "content")]
        {
            let choice = self.choice;
            if let Some(answer) = self.listening() {
                answer.call(choice, piece);
            }
        }
        self
    }

    /// What was said of the choice that is told of is said again, and whole.
    #[cfg_attr(not(feature = "content"), allow(dead_code, reason = "nothing is kept"))]
    pub(crate) fn say_anew(&mut self) -> &mut Self {
        #[cfg(feature = "content")]
        if let Some(answer) = &mut self.answer {
            answer.forget(self.choice);
        }
        self
    }
}

#[cfg(feature = "content")]
impl Reply {
    /// What the model said, one message for each choice, in their order, with the reason why it stopped;
    /// afterwards nothing is kept of it.
    pub fn take_output_messages(&mut self) -> Vec<Message> {
        let Some(answer) = self.answer.take() else { return Vec::new() };
        answer.into_messages(&self.finish_reasons)
    }

    /// A part of the choice that is told of, as it is.
    pub(crate) fn part(&mut self, part: Part) -> &mut Self {
        let choice = self.choice;
        if let Some(answer) = self.listening() {
            answer.part(choice, part);
        }
        self
    }

    /// What keeps what is said, if anything does.
    fn listening(&mut self) -> Option<&mut Answer> {
        if self.answer.is_none() && content::is_captured() {
            self.listen();
        }
        self.answer.as_deref_mut()
    }

    /// Keeps what is said from now on.
    pub(crate) fn listen(&mut self) {
        self.answer = Some(Box::default());
    }
}
