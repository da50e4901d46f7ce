//! Where the price of a call was found, and what was found before.

use super::list::{self, Model, Provider};
use super::{Answerer, Price, STANDARD_TIERS, Tokens, forms};
use crate::semconv::cost_source;
use crate::usage::money::Money;

/// Answerers that are remembered; a program calls few.
const REMEMBERED: usize = 16;

/// A price, by its place.
#[derive(Clone, Copy, Debug)]
enum Tariff {
    Unknown,
    /// The user's price of this index.
    Own(usize),
    Listed(&'static Provider, &'static Model),
}

/// The tariffs of those who answered lately, for one and the same list of prices.
#[derive(Debug, Default)]
pub(crate) struct Tariffs {
    known: Vec<(Names, Tariff)>,
    /// Who makes room next.
    oldest: usize,
}

#[derive(Debug)]
struct Names {
    provider: Box<str>,
    request_model: Box<str>,
    response_model: Box<str>,
    service_tier: Box<str>,
}

impl Names {
    fn new(answerer: &Answerer<'_>) -> Self {
        Self {
            provider: answerer.provider.into(),
            request_model: answerer.request_model.into(),
            response_model: answerer.response_model.into(),
            service_tier: answerer.service_tier.into(),
        }
    }

    fn are_of(&self, answerer: &Answerer<'_>) -> bool {
        *self.request_model == *answerer.request_model
            && *self.response_model == *answerer.response_model
            && *self.provider == *answerer.provider
            && *self.service_tier == *answerer.service_tier
    }
}

impl Tariffs {
    /// What the call costs and who says so: the user's price, else the list's, of the model that
    /// answered, else of the one that was asked. `None` where nothing is known of the model or of the
    /// tokens, or where the list has no price for how the request was processed.
    pub(crate) fn cost(
        &mut self,
        users: &[Price],
        answerer: &Answerer<'_>,
        tokens: &Tokens,
    ) -> Option<(Money, &'static str)> {
        if tokens.input.is_none() && tokens.output.is_none() {
            return None;
        }
        self.of(users, answerer).cost(users, tokens)
    }

    fn of(&mut self, users: &[Price], answerer: &Answerer<'_>) -> Tariff {
        if let Some((_, tariff)) = self.known.iter().find(|(names, _)| names.are_of(answerer)) {
            return *tariff;
        }
        let tariff = Tariff::find(users, answerer);
        let found = (Names::new(answerer), tariff);
        match self.known.get_mut(self.oldest) {
            Some(oldest) => *oldest = found,
            None => self.known.push(found),
        }
        self.oldest = (self.oldest + 1) % REMEMBERED;
        tariff
    }
}

impl Tariff {
    fn find(users: &[Price], answerer: &Answerer<'_>) -> Self {
        let models = [answerer.response_model, answerer.request_model];
        let models = models.into_iter().filter(|model| !model.is_empty());
        for model in models.clone().flat_map(forms) {
            let own = users.iter().position(|price| price.is_of(answerer.provider, model));
            if let Some(index) = own {
                return Self::Own(index);
            }
        }
        if !STANDARD_TIERS.contains(&answerer.service_tier) {
            return Self::Unknown;
        }
        let listed = list::provider(answerer.provider).and_then(|provider| {
            let model = models.flat_map(forms).find_map(|model| provider.model(model))?;
            Some(Self::Listed(provider, model))
        });
        listed.unwrap_or(Self::Unknown)
    }

    fn cost(self, users: &[Price], tokens: &Tokens) -> Option<(Money, &'static str)> {
        let (rates, tiers, source) = match self {
            Self::Unknown => return None,
            Self::Own(index) => {
                let price = users.get(index)?;
                (&price.rates, price.tiers.as_slice(), cost_source::USER)
            }
            Self::Listed(provider, model) => (&model.rates, model.tiers(), provider.source),
        };
        Some((rates.of_tier(tiers, tokens).cost(tokens)?, source))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_is_found_again_however_many_were_asked_meanwhile() {
        let users = [Price::new("acme", "m-3").input_per_million(7)];
        let tokens = Tokens { input: Some(1_000_000), ..Tokens::default() };
        let mut tariffs = Tariffs::default();
        for _ in 0..3 {
            for number in 0..REMEMBERED + 3 {
                let model = format!("m-{number}");
                let answerer = Answerer {
                    provider: "acme",
                    request_model: &model,
                    response_model: "",
                    service_tier: "",
                };
                let cost = tariffs.cost(&users, &answerer, &tokens).map(|(cost, _)| cost.dollars());
                assert_eq!(cost, (number == 3).then_some(7.0));
            }
        }
        assert_eq!(tariffs.known.len(), REMEMBERED);
    }

    #[test]
    fn names_that_differ_in_one_place_are_others() {
        let users = [Price::new("acme", "m").input_per_million(7)];
        let tokens = Tokens { input: Some(1), ..Tokens::default() };
        let mut tariffs = Tariffs::default();
        let mut is_priced = |[provider, request_model, response_model]: [&str; 3]| {
            let answerer = Answerer { provider, request_model, response_model, service_tier: "" };
            tariffs.cost(&users, &answerer, &tokens).is_some()
        };
        assert!(is_priced(["acme", "m", ""]));
        assert!(is_priced(["acme", "", "m"]));
        assert!(!is_priced(["other", "m", ""]));
        assert!(!is_priced(["acme", "n", ""]));
    }
}
