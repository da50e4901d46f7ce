//! What a provider bills a call with, beside its tokens.

use super::money::{Amount, Money};
use super::price::Tokens;
use super::tokens::Usage;

/// What decides on the cost and is no count of the conventions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Bill {
    /// The cost itself, as the provider reports it.
    pub(super) cost: Option<Money>,
    /// Of the input tokens that were written to the cache, those that stay for an hour.
    pub(super) cache_creation_1h: Option<u64>,
}

impl Bill {
    pub(super) const NONE: Self = Self { cost: None, cache_creation_1h: None };

    /// Takes over what is known there, or adds it.
    pub(super) fn merge(&mut self, later: Self, is_part: bool) {
        if let Some(more) = later.cost {
            let before = self.cost.filter(|_| is_part).unwrap_or_default();
            self.cost = Some(before.saturating_add(more));
        }
        if let Some(more) = later.cache_creation_1h {
            let before = self.cache_creation_1h.filter(|_| is_part).unwrap_or_default();
            self.cache_creation_1h = Some(before.saturating_add(more));
        }
    }
}

impl Usage {
    /// What the call cost, as the provider reports it: `spanline.cost.usd`, in place of what the tokens
    /// cost by a price. Kept to 10⁻¹² of a dollar; what is no amount is as if not told.
    ///
    /// ```
    /// use spanline::Usage;
    ///
    /// let usage = Usage::new(612, 148).cost_usd("0.00042");
    /// assert_eq!(usage, Usage::new(612, 148).cost_usd(0.00042));
    /// ```
    #[allow(clippy::needless_pass_by_value, reason = "takes amounts and references to them alike")]
    pub fn cost_usd(mut self, dollars: impl Amount) -> Self {
        self.bill.cost = dollars.money().or(self.bill.cost);
        self
    }

    /// Input tokens written to the provider's cache for an hour, which costs more than for minutes;
    /// part of those written to it: `spanline.usage.cache_creation_1h.input_tokens`.
    pub const fn cache_creation_1h_input_tokens(mut self, tokens: u64) -> Self {
        self.bill.cache_creation_1h = Some(tokens);
        self
    }

    /// The tokens that a price is for.
    pub(crate) fn tokens(&self) -> Tokens {
        let mut tokens = Tokens::default();
        for (key, count) in self.counts() {
            tokens.tell(key, Some(count));
        }
        tokens
    }

    /// The cost that the provider reports.
    pub(crate) const fn reported_cost(&self) -> Option<Money> {
        self.bill.cost
    }
}
