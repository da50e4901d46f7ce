//! What tokens cost: list prices, and the user's own, which win.

mod anthropic;
mod bedrock;
mod google;
mod list;
mod openai;
mod others;
pub(crate) mod tariff;

use std::borrow::Cow;

use super::money::{Amount, Money};
use crate::semconv::attribute;

/// What Bedrock's inference profiles start with.
const REGIONS: [&str; 8] = ["us", "eu", "apac", "jp", "au", "ca", "us-gov", "global"];
/// The ways of processing that the list prices are for; one that is not told is taken for the usual.
const STANDARD_TIERS: [&str; 4] = ["", "auto", "default", "standard"];
/// Tokens that a price is for.
const MILLION: u128 = 1_000_000;

/// What `model` of `provider` costs, in US dollars per million tokens: yours, in place of the list
/// price.
///
/// What is not set costs what the rest of its side costs: cached tokens as other input, reasoning as
/// other output. A call whose input or output has no rate has no cost, rather than one of 0.
///
/// ```
/// use spanline::Price;
///
/// let price = Price::new("openai", "gpt-4o-mini")
///     .input_per_million(0.15)
///     .cache_read_per_million("0.075")
///     .output_per_million(0.60);
/// # let _ = price;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a price counts when `Telemetry::builder().price(…)` has it"]
pub struct Price {
    provider: Cow<'static, str>,
    model: Cow<'static, str>,
    rates: Rates,
    /// Rates of calls with more input tokens than this.
    tiers: Vec<(u64, Rates)>,
}

/// Pico-dollars per million tokens of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Rates {
    input: Option<u64>,
    output: Option<u64>,
    cache_read: Option<u64>,
    cache_creation: Option<u64>,
    cache_creation_1h: Option<u64>,
    reasoning: Option<u64>,
}

/// The tokens of a call, as far as they are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tokens {
    /// Those of the cache included.
    pub(crate) input: Option<u64>,
    /// Those of reasoning included.
    pub(crate) output: Option<u64>,
    pub(crate) cache_read: Option<u64>,
    /// Those that are kept for an hour included.
    pub(crate) cache_creation: Option<u64>,
    pub(crate) cache_creation_1h: Option<u64>,
    pub(crate) reasoning: Option<u64>,
}

impl Tokens {
    /// Takes a count over under the name of its attribute.
    pub(crate) fn tell(&mut self, key: &str, count: Option<u64>) {
        match key {
            attribute::USAGE_INPUT_TOKENS => self.input = count,
            attribute::USAGE_OUTPUT_TOKENS => self.output = count,
            attribute::USAGE_CACHE_READ_INPUT_TOKENS => self.cache_read = count,
            attribute::USAGE_CACHE_CREATION_INPUT_TOKENS => self.cache_creation = count,
            attribute::USAGE_CACHE_CREATION_1H_INPUT_TOKENS => self.cache_creation_1h = count,
            attribute::USAGE_REASONING_OUTPUT_TOKENS => self.reasoning = count,
            _ => {}
        }
    }
}

/// Who answered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answerer<'a> {
    pub(crate) provider: &'a str,
    pub(crate) request_model: &'a str,
    /// Empty where nobody told it.
    pub(crate) response_model: &'a str,
    /// How the request was processed; empty where nobody told it.
    pub(crate) service_tier: &'a str,
}

impl Price {
    /// A price without rates.
    ///
    /// Upper and lower case are the same in the provider's name, and not in the model's. A model
    /// without a date stands for its dated versions too: `gpt-4o-mini` for `gpt-4o-mini-2024-07-18`,
    /// which a price of its own would win over.
    pub fn new(
        provider: impl Into<Cow<'static, str>>,
        model: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            provider: provider.into(),
            model: model.into(),
            rates: Rates::default(),
            tiers: Vec::new(),
        }
    }

    /// Of input tokens.
    pub fn input_per_million(self, dollars: impl Amount) -> Self {
        self.set(&dollars, |rates| &mut rates.input)
    }

    /// Of output tokens.
    pub fn output_per_million(self, dollars: impl Amount) -> Self {
        self.set(&dollars, |rates| &mut rates.output)
    }

    /// Of input tokens that the provider's cache served.
    pub fn cache_read_per_million(self, dollars: impl Amount) -> Self {
        self.set(&dollars, |rates| &mut rates.cache_read)
    }

    /// Of input tokens that were written to the provider's cache.
    pub fn cache_creation_per_million(self, dollars: impl Amount) -> Self {
        self.set(&dollars, |rates| &mut rates.cache_creation)
    }

    /// Of input tokens that were written to the provider's cache for an hour.
    pub fn cache_creation_1h_per_million(self, dollars: impl Amount) -> Self {
        self.set(&dollars, |rates| &mut rates.cache_creation_1h)
    }

    /// Of output tokens that were spent on reasoning.
    pub fn reasoning_per_million(self, dollars: impl Amount) -> Self {
        self.set(&dollars, |rates| &mut rates.reasoning)
    }

    /// What is set from here on is for calls with more input tokens than this, all of whose tokens
    /// cost that much; what is not set again stays as it was.
    ///
    /// ```
    /// use spanline::Price;
    ///
    /// let price = Price::new("gcp.gemini", "gemini-2.5-pro")
    ///     .input_per_million(1.25)
    ///     .output_per_million(10)
    ///     .above_input_tokens(200_000)
    ///     .input_per_million(2.50)
    ///     .output_per_million(15);
    /// # let _ = price;
    /// ```
    pub fn above_input_tokens(mut self, tokens: u64) -> Self {
        let before = self.tiers.last().map_or(self.rates, |(_, rates)| *rates);
        self.tiers.push((tokens, before));
        self
    }

    fn set(
        mut self,
        dollars: &impl Amount,
        rate: impl FnOnce(&mut Rates) -> &mut Option<u64>,
    ) -> Self {
        let rates = self.tiers.last_mut().map_or(&mut self.rates, |(_, rates)| rates);
        if let Some(money) = dollars.money() {
            *rate(rates) = Some(money.picodollars());
        }
        self
    }

    /// Whether both are about the same model.
    pub(crate) fn is_for_the_model_of(&self, other: &Self) -> bool {
        self.is_of(&other.provider, &other.model)
    }

    fn is_of(&self, provider: &str, model: &str) -> bool {
        self.model == model && self.provider.eq_ignore_ascii_case(provider)
    }
}

impl Rates {
    /// Of the last tier that the call is in.
    fn of_tier<'a>(&'a self, tiers: &'a [(u64, Self)], tokens: &Tokens) -> &'a Self {
        let input = tokens.input.unwrap_or(0);
        let in_tier = tiers.iter().filter(|(above, _)| input > *above);
        in_tier.max_by_key(|(above, _)| *above).map_or(self, |(_, rates)| rates)
    }

    /// `None` where tokens of a kind that has no rate were used.
    fn cost(&self, tokens: &Tokens) -> Option<Money> {
        let count = |count: Option<u64>| u128::from(count.unwrap_or(0));
        let (read, written) = (count(tokens.cache_read), count(tokens.cache_creation));
        let for_an_hour = count(tokens.cache_creation_1h);
        let reasoning = count(tokens.reasoning);
        // Each as part of its whole, and one that is told without its whole as all of it.
        let written = written.max(for_an_hour);
        let plain_input = count(tokens.input).saturating_sub(read + written);
        let plain_output = count(tokens.output).saturating_sub(reasoning);
        let written_rate = self.cache_creation.or(self.input);
        let mut total = 0_u128;
        for (tokens, rate) in [
            (plain_input, self.input),
            (read, self.cache_read.or(self.input)),
            (written - for_an_hour, written_rate),
            (for_an_hour, self.cache_creation_1h.or(written_rate)),
            (plain_output, self.output),
            (reasoning, self.reasoning.or(self.output)),
        ] {
            if tokens > 0 {
                total = total.saturating_add(tokens.saturating_mul(rate?.into()));
            }
        }
        // To the nearest pico-dollar.
        let picodollars = total.saturating_add(MILLION / 2) / MILLION;
        Some(Money::of_picodollars(u64::try_from(picodollars).unwrap_or(u64::MAX)))
    }
}

/// The id itself, then what names the same model at the same price: the id without its version and
/// date, and without the region that it runs in.
fn forms(id: &str) -> impl Iterator<Item = &str> {
    let undated = undated(unversioned(id));
    [Some(id), Some(undated), unplaced(undated)].into_iter().flatten()
}

/// Without `-2024-07-18`, `-20240718` or `@20240718` at its end.
fn undated(id: &str) -> &str {
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if let Some((rest, date)) = id.rsplit_once(['-', '@'])
        && date.len() == 8
        && date.starts_with("20")
        && is_digits(date)
    {
        return rest;
    }
    let mut parts = id.rsplitn(4, '-');
    if let (Some(day), Some(month), Some(year), Some(rest)) =
        (parts.next(), parts.next(), parts.next(), parts.next())
        && (day.len(), month.len(), year.len()) == (2, 2, 4)
        && [day, month, year].into_iter().all(is_digits)
    {
        return rest;
    }
    id
}

/// Without `-v1:0`, as Bedrock ends its ids.
fn unversioned(id: &str) -> &str {
    match id.rsplit_once("-v") {
        Some((rest, version))
            if version.contains(':')
                && version.bytes().all(|byte| byte.is_ascii_digit() || byte == b':') =>
        {
            rest
        }
        _ => id,
    }
}

/// Without `us.` and the like, as Bedrock starts the ids of inference profiles.
fn unplaced(id: &str) -> Option<&str> {
    let (region, rest) = id.split_once('.')?;
    (REGIONS.contains(&region) && rest.contains('.')).then_some(rest)
}

#[cfg(test)]
mod tests;
