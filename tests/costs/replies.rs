//! The cost of what a model's reply tells by itself.

use futures::StreamExt as _;
use serde_json::{Value, json};
use spanline::{
    Agent, LlmCall, LlmResponse, Outcome, Pipeline, Reply, Usage, attempt, check_budget, current,
    trace_agent, trace_llm_call, trace_pipeline,
};

use super::{TOTAL, set_up, told, watch};

const COST: &str = "spanline.cost.";

#[derive(Clone, LlmResponse)]
struct Answer {
    #[llm(usage)]
    usage: (u64, u64),
    #[llm(cost_usd)]
    cost: Option<&'static str>,
    #[llm(service_tier)]
    tier: Option<&'static str>,
}

const fn answer(input: u64, output: u64) -> Answer {
    Answer { usage: (input, output), cost: None, tier: None }
}

#[trace_llm_call(provider = "acme", model = "m")]
async fn ask(answer: Answer) -> Result<Answer, String> {
    Ok(answer)
}

#[trace_llm_call(provider = "openai", model = "gpt-4o-mini")]
async fn ask_openai(tier: &'static str) -> Answer {
    Answer { tier: Some(tier), ..answer(1_000_000, 0) }
}

#[trace_llm_call(provider = "openai", model = "text-embedding-3-small", operation = embeddings)]
async fn embed(tier: &'static str) -> Answer {
    Answer { tier: Some(tier), ..answer(1_000_000, 0) }
}

#[tokio::test]
async fn the_tier_of_embeddings_decides_their_price_and_is_on_no_span() {
    set_up();
    for (tier, costs) in [("default", true), ("flex", false)] {
        let (_, trace) = watch(embed(tier)).await;
        let attributes = trace.attributes("embeddings text-embedding-3-small");
        assert_eq!(attributes.contains("spanline.cost.usd=0.02\n"), costs, "{attributes}");
        assert!(!attributes.contains("openai."), "{attributes}");
    }
}

#[tokio::test]
async fn a_reply_that_is_read_has_a_cost_and_counts_in_totals_and_budgets() {
    #[trace_pipeline(max_total_tokens = 100)]
    async fn run() -> Result<(), String> {
        ask(answer(60, 30)).await?;
        check_budget().map_err(|error| error.to_string())?;
        ask(answer(6, 4)).await?;
        check_budget().map_err(|error| error.to_string())
    }
    let (result, trace) = watch(async { run().await }).await;
    let used_up = "the budget of the pipeline `run` is used up: 100 tokens of 100 tokens";
    assert_eq!(result.unwrap_err(), used_up);
    assert_eq!(
        told(&trace, "invoke_workflow run", TOTAL),
        "cost.usd=0.000406 input_tokens=66 llm_calls=2 output_tokens=34 tokens=100"
    );
}

#[trace_llm_call(provider = "openrouter", model = "gpt-4o-mini")]
async fn ask_for_json(usage: Value) -> Value {
    json!({"object": "chat.completion", "model": "gpt-4o-mini", "choices": [], "usage": usage})
}

#[tokio::test]
async fn the_cost_that_json_reports_is_the_providers_to_its_last_digit() {
    let usage = |cost: Value| json!({"prompt_tokens": 10, "completion_tokens": 5, "cost": cost});
    for (cost, dollars) in [(json!(0.000_042_35), "4.235e-5"), (json!({"total_cost": 0.1}), "0.1")]
    {
        let (_, trace) = watch(async { ask_for_json(usage(cost)).await }).await;
        assert_eq!(
            told(&trace, "chat gpt-4o-mini", COST),
            format!("source=\"provider\" usd={dollars}")
        );
    }
}

#[tokio::test]
async fn the_cost_that_a_reply_reports_wins_and_the_one_told_by_hand_over_that() {
    let ((), trace) = watch(async {
        let reported = Answer { cost: Some("0.000000000123"), ..answer(5, 5) };
        ask(reported.clone()).await.unwrap();
        let by_hand = |answer: &Answer, outcome: &mut Outcome| {
            outcome.response(answer);
            outcome.cost_usd(2);
        };
        let call = LlmCall::new("acme", "m").name("by hand");
        call.run_with(async { reported }, by_hand).await;
    })
    .await;
    assert_eq!(told(&trace, "chat m", COST), "source=\"provider\" usd=1.23e-10");
    assert_eq!(told(&trace, "by hand", COST), "source=\"provider\" usd=2.0");
    // A cost alone says nothing of the tokens.
    assert_eq!(trace.attribute("by hand", "gen_ai.usage.input_tokens"), "5");
}

#[tokio::test]
async fn the_chunks_of_a_stream_that_are_read_have_a_cost() {
    #[trace_llm_call(provider = "acme", model = "m")]
    fn complete() -> impl futures::Stream<Item = Result<Answer, String>> {
        futures::stream::iter([answer(10, 1), answer(10, 4)].map(Ok))
    }
    let ((), trace) = watch(async {
        Pipeline::new("p")
            .run_with(async { complete().for_each(async |_| ()).await }, |(), _| ())
            .await;
    })
    .await;
    assert_eq!(
        told(&trace, "chat m", COST),
        "source=\"user\" usd=0.00005".replace("0.00005", "5e-5")
    );
    assert_eq!(
        told(&trace, "invoke_workflow p", TOTAL),
        "cost.usd=5e-5 input_tokens=10 llm_calls=1 output_tokens=4 tokens=14"
    );
}

#[tokio::test]
async fn a_reply_of_an_agent_as_a_whole_counts_only_where_nothing_inside_told_any() {
    #[trace_agent(response = |answer| answer)]
    async fn alone() -> Answer {
        answer(7, 3)
    }
    #[trace_agent(response = |answer| answer)]
    async fn with_calls() -> Answer {
        ask(answer(1, 1)).await.unwrap();
        answer(7, 3)
    }
    let ((), trace) = watch(async {
        alone().await;
        with_calls().await;
    })
    .await;
    let tokens = |span| trace.attribute(span, "spanline.total.tokens");
    assert_eq!(tokens("invoke_agent alone"), "10");
    assert_eq!(tokens("invoke_agent with_calls"), "2");
}

#[tokio::test]
async fn a_call_that_was_not_processed_as_usual_has_no_cost_by_the_list() {
    let ((), trace) = watch(async {
        Pipeline::new("flexible").run_with(async { ask_openai("flex").await }, |_, _| ()).await;
    })
    .await;
    assert_eq!(told(&trace, "chat gpt-4o-mini", COST), "");
    assert!(told(&trace, "invoke_workflow flexible", TOTAL).contains("unpriced_calls=1"));
    let ((), trace) = watch(async {
        ask_openai("default").await;
    })
    .await;
    assert_eq!(told(&trace, "chat gpt-4o-mini", COST), "source=\"list 2025-11\" usd=0.15");
}

#[tokio::test]
async fn a_reply_that_is_read_in_an_attempt_is_of_that_attempt() {
    struct Metered(u64);
    impl LlmResponse for Metered {
        fn read(&self, reply: &mut Reply) {
            reply.usage(Usage::input(self.0));
        }
    }
    #[trace_llm_call(provider = "acme", model = "m")]
    async fn ask_twice() -> Result<(), &'static str> {
        let failed = attempt(async {
            current().response(&Metered(3));
            Err::<(), _>("cut off")
        });
        let _ = failed.await;
        let answered = attempt(async {
            current().response(&Metered(4));
            Ok(())
        });
        answered.await
    }
    let (result, trace) =
        watch(async { Agent::new("a").run(async { ask_twice().await }).await }).await;
    assert_eq!(result, Ok(()));
    assert_eq!(trace.attribute("chat m", "gen_ai.usage.input_tokens"), "4");
    assert_eq!(trace.attribute("chat m", "spanline.failed_attempts.input_tokens"), "3");
    assert!(told(&trace, "invoke_agent a", TOTAL).contains("input_tokens=7"));
}
