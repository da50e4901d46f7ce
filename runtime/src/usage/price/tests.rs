use super::tariff::Tariffs;
use super::*;
use crate::semconv::cost_source::USER;

fn listed(provider: &str, model: &str, tokens: Tokens) -> Option<(Money, &'static str)> {
    answered(provider, model, "", tokens)
}

fn answered(
    provider: &str,
    request_model: &str,
    response_model: &str,
    tokens: Tokens,
) -> Option<(Money, &'static str)> {
    cost(&[], &Answerer { provider, request_model, response_model, service_tier: "" }, &tokens)
}

fn cost(
    users: &[Price],
    answerer: &Answerer<'_>,
    tokens: &Tokens,
) -> Option<(Money, &'static str)> {
    Tariffs::default().cost(users, answerer, tokens)
}

fn tokens(input: u64, output: u64) -> Tokens {
    Tokens { input: Some(input), output: Some(output), ..Tokens::default() }
}

fn dollars(text: &str) -> Money {
    text.money().unwrap()
}

#[test]
fn a_call_costs_its_tokens_at_the_rates_of_its_model() {
    let (cost, source) = listed("openai", "gpt-4o-mini", tokens(612, 148)).unwrap();
    assert_eq!(cost, dollars("0.0001806"));
    assert_eq!(source, "list 2025-11");
}

#[test]
fn cached_tokens_cost_theirs_and_are_no_other_input() {
    let tokens = Tokens {
        cache_read: Some(100_000),
        cache_creation: Some(30_000),
        cache_creation_1h: Some(10_000),
        ..tokens(150_000, 1_000)
    };
    let (cost, _) = listed("anthropic", "claude-haiku-4-5", tokens).unwrap();
    // 20,000 at 1, 100,000 at 0.10, 20,000 at 1.25, 10,000 at 2, 1,000 at 5.
    assert_eq!(cost, dollars("0.08"));
}

#[test]
fn the_cache_costs_as_other_input_where_it_has_no_rate_of_its_own() {
    let cached = Tokens { cache_read: Some(50), cache_creation: Some(20), ..tokens(100, 0) };
    assert_eq!(
        listed("groq", "qwen/qwen3-32b", cached),
        listed("groq", "qwen/qwen3-32b", tokens(100, 0))
    );
}

#[test]
fn reasoning_costs_as_other_output_unless_it_has_a_rate() {
    let thinking = Tokens { reasoning: Some(80), ..tokens(0, 100) };
    let plain = listed("openai", "o3", tokens(0, 100));
    assert_eq!(listed("openai", "o3", thinking), plain);
    let price = Price::new("p", "m").output_per_million(10).reasoning_per_million(1);
    let answerer =
        Answerer { provider: "p", request_model: "m", response_model: "", service_tier: "" };
    assert_eq!(cost(&[price], &answerer, &thinking), Some((dollars("0.00028"), USER)));
}

#[test]
fn a_long_call_costs_more_as_a_whole() {
    let at = listed("gcp.gemini", "gemini-2.5-pro", tokens(200_000, 100)).unwrap().0;
    let above = listed("gcp.gemini", "gemini-2.5-pro", tokens(200_001, 100)).unwrap().0;
    assert_eq!(at, dollars("0.251"));
    assert_eq!(above, dollars("0.5015025"));
}

#[test]
fn a_dated_version_costs_what_its_model_does_unless_it_is_listed() {
    let priced = |provider, model| listed(provider, model, tokens(1_000_000, 0)).map(|it| it.0);
    for (provider, model, price) in [
        ("openai", "gpt-4o-mini-2024-07-18", "0.15"),
        ("openai", "gpt-4o-2024-11-20", "2.5"),
        ("openai", "gpt-4o-2024-05-13", "5"),
        ("anthropic", "claude-3-5-haiku-20241022", "0.8"),
        ("anthropic", "claude-3-haiku@20240307", "0.25"),
        ("aws.bedrock", "anthropic.claude-3-haiku-20240307-v1:0", "0.25"),
        ("aws.bedrock", "eu.anthropic.claude-3-haiku-20240307-v1:0", "0.25"),
        ("aws.bedrock", "us.anthropic.claude-haiku-4-5-20251001-v1:0", "1.1"),
        ("aws.bedrock", "global.anthropic.claude-haiku-4-5-20251001-v1:0", "1"),
        ("aws.bedrock", "us.amazon.nova-pro-v1:0", "0.8"),
        ("aws.bedrock", "openai.gpt-oss-20b-1:0", "0.07"),
        ("aws.bedrock", "amazon.titan-embed-text-v2:0", "0.02"),
        ("OpenAI", "text-embedding-3-small", "0.02"),
    ] {
        assert_eq!(priced(provider, model), Some(dollars(price)), "{model}");
    }
}

#[test]
fn another_model_is_never_meant() {
    for (provider, model) in [
        ("openai", "gpt-4o-audio-preview"),
        ("openai", "gpt-4o-audio-preview-2024-10-01"),
        ("openai", "gpt-4o-mini-realtime-preview"),
        ("openai", "gpt-4o-"),
        ("openai", "gpt"),
        ("openai", "GPT-4o"),
        ("openai", "gpt-4o-99999999"),
        ("openai", "gpt-4o-2024-1a-01"),
        ("openai", "ft:gpt-4o-mini-2024-07-18:acme::1"),
        ("openai", "claude-3-haiku"),
        ("aws.bedrock", "amazon.titan-embed-text-v3:0"),
        ("aws.bedrock", "moon.anthropic.claude-3-haiku"),
        ("nobody", "gpt-4o"),
        ("", ""),
    ] {
        assert_eq!(listed(provider, model, tokens(1, 1)), None, "{provider} {model}");
    }
}

#[test]
fn the_model_that_answered_counts_before_the_one_that_was_asked() {
    let asked = listed("openai", "gpt-4o", tokens(9, 9));
    let other = listed("openai", "gpt-4o-mini", tokens(9, 9));
    assert_eq!(answered("openai", "gpt-4o", "gpt-4o-mini-2024-07-18", tokens(9, 9)), other);
    assert_eq!(answered("openai", "gpt-4o", "who-knows", tokens(9, 9)), asked);
}

#[test]
fn a_free_model_costs_nothing_and_an_unknown_one_has_no_cost() {
    let free = listed("gcp.gemini", "gemma-3-27b-it", tokens(9, 9));
    assert_eq!(free, Some((Money::default(), "list 2025-11")));
    assert_eq!(listed("openai", "gpt-4o", Tokens::default()), None, "no tokens are told");
}

#[test]
fn tokens_that_have_no_rate_leave_the_call_without_a_cost() {
    assert_eq!(listed("openai", "text-embedding-3-small", tokens(10, 1)), None);
    assert!(listed("openai", "text-embedding-3-small", tokens(10, 0)).is_some());
}

#[test]
fn the_price_of_the_user_wins_over_the_list() {
    let answerer = Answerer {
        provider: "openai",
        request_model: "our-deployment",
        response_model: "gpt-4o-mini-2024-07-18",
        service_tier: "",
    };
    let of = |model: &'static str| Price::new("OpenAI", model).input_per_million("1");
    let tokens = Tokens { input: Some(1_000_000), ..Tokens::default() };
    for model in ["our-deployment", "gpt-4o-mini", "gpt-4o-mini-2024-07-18"] {
        let found = cost(&[of(model)], &answerer, &tokens);
        assert_eq!(found, Some((dollars("1"), USER)), "{model}");
    }
    let listed = cost(&[of("gpt-4o")], &answerer, &tokens);
    assert_eq!(listed, Some((dollars("0.15"), "list 2025-11")));
}

#[test]
fn a_list_has_prices_for_the_usual_service_alone() {
    let price = |users: &[Price], service_tier| {
        let (provider, request_model) = ("openai", "gpt-4o-mini");
        let answerer = Answerer { provider, request_model, response_model: "", service_tier };
        cost(users, &answerer, &tokens(1_000_000, 0)).map(|found| found.1)
    };
    for tier in ["", "auto", "default", "standard"] {
        assert_eq!(price(&[], tier), Some("list 2025-11"), "{tier}");
    }
    let own = Price::new("openai", "gpt-4o-mini").input_per_million(1).output_per_million(1);
    for tier in ["flex", "priority", "scale", "batch"] {
        assert_eq!(price(&[], tier), None, "{tier}");
        assert_eq!(price(std::slice::from_ref(&own), tier), Some(USER), "{tier}");
    }
}

#[test]
fn each_tier_of_the_user_begins_as_the_one_before() {
    let price = Price::new("p", "m")
        .input_per_million(1)
        .output_per_million(2)
        .above_input_tokens(10)
        .input_per_million(3)
        .above_input_tokens(20)
        .output_per_million(4);
    let answerer =
        Answerer { provider: "p", request_model: "m", response_model: "", service_tier: "" };
    for (input, millionths) in [(10, "12"), (11, "35"), (21, "67")] {
        let expected = dollars(&format!("{millionths}e-6"));
        let found = cost(std::slice::from_ref(&price), &answerer, &tokens(input, 1));
        assert_eq!(found.map(|it| it.0), Some(expected), "{input}");
    }
}

#[test]
fn parts_that_are_more_than_the_whole_are_counted_as_told() {
    let told = Tokens { cache_read: Some(100), reasoning: Some(7), ..tokens(10, 5) };
    let price = Price::new("p", "m").input_per_million(1).output_per_million(1);
    let answerer =
        Answerer { provider: "p", request_model: "m", response_model: "", service_tier: "" };
    assert_eq!(cost(&[price], &answerer, &told), Some((dollars("107e-6"), USER)));
}

#[test]
fn no_number_of_tokens_overflows() {
    let most = Tokens {
        cache_read: Some(u64::MAX),
        cache_creation: Some(u64::MAX),
        cache_creation_1h: Some(u64::MAX),
        reasoning: Some(u64::MAX),
        ..tokens(u64::MAX, u64::MAX)
    };
    let found = listed("anthropic", "claude-opus-4-1", most).unwrap().0;
    assert_eq!(found.picodollars(), u64::MAX);
}
