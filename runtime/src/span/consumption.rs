//! What a call consumed, read from what was written to its span: by the builder, by the outcome, by
//! anybody through the span.

use super::dispatch;
use super::value::ValueRef;
use super::words::{Word, Words, after_text};
use crate::semconv::{attribute, cost_source};
use crate::usage::money::Money;
use crate::usage::price::{Answerer, Tokens};

/// Bytes of a provider's or a model's name; what is longer has no price.
const NAME: usize = 160;

/// Tokens and what they cost.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Consumption {
    pub(crate) tokens: Tokens,
    /// The amount, and who says so.
    pub(crate) cost: Option<(Money, &'static str)>,
}

impl Consumption {
    /// What the span says was used, priced as far as its model is known.
    pub(crate) fn read(words: &Words) -> Self {
        let told = Told::read(words.as_slice());
        Self { tokens: told.tokens, cost: told.cost(&told.tokens, told.reported) }
    }

    /// The same tokens, if the model that the span names had used them.
    pub(crate) fn of(words: &Words, tokens: Tokens, reported: Option<Money>) -> Self {
        let told = Told::read(words.as_slice());
        Self { tokens, cost: told.cost(&tokens, reported) }
    }

    /// Whether anything says that the provider worked.
    pub(crate) fn is_told(&self) -> bool {
        self.tokens.input.is_some() || self.tokens.output.is_some() || self.cost.is_some()
    }

    pub(crate) fn write_cost(&self, words: &mut Words) {
        if let Some((cost, source)) = self.cost {
            words.attribute(attribute::COST_USD, Some(ValueRef::Float(cost.dollars())));
            words.fixed(attribute::COST_SOURCE, source);
        }
    }
}

/// What stands in the words of a span; of what was set again, the last.
#[derive(Debug, Default)]
struct Told<'w> {
    provider: &'w [Word],
    request_model: &'w [Word],
    response_model: &'w [Word],
    service_tier: &'w [Word],
    tokens: Tokens,
    reported: Option<Money>,
}

impl<'w> Told<'w> {
    fn read(words: &'w [Word]) -> Self {
        let mut told = Self::default();
        let mut rest = words;
        while let Some((word, value)) = rest.split_first() {
            rest = value;
            match word {
                Word::Key(key) | Word::HiddenKey(key) => told.tell(key, value),
                Word::OwnedKey => {
                    rest = after_text(value);
                    told.tell(name(value, &mut [0; NAME]), rest);
                }
                _ => {}
            }
        }
        told
    }

    fn tell(&mut self, key: &str, value: &'w [Word]) {
        match key {
            attribute::PROVIDER_NAME => self.provider = value,
            attribute::REQUEST_MODEL => self.request_model = value,
            attribute::RESPONSE_MODEL => self.response_model = value,
            attribute::OPENAI_RESPONSE_SERVICE_TIER => self.service_tier = value,
            attribute::COST_USD => self.reported = money(value),
            key => self.tokens.tell(key, count(value)),
        }
    }

    fn cost(&self, tokens: &Tokens, reported: Option<Money>) -> Option<(Money, &'static str)> {
        if let Some(reported) = reported {
            return Some((reported, cost_source::PROVIDER));
        }
        if tokens.input.is_none() && tokens.output.is_none() {
            return None;
        }
        let mut rooms = [[0; NAME]; 4];
        let [one, two, three, four] = &mut rooms;
        let answerer = Answerer {
            provider: name(self.provider, one),
            request_model: name(self.request_model, two),
            response_model: name(self.response_model, three),
            service_tier: name(self.service_tier, four),
        };
        dispatch::with_prices(|prices, tariffs| tariffs.cost(prices, &answerer, tokens))?
    }
}

fn count(value: &[Word]) -> Option<u64> {
    match value.first()? {
        Word::Int(count) => u64::try_from(*count).ok(),
        _ => None,
    }
}

fn money(value: &[Word]) -> Option<Money> {
    match value.first()? {
        Word::Float(dollars) => Money::of_dollars(*dollars),
        _ => None,
    }
}

/// The text that these words begin with, put together without an allocation; empty where it is no short
/// text.
fn name<'w>(words: &'w [Word], room: &'w mut [u8; NAME]) -> &'w str {
    let bytes = match words.first() {
        Some(Word::Static(text)) => return if text.len() <= NAME { text } else { "" },
        Some(Word::Text { length, more: false, bytes }) => bytes.get(..usize::from(*length)),
        _ => gather(words, room),
    };
    bytes.and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
}

fn gather<'w>(words: &[Word], room: &'w mut [u8; NAME]) -> Option<&'w [u8]> {
    let mut end = 0;
    for word in words {
        let Word::Text { length, more, bytes } = word else { return None };
        let piece = bytes.get(..usize::from(*length))?;
        room.get_mut(end..end + piece.len())?.copy_from_slice(piece);
        end += piece.len();
        if !more {
            return room.get(..end);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_set_last_counts_whoever_set_it() {
        let mut words = Words::default();
        words.attribute(attribute::USAGE_INPUT_TOKENS, Some(ValueRef::Int(1)));
        words.attribute(attribute::USAGE_OUTPUT_TOKENS, Some(ValueRef::Int(2)));
        words.owned_key(attribute::USAGE_INPUT_TOKENS);
        words.value(ValueRef::Int(3));
        words.attribute(attribute::COST_USD, Some(ValueRef::Float(0.25)));
        let read = Consumption::read(&words);
        assert_eq!((read.tokens.input, read.tokens.output), (Some(3), Some(2)));
        let cost = Money::of_dollars(0.25).unwrap();
        assert_eq!(read.cost, Some((cost, cost_source::PROVIDER)));
    }

    #[test]
    fn names_are_put_together_and_long_ones_are_none() {
        let name = |text: &str| {
            let mut words = Words::default();
            words.text(text);
            words.text("something else");
            name(words.as_slice(), &mut [0; NAME]).to_owned()
        };
        for length in [0, 1, 20, 21, 22, 42, 63, 159, 160] {
            let text = "m".repeat(length);
            assert_eq!(name(&text), text);
        }
        assert_eq!(name(&"m".repeat(161)), "");
        assert_eq!(name(&"m".repeat(5000)), "");
        assert_eq!(super::name(&[Word::Int(1)], &mut [0; NAME]), "");
    }
}
