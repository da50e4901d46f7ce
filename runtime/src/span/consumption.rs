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
                    told.tell(Name::read(value).text(), rest);
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
        let names = [self.provider, self.request_model, self.response_model, self.service_tier];
        let [provider, request_model, response_model, service_tier] = names.map(Name::read);
        let answerer = Answerer {
            provider: provider.text(),
            request_model: request_model.text(),
            response_model: response_model.text(),
            service_tier: service_tier.text(),
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

/// A short text, put together without an allocation.
struct Name {
    bytes: [u8; NAME],
    length: usize,
}

impl Name {
    /// Empty where the words are no short text.
    fn read(words: &[Word]) -> Self {
        let mut name = Self { bytes: [0; NAME], length: 0 };
        for word in words {
            let is_whole = match word {
                Word::Static(text) => name.push(text.as_bytes()),
                Word::Text { length, more: true, bytes } => {
                    if name.push(bytes.get(..usize::from(*length)).unwrap_or_default()) {
                        continue;
                    }
                    false
                }
                Word::Text { length, more: false, bytes } => {
                    name.push(bytes.get(..usize::from(*length)).unwrap_or_default())
                }
                _ => false,
            };
            if !is_whole {
                name.length = 0;
            }
            break;
        }
        name
    }

    /// Whether there was room for it.
    fn push(&mut self, piece: &[u8]) -> bool {
        let end = self.length + piece.len();
        let Some(room) = self.bytes.get_mut(self.length..end) else { return false };
        room.copy_from_slice(piece);
        self.length = end;
        true
    }

    fn text(&self) -> &str {
        self.bytes
            .get(..self.length)
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .unwrap_or_default()
    }
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
            Name::read(words.as_slice()).text().to_owned()
        };
        for length in [0, 1, 20, 21, 22, 42, 63, 159, 160] {
            let text = "m".repeat(length);
            assert_eq!(name(&text), text);
        }
        assert_eq!(name(&"m".repeat(161)), "");
        assert_eq!(name(&"m".repeat(5000)), "");
        assert_eq!(Name::read(&[Word::Int(1)]).text(), "");
    }
}
