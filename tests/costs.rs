//! What calls cost, what a run comes to, what it may come to, and what attempts add.
#![allow(
    clippy::panic,
    clippy::unused_async,
    clippy::unwrap_used,
    reason = "programs as users write them"
)]

#[path = "costs/attempts.rs"]
mod attempts;
#[path = "costs/budgets.rs"]
mod budgets;
#[path = "costs/foreign.rs"]
mod foreign;
#[path = "costs/metric.rs"]
mod metric;
#[path = "costs/nested.rs"]
mod nested;
#[path = "costs/prices.rs"]
mod prices;
#[path = "costs/recount.rs"]
mod recount;
#[path = "costs/replies.rs"]
mod replies;
#[path = "costs/seams.rs"]
mod seams;
#[path = "costs/totals.rs"]
mod totals;

use spanline::{LlmCall, Price};
use spanline_tests::telemetry;
use spanline_tests::trace::Trace;

/// Sets up with a model that costs a dollar per million input tokens and ten per million of output.
fn set_up() {
    telemetry::set_up(|builder| {
        builder
            .queue_size(100_000)
            .shutdown_timeout(std::time::Duration::from_secs(120))
            .price(Price::new("acme", "m").input_per_million(1).output_per_million(10))
            .price(Price::new("acme", "free").input_per_million(0).output_per_million(0))
    });
}

async fn watch<F: Future>(future: F) -> (F::Output, Trace) {
    set_up();
    telemetry::watch(future).await
}

/// One call of that model.
async fn call(input: u64, output: u64) {
    let used = |(): &(), outcome: &mut spanline::Outcome| outcome.usage((input, output));
    LlmCall::new("acme", "m").run_with(tokio::task::yield_now(), used).await;
}

/// These attributes as `key=value`, each without the prefix, those that are there.
fn told(trace: &Trace, span: &str, prefix: &str) -> String {
    let mut told: Vec<String> = trace
        .attributes(span)
        .lines()
        .filter_map(|line| Some(line.strip_prefix(prefix)?.to_owned()))
        .collect();
    told.sort();
    told.join(" ")
}

const TOTAL: &str = "spanline.total.";
