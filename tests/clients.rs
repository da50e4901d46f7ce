//! Clients of their own kind, each talking HTTP to a provider here: what is sent over the wire decides
//! what a span says, and not who reads it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "programs as users write them")]

#[path = "clients/alike.rs"]
mod alike;
#[path = "clients/bodies.rs"]
mod bodies;
#[path = "clients/by_hand.rs"]
mod by_hand;
#[path = "clients/provider.rs"]
mod provider;
#[path = "clients/through_genai.rs"]
mod through_genai;
#[path = "clients/through_ollama_rs.rs"]
mod through_ollama_rs;

use spanline_tests::trace::Trace;

/// What is known of one call alone.
const OF_ITS_OWN: [&str; 1] = ["gen_ai.response.time_to_first_chunk"];

/// All that the one span of a trace says, ids and times aside.
fn span(trace: &Trace) -> String {
    let [span] = trace.spans.iter().filter(|span| span.name != "test").collect::<Vec<_>>()[..]
    else {
        panic!("not one span in\n{}", trace.tree());
    };
    let attributes = trace.attributes(&span.name);
    let mut told: Vec<&str> = attributes
        .lines()
        .filter(|line| !OF_ITS_OWN.iter().any(|key| line.starts_with(key)))
        .collect();
    told.sort_unstable();
    format!("{}{}{}", trace.tree(), told.join("\n"), trace.events(&span.name))
}

/// What it says of reply and usage.
fn told(trace: &Trace) -> Vec<String> {
    let span = span(trace);
    let lines = span.lines().filter_map(|line| {
        let name = line.strip_prefix("gen_ai.")?;
        let name = name.strip_prefix("response.").or_else(|| name.strip_prefix("usage."))?;
        Some(name.to_owned())
    });
    lines.collect()
}
