//! The cost of one call, and who says so.

use spanline::{LlmCall, LlmOperation, Price, Usage, current, summed, trace_llm_call};

use super::{told, watch};

const COST: &str = "spanline.cost.";

#[tokio::test]
async fn a_call_has_its_cost_by_the_list() {
    #[trace_llm_call(provider = "openai", model = "gpt-4o-mini", usage = |()| (612, 148))]
    async fn complete() {
        current().response_model("gpt-4o-mini-2024-07-18");
    }
    let ((), trace) = watch(async { complete().await }).await;
    let expected = "source=\"list 2025-11\" usd=0.0001806";
    assert_eq!(told(&trace, "chat gpt-4o-mini", COST), expected);
}

#[tokio::test]
async fn the_price_of_the_user_wins_over_the_list_and_the_provider_over_both() {
    let ((), trace) = watch(async {
        super::call(1_000_000, 100_000).await;
        let own = |(): &(), outcome: &mut spanline::Outcome| {
            outcome.usage(Usage::new(5, 5).cost_usd("0.000000000123"));
        };
        LlmCall::new("acme", "m").name("by usage").run_with(async {}, own).await;
        let own = |(): &(), outcome: &mut spanline::Outcome| {
            outcome.usage((5, 5));
            outcome.cost_usd(0.1);
        };
        LlmCall::new("acme", "m").name("by outcome").run_with(async {}, own).await;
        let told = async {
            current().usage((5, 5)).cost_usd(Some(0.25_f32));
        };
        LlmCall::new("acme", "m").name("by current").run_with(told, |(), _| ()).await;
    })
    .await;
    assert_eq!(told(&trace, "chat m", COST), "source=\"user\" usd=2.0");
    assert_eq!(told(&trace, "by usage", COST), "source=\"provider\" usd=1.23e-10");
    assert_eq!(told(&trace, "by outcome", COST), "source=\"provider\" usd=0.1");
    assert_eq!(told(&trace, "by current", COST), "source=\"provider\" usd=0.25");
}

#[tokio::test]
async fn embeddings_have_a_cost_and_so_has_a_call_that_failed() {
    let ((), trace) = watch(async {
        let embed = LlmCall::new("openai", "text-embedding-3-small");
        let embed = embed.operation_kind(LlmOperation::Embeddings);
        embed.run_with(async {}, |(), outcome| outcome.usage(Usage::input(1_000_000))).await;
        let fail = |(): &(), outcome: &mut spanline::Outcome| {
            outcome.usage((10, 0));
            outcome.fail("content_filter", "no");
        };
        LlmCall::new("acme", "m").run_with(async {}, fail).await;
    })
    .await;
    let embeddings = told(&trace, "embeddings text-embedding-3-small", COST);
    assert_eq!(embeddings, "source=\"list 2025-11\" usd=0.02");
    assert_eq!(told(&trace, "chat m", COST), "source=\"user\" usd=1e-05".replace("1e-05", "1e-5"));
}

#[tokio::test]
async fn what_is_not_known_has_no_cost_and_what_is_free_costs_nothing() {
    let ((), trace) = watch(async {
        for (model, name) in [("free", "free"), ("unknown", "unknown"), ("m", "silent")] {
            let usage = (name != "silent").then_some((5, 5));
            LlmCall::new("acme", model)
                .name(name)
                .run_with(async {}, |(), outcome| outcome.usage(usage))
                .await;
        }
    })
    .await;
    assert_eq!(told(&trace, "free", COST), "source=\"user\" usd=0.0");
    assert_eq!(told(&trace, "unknown", COST), "");
    assert_eq!(told(&trace, "silent", COST), "");
}

#[tokio::test]
async fn the_cache_of_an_hour_costs_what_it_costs() {
    let ((), trace) = watch(async {
        let usage = Usage::new(3_000_000, 0)
            .cache_read_input_tokens(1_000_000)
            .cache_creation_input_tokens(1_500_000)
            .cache_creation_1h_input_tokens(500_000);
        LlmCall::new("anthropic", "claude-haiku-4-5-20251001")
            .run_with(async {}, |(), outcome| outcome.usage(usage))
            .await;
    })
    .await;
    let name = "chat claude-haiku-4-5-20251001";
    // The long call of a model without tiers: 0.5 at 1, 1 at 0.10, 1 at 1.25, 0.5 at 2.
    assert_eq!(told(&trace, name, COST), "source=\"list 2025-11\" usd=2.85");
    let written = trace.attribute(name, "spanline.usage.cache_creation_1h.input_tokens");
    assert_eq!(written, "500000");
}

#[tokio::test]
async fn the_parts_of_a_stream_add_up_to_its_cost() {
    #[trace_llm_call(
        provider = "acme",
        model = "m",
        usage = |chunk: &u64| summed(Usage::new(*chunk, 1).cost_usd("0.01")),
    )]
    fn complete() -> impl futures::Stream<Item = u64> {
        futures::stream::iter([1, 2, 3])
    }
    let (items, trace) =
        watch(async { futures::StreamExt::collect::<Vec<_>>(complete()).await }).await;
    assert_eq!(items.len(), 3);
    assert_eq!(told(&trace, "chat m", COST), "source=\"provider\" usd=0.03");
}

#[test]
fn a_price_can_be_built_from_whatever_holds_an_amount() {
    let price = || Price::new("p", "m");
    let text = String::from("0.15");
    assert_eq!(price().input_per_million(&text), price().input_per_million(0.15_f64));
    assert_eq!(price().input_per_million(Some("3")), price().input_per_million(3_u8));
    assert_eq!(price().input_per_million("three"), price(), "no amount sets nothing");
}
