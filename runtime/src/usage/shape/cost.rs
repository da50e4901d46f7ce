//! What a call cost, where the provider says so.

use super::object::Object;
use crate::usage::money::Money;
use crate::usage::reply::Reply;
use crate::usage::tokens::{Usage, summed};

/// xAI counts in ten-billionths of a dollar.
const PICODOLLARS_IN_A_TICK: u64 = 100;

/// The cost in a reply's `usage`.
pub(super) fn read(usage: Object<'_>, into: &mut Reply) {
    if let Some(ticks) = usage.count("cost_in_usd_ticks") {
        let mut usage = Usage::default();
        usage.cost = Some(Money::of_picodollars(ticks.saturating_mul(PICODOLLARS_IN_A_TICK)));
        into.usage(usage);
    } else if let Some(costs) = usage.object("cost") {
        // Perplexity's, with what it is made of.
        into.cost_usd(costs.decimal("total_cost"));
    } else if let Some(cost) = usage.decimal("cost") {
        // OpenRouter's; who brings a key of their own pays the provider beside it.
        let details = usage.object("cost_details").filter(|_| usage.is_true("is_byok"));
        let beside = details.and_then(|details| details.decimal("upstream_inference_cost"));
        into.cost_usd(&cost).usage(summed(beside.map(|beside| Usage::default().cost_usd(beside))));
    } else {
        // DeepInfra's.
        into.cost_usd(usage.decimal("estimated_cost"));
    }
}
