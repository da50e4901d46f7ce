//! Token counts, as the provider reports them.

use super::bill::Bill;
use crate::Integer;
use crate::semconv::attribute;
use crate::span::value::ValueRef;

/// The tokens of one model call.
///
/// `input_tokens` includes cache reads and cache writes, `output_tokens` includes reasoning, as the
/// [GenAI conventions](https://github.com/open-telemetry/semantic-conventions/blob/v1.41.1/docs/gen-ai/gen-ai-spans.md)
/// demand; a count that the provider did not give stays unset.
///
/// ```
/// use spanline::Usage;
///
/// let usage = Usage::new(612, 148).cache_read_input_tokens(512);
/// assert_eq!(usage, Usage::from((612_i32, Some(148_u64))).cache_read_input_tokens(512));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Usage {
    input: Option<u64>,
    output: Option<u64>,
    cache_read: Option<u64>,
    cache_creation: Option<u64>,
    reasoning: Option<u64>,
    /// What is known beside the tokens.
    pub(super) bill: Bill,
    /// Whether it is added to what is known already.
    is_part: bool,
}

/// A part of what a stream consumes: the counts of its chunks are added up. Without it, the last
/// chunk that tells a count has it.
///
/// ```
/// use spanline::{summed, trace_llm_call};
/// # use futures::stream::{self, Stream};
///
/// struct Chunk { input: u64, output: u64 }
///
/// #[trace_llm_call(provider = "local", usage = |chunk| summed((chunk.input, chunk.output)))]
/// fn complete(prompt: String) -> impl Stream<Item = Chunk> {
///     stream::iter([Chunk { input: 12, output: 1 }, Chunk { input: 0, output: 1 }])
/// }
/// # drop(complete(String::new()));
/// ```
pub fn summed(usage: impl IntoUsage) -> Option<Usage> {
    usage.into_usage().map(|usage| Usage { is_part: true, ..usage })
}

impl Usage {
    /// So many input and output tokens.
    pub const fn new(input_tokens: u64, output_tokens: u64) -> Self {
        Self {
            input: Some(input_tokens),
            output: Some(output_tokens),
            cache_read: None,
            cache_creation: None,
            reasoning: None,
            bill: Bill::NONE,
            is_part: false,
        }
    }

    /// Input tokens alone, as embeddings have.
    pub const fn input(input_tokens: u64) -> Self {
        Self {
            input: Some(input_tokens),
            output: None,
            cache_read: None,
            cache_creation: None,
            reasoning: None,
            bill: Bill::NONE,
            is_part: false,
        }
    }

    /// Input tokens served from the provider's cache; part of the input tokens.
    pub const fn cache_read_input_tokens(mut self, tokens: u64) -> Self {
        self.cache_read = Some(tokens);
        self
    }

    /// Input tokens written to the provider's cache; part of the input tokens.
    pub const fn cache_creation_input_tokens(mut self, tokens: u64) -> Self {
        self.cache_creation = Some(tokens);
        self
    }

    /// Output tokens spent on reasoning; part of the output tokens.
    pub const fn reasoning_output_tokens(mut self, tokens: u64) -> Self {
        self.reasoning = Some(tokens);
        self
    }

    /// Takes over the counts that are known there, or adds them.
    pub(crate) fn merge(&mut self, later: Self) {
        let merge = |count: &mut Option<u64>, more: Option<u64>| {
            if let Some(more) = more {
                let before = if later.is_part { count.unwrap_or(0) } else { 0 };
                *count = Some(before.saturating_add(more));
            }
        };
        merge(&mut self.input, later.input);
        merge(&mut self.output, later.output);
        merge(&mut self.cache_read, later.cache_read);
        merge(&mut self.cache_creation, later.cache_creation);
        merge(&mut self.reasoning, later.reasoning);
        self.bill.merge(later.bill, later.is_part);
    }

    /// The counts that are known, beside their attribute's name.
    pub(crate) fn counts(&self) -> impl Iterator<Item = (&'static str, u64)> {
        [
            (attribute::USAGE_INPUT_TOKENS, self.input),
            (attribute::USAGE_OUTPUT_TOKENS, self.output),
            (attribute::USAGE_CACHE_READ_INPUT_TOKENS, self.cache_read),
            (attribute::USAGE_CACHE_CREATION_INPUT_TOKENS, self.cache_creation),
            (attribute::USAGE_REASONING_OUTPUT_TOKENS, self.reasoning),
            (attribute::USAGE_CACHE_CREATION_1H_INPUT_TOKENS, self.bill.cache_creation_1h),
        ]
        .into_iter()
        .filter_map(|(key, count)| Some((key, count?)))
    }
}

/// Input and output, as integers of any type; a count that is `None` or negative stays unset.
impl<I: Integer, O: Integer> From<(I, O)> for Usage {
    fn from((input, output): (I, O)) -> Self {
        Self { input: count(&input), output: count(&output), ..Self::default() }
    }
}

/// A number of tokens, if it is one.
pub(crate) fn count(tokens: &impl Integer) -> Option<u64> {
    match tokens.value()? {
        ValueRef::Int(tokens) => u64::try_from(tokens).ok(),
        _ => None,
    }
}

/// What can tell how many tokens a call consumed: [`Usage`], a reference to one, a pair of
/// integers (input, output), or `Option` of one of these, where `None` says that nothing is known.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not tell a token usage",
    label = "expected `Usage`, a pair of integers, or an `Option` of one",
    note = "write `usage = |reply| (reply.input_tokens, reply.output_tokens)`"
)]
pub trait IntoUsage {
    /// The usage, if it is known.
    fn into_usage(self) -> Option<Usage>;
}

#[diagnostic::do_not_recommend]
impl<T: Into<Usage>> IntoUsage for T {
    fn into_usage(self) -> Option<Usage> {
        Some(self.into())
    }
}

impl<T: Into<Usage>> IntoUsage for Option<T> {
    fn into_usage(self) -> Option<Usage> {
        self.map(Into::into)
    }
}

impl From<&Usage> for Usage {
    fn from(usage: &Usage) -> Self {
        *usage
    }
}
