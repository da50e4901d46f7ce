//! Token counts, as the provider reports them.

use super::money::Money;
use crate::Integer;
use crate::semconv::attribute;
use crate::span::value::ValueRef;

/// The tokens of one model call.
///
/// `input_tokens` includes cache reads and cache writes, `output_tokens` includes reasoning, as the
/// [GenAI conventions](https://github.com/open-telemetry/semantic-conventions/blob/v1.41.1/docs/gen-ai/gen-ai-spans.md)
/// demand; a count that the provider did not give stays unset. Where a provider states billed tokens
/// beside used ones, give the billed ones.
///
/// ```
/// use spanline::Usage;
///
/// let usage = Usage::new(612, 148).cache_read_input_tokens(512);
/// assert_eq!(usage, Usage::from((612_i32, Some(148_u64))).cache_read_input_tokens(512));
/// ```
///
/// Some providers count the cached tokens, or those of reasoning, beside the others. Give such counts
/// as they are, and they are added up:
///
/// ```
/// use spanline::Usage;
///
/// // 1024 input tokens, 300 output tokens.
/// let usage = Usage::default()
///     .uncached_input_tokens(12)
///     .cache_read_input_tokens(1000)
///     .cache_creation_input_tokens(12)
///     .visible_output_tokens(100)
///     .reasoning_output_tokens(200);
/// # let _ = usage;
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq)]
#[must_use]
pub struct Usage {
    /// By `Count`; those that are not known are 0.
    counts: [u64; Count::ALL.len()],
    /// A bit for each count that is known.
    known: u32,
    /// What it cost, as the provider reports it.
    pub(super) cost: Option<Money>,
    /// Whether it is added to what is known already.
    is_part: bool,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Count {
    /// All of the input.
    Input,
    /// The input without what the cache read or wrote, where no total is told.
    UncachedInput,
    /// All of the output.
    Output,
    /// The output without reasoning, where no total is told.
    VisibleOutput,
    CacheRead,
    CacheCreation,
    /// Of what the cache wrote, what stays for an hour.
    CacheCreation1h,
    Reasoning,
    TextInput,
    ImageInput,
    AudioInput,
    /// Of what the cache served, what was text.
    TextCacheRead,
    ImageCacheRead,
    AudioCacheRead,
    TextOutput,
    ImageOutput,
    AudioOutput,
}

impl Count {
    const ALL: [Self; 17] = [
        Self::Input,
        Self::UncachedInput,
        Self::Output,
        Self::VisibleOutput,
        Self::CacheRead,
        Self::CacheCreation,
        Self::CacheCreation1h,
        Self::Reasoning,
        Self::TextInput,
        Self::ImageInput,
        Self::AudioInput,
        Self::TextCacheRead,
        Self::ImageCacheRead,
        Self::AudioCacheRead,
        Self::TextOutput,
        Self::ImageOutput,
        Self::AudioOutput,
    ];

    /// The attribute of a count that is told as it is.
    const fn attribute(self) -> Option<&'static str> {
        Some(match self {
            Self::Input | Self::UncachedInput | Self::Output | Self::VisibleOutput => return None,
            Self::CacheRead => attribute::USAGE_CACHE_READ_INPUT_TOKENS,
            Self::CacheCreation => attribute::USAGE_CACHE_CREATION_INPUT_TOKENS,
            Self::CacheCreation1h => attribute::USAGE_CACHE_CREATION_1H_INPUT_TOKENS,
            Self::Reasoning => attribute::USAGE_REASONING_OUTPUT_TOKENS,
            Self::TextInput => attribute::USAGE_TEXT_INPUT_TOKENS,
            Self::ImageInput => attribute::USAGE_IMAGE_INPUT_TOKENS,
            Self::AudioInput => attribute::USAGE_AUDIO_INPUT_TOKENS,
            Self::TextCacheRead => attribute::USAGE_TEXT_CACHE_READ_INPUT_TOKENS,
            Self::ImageCacheRead => attribute::USAGE_IMAGE_CACHE_READ_INPUT_TOKENS,
            Self::AudioCacheRead => attribute::USAGE_AUDIO_CACHE_READ_INPUT_TOKENS,
            Self::TextOutput => attribute::USAGE_TEXT_OUTPUT_TOKENS,
            Self::ImageOutput => attribute::USAGE_IMAGE_OUTPUT_TOKENS,
            Self::AudioOutput => attribute::USAGE_AUDIO_OUTPUT_TOKENS,
        })
    }

    const fn bit(self) -> u32 {
        1 << self as u32
    }
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

/// A setter and what it counts.
macro_rules! setters {
    ($($(#[$doc:meta])* $setter:ident: $count:ident;)+) => {$(
        $(#[$doc])*
        pub const fn $setter(self, tokens: u64) -> Self {
            self.with(Count::$count, tokens)
        }
    )+};
}

impl Usage {
    const UNKNOWN: Self =
        Self { counts: [0; Count::ALL.len()], known: 0, cost: None, is_part: false };

    /// So many input and output tokens.
    pub const fn new(input_tokens: u64, output_tokens: u64) -> Self {
        Self::UNKNOWN.input_tokens(input_tokens).output_tokens(output_tokens)
    }

    /// Input tokens alone, as embeddings have.
    pub const fn input(input_tokens: u64) -> Self {
        Self::UNKNOWN.input_tokens(input_tokens)
    }

    setters! {
        /// All input tokens, cached ones included.
        input_tokens: Input;
        /// Input tokens that were neither read from the provider's cache nor written to it. Unless
        /// [`input_tokens`](Self::input_tokens) is given too, the input tokens are the sum of the three.
        uncached_input_tokens: UncachedInput;
        /// Input tokens served from the provider's cache; part of the input tokens.
        cache_read_input_tokens: CacheRead;
        /// Input tokens written to the provider's cache; part of the input tokens.
        cache_creation_input_tokens: CacheCreation;
        /// Input tokens written to the provider's cache for an hour, which costs more than for
        /// minutes; part of those written to it: `spanline.usage.cache_creation_1h.input_tokens`.
        cache_creation_1h_input_tokens: CacheCreation1h;
        /// Input tokens that were text; part of the input tokens.
        text_input_tokens: TextInput;
        /// Input tokens that were images; part of the input tokens.
        image_input_tokens: ImageInput;
        /// Input tokens that were sound; part of the input tokens.
        audio_input_tokens: AudioInput;
        /// Text that the provider's cache served; part of what it served, and of the text.
        text_cache_read_input_tokens: TextCacheRead;
        /// Images that the provider's cache served; part of what it served, and of the images.
        image_cache_read_input_tokens: ImageCacheRead;
        /// Sound that the provider's cache served; part of what it served, and of the sound.
        audio_cache_read_input_tokens: AudioCacheRead;
        /// All output tokens, those of reasoning included.
        output_tokens: Output;
        /// Output tokens that were not spent on reasoning. Unless
        /// [`output_tokens`](Self::output_tokens) is given too, the output tokens are the sum of both.
        visible_output_tokens: VisibleOutput;
        /// Output tokens spent on reasoning; part of the output tokens.
        reasoning_output_tokens: Reasoning;
        /// Output tokens that are text; part of the output tokens.
        text_output_tokens: TextOutput;
        /// Output tokens that are images; part of the output tokens.
        image_output_tokens: ImageOutput;
        /// Output tokens that are sound; part of the output tokens.
        audio_output_tokens: AudioOutput;
    }

    #[allow(clippy::indexing_slicing, reason = "a place for each count")]
    const fn with(mut self, count: Count, tokens: u64) -> Self {
        self.counts[count as usize] = tokens;
        self.known |= count.bit();
        self
    }

    /// Sets a count that is known.
    pub(crate) fn set(&mut self, count: Count, tokens: Option<u64>) {
        if let Some(tokens) = tokens {
            *self = self.with(count, tokens);
        }
    }

    pub(crate) const fn knows(&self, count: Count) -> bool {
        self.known & count.bit() != 0
    }

    fn get(&self, count: Count) -> Option<u64> {
        self.counts.get(count as usize).copied().filter(|_| self.knows(count))
    }

    /// Takes over the counts and the cost that are known there, or adds them.
    pub(crate) fn merge(&mut self, later: &Self) {
        for (count, more) in later.known() {
            let before = if later.is_part { self.get(count).unwrap_or(0) } else { 0 };
            self.set(count, Some(before.saturating_add(more)));
        }
        if let Some(more) = later.cost {
            let before = self.cost.filter(|_| later.is_part).unwrap_or_default();
            self.cost = Some(before.saturating_add(more));
        }
    }

    /// The input tokens, or what they add up to.
    fn total_input(&self) -> Option<u64> {
        self.get(Count::Input).or_else(|| {
            let cached = [Count::CacheRead, Count::CacheCreation];
            Some(self.sum(self.get(Count::UncachedInput)?, &cached))
        })
    }

    /// The output tokens, or what they add up to.
    fn total_output(&self) -> Option<u64> {
        self.get(Count::Output)
            .or_else(|| Some(self.sum(self.get(Count::VisibleOutput)?, &[Count::Reasoning])))
    }

    fn sum(&self, first: u64, others: &[Count]) -> u64 {
        others.iter().filter_map(|count| self.get(*count)).fold(first, u64::saturating_add)
    }

    /// The counts that are known, beside their attribute's name.
    pub(crate) fn counts(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let totals = [
            (attribute::USAGE_INPUT_TOKENS, self.total_input()),
            (attribute::USAGE_OUTPUT_TOKENS, self.total_output()),
        ];
        let totals = totals.into_iter().filter_map(|(key, count)| Some((key, count?)));
        totals.chain(self.known().filter_map(|(count, number)| Some((count.attribute()?, number))))
    }

    /// As they were told.
    fn known(&self) -> impl Iterator<Item = (Count, u64)> {
        let mut known = self.known;
        std::iter::from_fn(move || {
            let index = known.trailing_zeros() as usize;
            known &= known.wrapping_sub(1);
            Some((*Count::ALL.get(index)?, *self.counts.get(index)?))
        })
    }
}

/// The counts that are known, and the cost.
impl std::fmt::Debug for Usage {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(if self.is_part { "Part of Usage " } else { "Usage " })?;
        let cost = self.cost.map(|cost| ("CostUsd", cost.dollars()));
        formatter.debug_map().entries(self.known()).entries(cost).finish()
    }
}

/// Input and output, as integers of any type; a count that is `None` or negative stays unset.
impl<I: Integer, O: Integer> From<(I, O)> for Usage {
    fn from((input, output): (I, O)) -> Self {
        let mut usage = Self::UNKNOWN;
        usage.set(Count::Input, tokens(&input));
        usage.set(Count::Output, tokens(&output));
        usage
    }
}

/// A number of tokens, if it is one.
pub(crate) fn tokens(count: &impl Integer) -> Option<u64> {
    match count.value()? {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn told(usage: Usage) -> Vec<(&'static str, u64)> {
        usage.counts().collect()
    }

    #[test]
    fn the_input_includes_what_the_cache_served_and_took() {
        let usage = Usage::default()
            .uncached_input_tokens(12)
            .cache_read_input_tokens(1000)
            .cache_creation_input_tokens(20);
        assert_eq!(
            told(usage),
            [
                (attribute::USAGE_INPUT_TOKENS, 1032),
                (attribute::USAGE_CACHE_READ_INPUT_TOKENS, 1000),
                (attribute::USAGE_CACHE_CREATION_INPUT_TOKENS, 20),
            ]
        );
        assert_eq!(told(usage.input_tokens(1040))[0], (attribute::USAGE_INPUT_TOKENS, 1040));
    }

    #[test]
    fn the_output_includes_reasoning() {
        let usage = Usage::default().visible_output_tokens(10).reasoning_output_tokens(30);
        assert_eq!(
            told(usage),
            [(attribute::USAGE_OUTPUT_TOKENS, 40), (attribute::USAGE_REASONING_OUTPUT_TOKENS, 30),]
        );
        assert_eq!(told(usage.output_tokens(41))[0], (attribute::USAGE_OUTPUT_TOKENS, 41));
    }

    #[test]
    fn a_part_alone_makes_no_total() {
        let usage = Usage::default().cache_read_input_tokens(5).reasoning_output_tokens(6);
        assert_eq!(
            told(usage),
            [
                (attribute::USAGE_CACHE_READ_INPUT_TOKENS, 5),
                (attribute::USAGE_REASONING_OUTPUT_TOKENS, 6),
            ]
        );
    }

    #[test]
    fn of_every_count_the_last_holds_and_parts_are_summed() {
        let every = |tokens| {
            Count::ALL.into_iter().fold(Usage::default(), |usage, count| usage.with(count, tokens))
        };
        let mut usage = every(1);
        usage.merge(&every(5));
        assert_eq!(usage, every(5));
        usage.merge(&Usage { is_part: true, ..every(2) });
        assert_eq!(usage, every(7));
        usage.merge(&Usage { is_part: true, ..every(u64::MAX) });
        assert_eq!(usage, every(u64::MAX));
        usage.merge(&Usage::default());
        assert_eq!(usage, every(u64::MAX));
    }

    #[test]
    fn a_total_told_in_pieces_grows_with_the_pieces() {
        let mut usage = Usage::default().uncached_input_tokens(3).cache_read_input_tokens(100);
        usage.merge(&Usage::default().output_tokens(1));
        usage.merge(&Usage::default().cache_creation_input_tokens(10).output_tokens(9));
        assert_eq!(
            told(usage)[..2],
            [(attribute::USAGE_INPUT_TOKENS, 113), (attribute::USAGE_OUTPUT_TOKENS, 9)]
        );
        let mut huge = Usage::default().uncached_input_tokens(u64::MAX);
        huge.merge(&Usage::default().cache_read_input_tokens(1));
        assert_eq!(told(huge)[0], (attribute::USAGE_INPUT_TOKENS, u64::MAX));
    }

    #[test]
    fn what_is_negative_or_missing_is_not_known() {
        assert_eq!(Usage::from((-1, 4)), Usage::default().output_tokens(4));
        assert_eq!(Usage::from((None::<u8>, u64::MAX)), Usage::default());
    }
}
