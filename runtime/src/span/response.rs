//! What a model's reply says, on the span of its call; and whether a value of success is one, with no
//! bound on its type.
//!
//! As in [`probe`](super::probe), method resolution takes off one `&` at a time, and the first trait
//! below that applies to `&&Success(value)` wins.

use super::outcome::Outcome;
use super::record::OperationKind;
use super::value::ValueRef;
use super::words::Words;
use super::{content, dispatch};
use crate::content::Piece;
use crate::semconv::{self, attribute, provider};
use crate::usage::reply::{LlmResponse, Reply};
use crate::usage::tokens::Usage;

/// A value of success, if there is one, to be asked.
#[derive(Debug)]
pub struct Success<'a, T>(pub Option<&'a T>);

/// Is a reply, or holds one.
pub trait ReplyValue {
    /// Reads it.
    fn respond(&self, outcome: &mut Outcome);
}
impl<T: LlmResponse> ReplyValue for &Success<'_, T> {
    fn respond(&self, outcome: &mut Outcome) {
        if let Some(response) = self.0 {
            outcome.response(response);
        }
    }
}

/// Is none.
pub trait OtherValue {
    /// Leaves it alone.
    fn respond(&self, outcome: &mut Outcome);
}
impl<T> OtherValue for Success<'_, T> {
    fn respond(&self, _: &mut Outcome) {}
}

/// Reads a value that must be a reply.
pub fn read_response<T: LlmResponse>(value: Option<&T>, outcome: &mut Outcome) {
    if let Some(response) = value {
        outcome.response(response);
    }
}

/// Reads the reply that the user's function finds in the value of success.
pub fn find_response<'a, T, R: LlmResponse>(
    value: Option<&'a T>,
    outcome: &mut Outcome,
    find: impl FnOnce(&'a T) -> R,
) {
    if let Some(value) = value {
        outcome.response(&find(value));
    }
}

/// Writes what an operation consumed, and what the reply says of itself.
pub(crate) fn write(outcome: &mut Outcome, operation: OperationKind, words: &mut Words) {
    let usage = outcome.take_usage();
    write_usage(usage.as_ref(), operation, words);
    let mut answered = None;
    if let Some(mut reply) = outcome.take_reply() {
        let consumed = reply.consumed();
        if usage.is_none_or(|usage| usage.counts().next().is_none()) {
            for (key, count) in consumed.counts() {
                supplement(key, tokens(count), operation, words);
            }
        }
        if let Some(cost) = consumed.reported_cost() {
            supplement(attribute::COST_USD, ValueRef::Float(cost.dollars()), operation, words);
        }
        // An agent makes many calls; what else is told is of one.
        if operation != OperationKind::Agent {
            describe(&reply, operation, words);
        }
        if outcome.captures() {
            answered = Piece::answered(&mut reply);
        }
    }
    content::write(outcome.take_told(), answered, words);
}

/// Writes what was consumed, and what that cost if the provider reports it.
pub(crate) fn write_usage(usage: Option<&Usage>, operation: OperationKind, words: &mut Words) {
    for (key, count) in usage.into_iter().flat_map(Usage::counts) {
        tell(key, tokens(count), operation, words);
    }
    if let Some(cost) = usage.and_then(Usage::reported_cost) {
        tell(attribute::COST_USD, ValueRef::Float(cost.dollars()), operation, words);
    }
}

/// Writes what the reply says beside what was consumed.
fn describe(reply: &Reply, operation: OperationKind, words: &mut Words) {
    for (key, value) in reply.attributes(dispatch::fills_finish_reasons()) {
        supplement(key, value, operation, words);
    }
    let of_openai = [provider::OPENAI, provider::AZURE_OPENAI];
    if of_openai.iter().any(|name| words.has_text(attribute::PROVIDER_NAME, name)) {
        for (key, value) in reply.openai_attributes() {
            supplement(key, value, operation, words);
        }
    }
}

/// What was said by hand holds.
fn supplement(key: &'static str, value: ValueRef<'_>, operation: OperationKind, words: &mut Words) {
    if !words.contains(key) {
        tell(key, value, operation, words);
    }
}

/// What the conventions do not have on this operation is on no span; totals and prices read it still.
fn tell(key: &'static str, value: ValueRef<'_>, operation: OperationKind, words: &mut Words) {
    let is_shown = match operation {
        OperationKind::Agent => semconv::is_of_agent(key),
        OperationKind::Embeddings => semconv::is_of_embeddings(key),
        _ => true,
    };
    if is_shown {
        words.attribute(key, Some(value));
    } else {
        words.hidden(key, value);
    }
}

fn tokens(count: u64) -> ValueRef<'static> {
    ValueRef::Int(i64::try_from(count).unwrap_or(i64::MAX))
}

/// Reads a value if it is a reply.
#[doc(hidden)]
#[macro_export]
macro_rules! __respond {
    ($value:ident, $outcome:ident) => {{
        use $crate::__private::{OtherValue as _, ReplyValue as _};
        (&&$crate::__private::Success($value)).respond($outcome)
    }};
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::usage::tokens::Usage;

    type Alias = Option<Box<Usage>>;
    struct Opaque;

    macro_rules! is_told {
        ($value:expr) => {{
            let mut outcome = Outcome::default();
            (&&Success(Some(&$value))).respond(&mut outcome);
            outcome.take_reply().is_some()
        }};
    }

    #[test]
    fn a_reply_is_read_and_anything_else_left_alone() {
        assert!(is_told!(Usage::new(1, 2)));
        assert!(is_told!(Alias::Some(Box::new(Usage::input(1)))));
        assert!(is_told!((&Usage::input(1), Opaque)));
        assert!(!is_told!(Opaque));
        assert!(!is_told!((Opaque, 1)));
        assert!(!is_told!(vec![Usage::input(1)]));
    }
}
