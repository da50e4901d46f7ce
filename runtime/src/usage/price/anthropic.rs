//! Anthropic's prices.

use super::Rates;
use super::list::{Model, Provider, model, rates, tiered};

pub(super) static ANTHROPIC: Provider = Provider {
    names: &["anthropic"],
    source: "list 2025-11",
    #[cfg(test)]
    page: "https://docs.claude.com/en/docs/about-claude/pricing",
    models: &MODELS,
};

/// With the cache at its fixed shares of the input rate: a tenth to read, a quarter more to write,
/// twice as much to write for an hour.
pub(super) const fn cached(input: f64, output: f64) -> Rates {
    rates(input, output).cached(input / 10.0).written(input * 1.25, input * 2.0)
}

pub(super) const OPUS: Rates = cached(15.0, 75.0);
pub(super) const OPUS_4_5: Rates = cached(5.0, 25.0);
pub(super) const SONNET: Rates = cached(3.0, 15.0);
/// Of calls beyond [`LONG`].
pub(super) const SONNET_LONG: Rates = cached(6.0, 22.5);
pub(super) const HAIKU_4_5: Rates = cached(1.0, 5.0);
pub(super) const HAIKU_3_5: Rates = cached(0.8, 4.0);
pub(super) const HAIKU_3: Rates = rates(0.25, 1.25).cached(0.03).written(0.3, 0.5);

pub(super) const LONG: u64 = 200_000;

static MODELS: [Model; 20] = [
    model("claude-2.0", rates(8.0, 24.0)),
    model("claude-2.1", rates(8.0, 24.0)),
    model("claude-3-5-haiku", HAIKU_3_5),
    model("claude-3-5-haiku-latest", HAIKU_3_5),
    model("claude-3-5-sonnet", SONNET),
    model("claude-3-5-sonnet-latest", SONNET),
    model("claude-3-7-sonnet", SONNET),
    model("claude-3-7-sonnet-latest", SONNET),
    model("claude-3-haiku", HAIKU_3),
    model("claude-3-opus", OPUS),
    model("claude-3-opus-latest", OPUS),
    model("claude-3-sonnet", SONNET),
    model("claude-haiku-4-5", HAIKU_4_5),
    model("claude-opus-4", OPUS),
    model("claude-opus-4-0", OPUS),
    model("claude-opus-4-1", OPUS),
    model("claude-opus-4-5", OPUS_4_5),
    tiered("claude-sonnet-4", SONNET, LONG, SONNET_LONG),
    tiered("claude-sonnet-4-0", SONNET, LONG, SONNET_LONG),
    tiered("claude-sonnet-4-5", SONNET, LONG, SONNET_LONG),
];
