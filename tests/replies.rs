//! Replies: what a model's answer says of itself is read from the returned value, by its type.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::unused_async,
    clippy::unnecessary_wraps,
    reason = "programs as users write them"
)]

#[path = "replies/derived.rs"]
mod derived;
#[path = "replies/foreign.rs"]
mod foreign;
#[path = "replies/hand.rs"]
mod hand;
#[path = "replies/operations.rs"]
mod operations;
#[path = "replies/precedence.rs"]
mod precedence;
#[path = "replies/streams.rs"]
mod streams;
#[path = "replies/values.rs"]
mod values;

use spanline::{LlmResponse, Reply, Usage};
use spanline_tests::trace::Trace;

/// What a reply says.
const REPLY: [&str; 3] =
    ["gen_ai.response.model", "gen_ai.response.id", "gen_ai.response.finish_reasons"];

/// A reply of a provider that nobody knows.
#[derive(Clone, Debug, PartialEq)]
struct Answer {
    usage: Option<Usage>,
    stopped: &'static str,
}

impl LlmResponse for Answer {
    fn read(&self, reply: &mut Reply) {
        reply
            .model("acme-large-2")
            .id("r-1")
            .usage(self.usage)
            .finish_reason(self.stopped)
            .service_tier("flex")
            .system_fingerprint("fp_1");
    }
}

fn answer() -> Answer {
    Answer { usage: Some(Usage::new(12, 5).cache_read_input_tokens(8)), stopped: "stop" }
}

/// What [`answer`] says on a span.
const ANSWERED: &str = "gen_ai.response.model=\"acme-large-2\" gen_ai.response.id=\"r-1\" \
                        gen_ai.response.finish_reasons=[\"stop\"] gen_ai.usage.input_tokens=12 \
                        gen_ai.usage.output_tokens=5 gen_ai.usage.cache_read.input_tokens=8";

/// The one span of a trace, with what was told of reply and usage.
fn told(trace: &Trace) -> String {
    let usage = [
        "gen_ai.usage.input_tokens",
        "gen_ai.usage.output_tokens",
        "gen_ai.usage.cache_read.input_tokens",
        "gen_ai.usage.reasoning.output_tokens",
    ];
    let tree = trace.tree_with(&[&REPLY[..], &usage[..]].concat());
    let (_, told) = tree.trim_end().split_once("> ").unwrap_or_default();
    told.to_owned()
}
