//! Replies whose fields say what they are.

use futures::stream::{self, Stream, StreamExt as _};
use spanline::{LlmResponse, Usage, trace_llm_call};
use spanline_tests::telemetry::{watch, watch_blocking};

use crate::told;

#[derive(LlmResponse)]
struct Reply<U> {
    #[llm(id)]
    id: String,
    #[llm(model)]
    model: &'static str,
    #[llm(choices)]
    choices: Vec<Choice>,
    #[llm(flatten)]
    usage: Option<U>,
}

#[derive(LlmResponse)]
struct Choice {
    #[allow(dead_code, reason = "what a reply is for")]
    text: String,
    #[llm(finish_reason)]
    stopped: Option<String>,
}

#[derive(LlmResponse)]
struct Tokens {
    #[llm(uncached_input_tokens)]
    input: i32,
    #[llm(cache_read_input_tokens)]
    cached: Option<u64>,
    #[llm(output_tokens)]
    output: usize,
}

#[trace_llm_call(provider = "acme")]
fn complete(reasons: &[Option<&str>]) -> Result<Reply<Tokens>, String> {
    let choice = |reason: Option<&str>| Choice {
        text: String::new(),
        stopped: reason.map(ToOwned::to_owned),
    };
    Ok(Reply {
        id: "r-3".to_owned(),
        model: "acme-2",
        choices: reasons.iter().copied().map(choice).collect(),
        usage: Some(Tokens { input: 3, cached: Some(4), output: 5 }),
    })
}

#[test]
fn a_struct_tells_what_its_fields_say() {
    let (_, trace) = watch_blocking(|| complete(&[Some("stop"), None, Some("length")]));
    assert_eq!(
        told(&trace),
        "gen_ai.response.model=\"acme-2\" gen_ai.response.id=\"r-3\" \
         gen_ai.response.finish_reasons=[\"stop\", \"length\"] gen_ai.usage.input_tokens=7 \
         gen_ai.usage.output_tokens=5 gen_ai.usage.cache_read.input_tokens=4"
    );
}

#[derive(LlmResponse)]
enum Event {
    Started {
        #[llm(id, model)]
        name: &'static str,
    },
    Text(#[allow(dead_code, reason = "what a reply is for")] String),
    Stopped(#[llm(finish_reason)] &'static str, #[llm(index)] u8),
    Ended(#[llm(usage)] Usage),
    Closed,
}

#[trace_llm_call(provider = "acme")]
fn stream() -> impl Stream<Item = Event> {
    stream::iter([
        Event::Started { name: "r-4" },
        Event::Text(String::new()),
        Event::Stopped("length", 1),
        Event::Stopped("stop", 0),
        Event::Ended(Usage::new(1, 2).reasoning_output_tokens(1)),
        Event::Closed,
    ])
}

#[tokio::test]
async fn an_enum_tells_what_its_variant_says() {
    let (_, trace) = watch(async { stream().count().await }).await;
    assert_eq!(
        told(&trace),
        "gen_ai.response.model=\"r-4\" gen_ai.response.id=\"r-4\" \
         gen_ai.response.finish_reasons=[\"stop\", \"length\"] gen_ai.usage.input_tokens=1 \
         gen_ai.usage.output_tokens=2 gen_ai.usage.reasoning.output_tokens=1"
    );
}
