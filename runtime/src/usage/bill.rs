//! What a usage says of money.

use super::money::{Amount, Money};
use super::price::Tokens;
use super::tokens::Usage;

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
        self.cost = dollars.money().or(self.cost);
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
        self.cost
    }
}
