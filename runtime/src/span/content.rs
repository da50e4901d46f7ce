//! What an operation is given and gives back, told while it runs or by the value that it returns.

use super::active::content::made;
use super::active::open_span::OpenSpan;
use super::current::Current;
use super::outcome::Outcome;
use super::value::Text;
use super::words::Words;
use crate::content::{self, IntoContent, IntoInstructions, IntoMessages, Piece};
use crate::usage::reply::Reply;

/// What a returned value told.
#[derive(Debug, Default)]
pub(crate) struct Told(Vec<Piece>);

impl Told {
    fn add(&mut self, piece: Piece) {
        match self.0.iter_mut().find(|known| known.key() == piece.key()) {
            Some(known) => known.follow(piece),
            None => self.0.push(piece),
        }
    }
}

/// Writes what the user told, and what the model's reply says where nothing told that.
pub(crate) fn write(told: Option<Told>, answered: Option<Piece>, words: &mut Words) {
    for piece in told.into_iter().flat_map(|told| told.0) {
        words.content(piece);
    }
    if let Some(piece) = answered
        && !words.has_content(piece.key())
    {
        words.content(piece);
    }
}

impl Outcome {
    fn tell_content(&mut self, make: impl FnOnce() -> Option<Piece>) {
        if self.captures()
            && let Some(piece) = made(make)
        {
            self.told().add(piece);
        }
    }

    /// What the model answered: `gen_ai.output.messages`, where content is captured.
    ///
    /// Told again, as the chunks of a stream may, a text goes on where the last one ended, and a
    /// [`Message`](crate#content) is one more.
    ///
    /// ```
    /// use spanline::LlmCall;
    ///
    /// # async fn send() -> String { String::new() }
    /// # async fn example() {
    /// let answer = LlmCall::new("openai", "gpt-4o-mini")
    ///     .input_messages("Why is the sky blue?")
    ///     .run_with(send(), |answer, outcome| outcome.output_messages(answer))
    ///     .await;
    /// # }
    /// ```
    #[allow(clippy::needless_pass_by_value, reason = "takes messages and references to them alike")]
    pub fn output_messages(&mut self, messages: impl IntoMessages) {
        self.tell_content(|| Piece::output_messages(&messages));
    }

    /// What a tool gave back: `gen_ai.tool.call.result`, where content is captured.
    #[allow(clippy::needless_pass_by_value, reason = "takes values and references to them alike")]
    pub fn call_result(&mut self, result: impl IntoContent) {
        self.tell_content(|| Piece::call_result(&result));
    }

    /// What a search found: `gen_ai.retrieval.documents`, an array of objects, where content is
    /// captured. The conventions want an `id` and a `score` of each.
    #[allow(clippy::needless_pass_by_value, reason = "takes values and references to them alike")]
    pub fn documents(&mut self, documents: impl IntoContent) {
        self.tell_content(|| Piece::documents(&documents));
    }
}

macro_rules! current {
    ($($(#[$doc:meta])* $name:ident: $given:ident;)+) => {
        /// What the current operation is given and gives back, where content is captured. The last of
        /// each holds, over what the arguments of a macro gave, and gives way to what a returned value
        /// tells.
        impl Current {
            $(
                $(#[$doc])*
                #[allow(
                    clippy::needless_pass_by_value,
                    reason = "takes values and references to them alike"
                )]
                pub fn $name(&self, given: impl $given) -> &Self {
                    self.capture(|| Piece::$name(&given))
                }
            )+
        }
    };
}

current! {
    /// What a model is asked: `gen_ai.input.messages`.
    ///
    /// ```
    /// # fn render(_: &str) -> String { String::new() }
    /// let prompt = render("why?");
    /// spanline::current().input_messages(&prompt);
    /// ```
    input_messages: IntoMessages;
    /// What it answers: `gen_ai.output.messages`.
    output_messages: IntoMessages;
    /// What it is told beside the messages: `gen_ai.system_instructions`.
    system_instructions: IntoInstructions;
    /// The tools that it may call: `gen_ai.tool.definitions`.
    tool_definitions: IntoContent;
    /// What a tool is called with: `gen_ai.tool.call.arguments`.
    call_arguments: IntoContent;
    /// What it gives back: `gen_ai.tool.call.result`.
    call_result: IntoContent;
    /// What is searched for: `gen_ai.retrieval.query.text`.
    query: Text;
    /// What is found: `gen_ai.retrieval.documents`.
    documents: IntoContent;
}

impl Current {
    /// Keeps what the reply says, where nothing was told of it.
    pub(super) fn capture_answer(&self, reply: &mut Reply) {
        if content::is_captured()
            && let Some(span) = OpenSpan::of(self.context()).filter(OpenSpan::captures)
            && let Some(piece) = Piece::answered(reply)
        {
            span.capture_answer(piece);
        }
    }

    fn capture(&self, make: impl FnOnce() -> Option<Piece>) -> &Self {
        if content::is_captured()
            && let Some(span) = OpenSpan::of(self.context()).filter(OpenSpan::captures)
            // The conversions are the caller's code, and must not run while the span is locked.
            && let Some(piece) = made(make)
        {
            span.capture(piece);
        }
        self
    }
}

macro_rules! read {
    ($($(#[$doc:meta])* $name:ident: $given:ident => $tell:ident;)+) => {$(
        $(#[$doc])*
        pub fn $name<'a, T: ?Sized, G: $given>(
            value: Option<&'a T>,
            outcome: &mut Outcome,
            read: impl FnOnce(&'a T) -> G,
        ) {
            if let Some(value) = value
                && outcome.captures()
            {
                outcome.$tell(read(value));
            }
        }
    )+};
}

read! {
    /// Reads the model's answer from the value of success.
    read_output_messages: IntoMessages => output_messages;
    /// Reads what a tool gave back from the value of success.
    read_call_result: IntoContent => call_result;
    /// Reads what a search found from the value of success.
    read_documents: IntoContent => documents;
}

#[cfg(all(test, feature = "content"))]
mod tests {
    use super::*;
    use crate::span::words::Aside;

    #[test]
    fn what_a_reply_says_gives_way_to_what_was_told() {
        let of_reply = || Piece::output_messages("of the reply");
        let written = |words: &mut Words| -> Vec<Piece> {
            let pieces = words.asides().drain(..).filter_map(|aside| match aside {
                Aside::Content(piece) => Some(*piece),
                _ => None,
            });
            let pieces = pieces.collect();
            words.clear();
            pieces
        };
        let mut words = Words::default();
        write(None, of_reply(), &mut words);
        assert_eq!(written(&mut words), Vec::from_iter(of_reply()));

        let mut told = Told::default();
        told.add(Piece::output_messages("told").unwrap());
        write(Some(told), of_reply(), &mut words);
        assert_eq!(written(&mut words), Vec::from_iter(Piece::output_messages("told")));

        words.content(Piece::output_messages("inside").unwrap());
        write(None, of_reply(), &mut words);
        assert_eq!(written(&mut words), Vec::from_iter(Piece::output_messages("inside")));
    }
}
