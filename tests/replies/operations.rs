//! What of a reply is on the spans of agents and embeddings, and what is counted.

use spanline::{LlmResponse, Reply, Usage, trace_agent, trace_llm_call, trace_pipeline};
use spanline_tests::telemetry::watch_blocking;
use spanline_tests::trace::Trace;

fn usage() -> Usage {
    Usage::new(100, 40)
        .cache_read_input_tokens(20)
        .cache_creation_input_tokens(10)
        .cache_creation_1h_input_tokens(5)
        .reasoning_output_tokens(30)
        .text_input_tokens(60)
        .image_input_tokens(1)
        .audio_input_tokens(2)
        .text_cache_read_input_tokens(13)
        .image_cache_read_input_tokens(6)
        .audio_cache_read_input_tokens(1)
        .text_output_tokens(3)
        .image_output_tokens(4)
        .audio_output_tokens(5)
}

/// A reply that says everything.
struct Everything;

impl LlmResponse for Everything {
    fn read(&self, reply: &mut Reply) {
        reply
            .model("m-2")
            .id("r-1")
            .finish_reason("stop")
            .usage(usage())
            .service_tier("flex")
            .system_fingerprint("fp_1");
    }
}

#[trace_llm_call(provider = "openai", operation = embeddings)]
fn embed() -> Everything {
    Everything
}

#[trace_llm_call(provider = "openai", operation = embeddings, usage = |()| usage())]
fn embed_by_hand() {}

#[trace_agent("researcher")]
fn research() -> Everything {
    Everything
}

#[trace_agent("researcher", usage = |()| usage())]
fn research_by_hand() {}

/// The attributes of a span that say what came back.
fn answered(trace: &Trace, span: &str) -> String {
    let is_of_reply = |line: &&str| {
        ["gen_ai.response.", "gen_ai.usage.", "openai.", "spanline.usage."]
            .iter()
            .any(|prefix| line.starts_with(prefix))
    };
    let attributes = trace.attributes(span);
    let mut answered: Vec<&str> = attributes.lines().filter(is_of_reply).collect();
    answered.sort_unstable();
    answered.join(" ")
}

#[test]
fn embeddings_have_their_model_and_their_input_tokens() {
    let (_, trace) = watch_blocking(embed);
    assert_eq!(
        answered(&trace, "embeddings"),
        "gen_ai.response.model=\"m-2\" gen_ai.usage.input_tokens=100"
    );
    let ((), trace) = watch_blocking(embed_by_hand);
    assert_eq!(answered(&trace, "embeddings"), "gen_ai.usage.input_tokens=100");
}

const OF_AGENT: &str = "gen_ai.usage.cache_creation.input_tokens=10 \
                        gen_ai.usage.cache_read.input_tokens=20 gen_ai.usage.input_tokens=100 \
                        gen_ai.usage.output_tokens=40";

#[test]
fn agents_have_the_counts_of_the_conventions() {
    let (_, trace) = watch_blocking(research);
    assert_eq!(answered(&trace, "invoke_agent researcher"), OF_AGENT);
    let ((), trace) = watch_blocking(research_by_hand);
    assert_eq!(answered(&trace, "invoke_agent researcher"), OF_AGENT);
}

#[test]
fn what_is_left_out_of_a_span_counts_in_totals() {
    #[trace_pipeline]
    fn answer(step: fn()) {
        step();
    }
    let steps: [fn(); 4] = [
        || {
            embed();
        },
        embed_by_hand,
        || {
            research();
        },
        research_by_hand,
    ];
    for step in steps {
        let ((), trace) = watch_blocking(|| answer(step));
        let totals = trace.attributes("invoke_workflow answer");
        for total in [
            "cache_creation.input_tokens=10\n",
            "cache_read.input_tokens=20\n",
            "input_tokens=100\n",
            "output_tokens=40\n",
            "reasoning.output_tokens=30\n",
        ] {
            assert!(totals.contains(&format!("spanline.total.{total}")), "{totals}");
        }
    }
}
