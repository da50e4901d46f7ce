//! Published list prices of the providers' standard service, as known at their dates.

use super::{Rates, anthropic, bedrock, google, openai, others};

/// The models of one provider, at one date.
#[derive(Debug)]
pub(super) struct Provider {
    /// The name in the conventions, then what it is also called.
    pub(super) names: &'static [&'static str],
    /// `list` and the month that the prices were known for.
    pub(super) source: &'static str,
    /// Where the provider publishes them now. `docs/money.md` has the same.
    #[cfg(test)]
    pub(super) page: &'static str,
    /// By id.
    pub(super) models: &'static [Model],
}

/// One model.
#[derive(Debug)]
pub(super) struct Model {
    id: &'static str,
    pub(super) rates: Rates,
    /// Rates of calls with more input tokens than this.
    above: Option<(u64, Rates)>,
}

impl Model {
    pub(super) fn tiers(&self) -> &[(u64, Rates)] {
        self.above.as_slice()
    }
}

static PROVIDERS: [&Provider; 10] = [
    &openai::OPENAI,
    &anthropic::ANTHROPIC,
    &google::GEMINI,
    &google::VERTEX_AI,
    &bedrock::BEDROCK,
    &others::MISTRAL_AI,
    &others::COHERE,
    &others::DEEPSEEK,
    &others::X_AI,
    &others::GROQ,
];

pub(super) fn provider(name: &str) -> Option<&'static Provider> {
    PROVIDERS
        .iter()
        .find(|provider| provider.names.iter().any(|known| known.eq_ignore_ascii_case(name)))
        .copied()
}

impl Provider {
    /// The model of exactly this id.
    pub(super) fn model(&self, id: &str) -> Option<&'static Model> {
        let at = self.models.binary_search_by(|model| model.id.cmp(id)).ok()?;
        self.models.get(at)
    }
}

/// A rate as pages write it, in dollars per million tokens.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a price is a small positive number"
)]
const fn rate(dollars: f64) -> u64 {
    (dollars * 1e12 + 0.5) as u64
}

/// Input and output.
pub(super) const fn rates(input: f64, output: f64) -> Rates {
    Rates { input: Some(rate(input)), output: Some(rate(output)), ..NONE }
}

const NONE: Rates = Rates {
    input: None,
    output: None,
    cache_read: None,
    cache_creation: None,
    cache_creation_1h: None,
    reasoning: None,
};

impl Rates {
    pub(super) const fn cached(self, dollars: f64) -> Self {
        Self { cache_read: Some(rate(dollars)), ..self }
    }

    /// Written to the cache for five minutes, and for an hour.
    pub(super) const fn written(self, five_minutes: f64, hour: f64) -> Self {
        Self {
            cache_creation: Some(rate(five_minutes)),
            cache_creation_1h: Some(rate(hour)),
            ..self
        }
    }
}

pub(super) const fn model(id: &'static str, rates: Rates) -> Model {
    Model { id, rates, above: None }
}

/// A model whose longer calls cost more.
pub(super) const fn tiered(id: &'static str, rates: Rates, tokens: u64, above: Rates) -> Model {
    Model { id, rates, above: Some((tokens, above)) }
}

/// A model of embeddings: there is no output.
pub(super) const fn embeddings(id: &'static str, input: f64) -> Model {
    model(id, Rates { input: Some(rate(input)), ..NONE })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_models_of_each_provider_are_in_order_and_each_is_there_once() {
        for provider in PROVIDERS {
            assert!(!provider.models.is_empty());
            for pair in provider.models.windows(2) {
                let [before, after] = pair else { unreachable!() };
                assert!(before.id < after.id, "{} and {}", before.id, after.id);
            }
        }
        let names: Vec<_> = PROVIDERS.iter().flat_map(|provider| provider.names).collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    }

    #[test]
    fn the_documentation_names_each_provider_with_its_page_its_month_and_its_models() {
        let documentation = include_str!("../../../../docs/money.md");
        for provider in PROVIDERS {
            let name = provider.names[0];
            let (_, month) = provider.source.split_once("list ").unwrap();
            let row =
                format!("| `{name}` | {month} | {} | <{}> |", provider.models.len(), provider.page);
            assert!(documentation.contains(&row), "docs/money.md lacks {row}");
        }
    }

    #[test]
    fn rates_are_plausible() {
        for model in PROVIDERS.iter().flat_map(|provider| provider.models) {
            for rates in std::iter::once(&model.rates).chain(model.above.as_ref().map(|it| &it.1)) {
                let input = rates.input.unwrap();
                assert!(rates.cache_read.is_none_or(|read| read <= input), "{}", model.id);
                assert!(rates.cache_creation.is_none_or(|five| five > input), "{}", model.id);
                assert!(
                    rates.cache_creation_1h > rates.cache_creation
                        || rates.cache_creation_1h.is_none(),
                    "{}",
                    model.id
                );
                assert!(rates.output.is_none_or(|output| output >= input), "{}", model.id);
            }
            if let Some((_, above)) = model.above {
                assert!(above.input > model.rates.input, "{}", model.id);
            }
        }
    }
}
