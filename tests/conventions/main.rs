//! Everything that is exported against the conventions that it is written in: names, types, units, bounds,
//! span names and kinds, what is required and what belongs where.
#![allow(
    clippy::format_push_string,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test stops at what it did not expect"
)]

mod content;
mod documentation;
mod events;
mod genai_main;
mod metrics;
mod names;
mod openinference;
mod profiles;
mod program;
mod spans;
#[path = "../support/mod.rs"]
mod support;
mod table;

use spanline::{ContentCapture, ExporterName};
use spanline_tests::telemetry;

#[tokio::test]
async fn everything_exported_is_as_the_conventions_have_it() {
    telemetry::set_up(|builder| {
        let builder = builder.logs_to([ExporterName::File]).inference_events(true);
        // Spans are to show everything that they can.
        builder.exceptions_on_spans(true).capture_content(ContentCapture::SpanAndEvent)
    });
    let ((), trace) = telemetry::watch(program::run()).await;
    spans::check(&[table::V1_41], &trace.spans);
    let records = telemetry::records();
    events::check(&records);
    let (operations, mut attributes) = spans::shown(&trace.spans);
    attributes.extend(events::shown(&records));
    let operations: Vec<&str> = operations.iter().map(String::as_str).collect();
    // Nothing here creates an agent at a provider.
    let made: Vec<&str> =
        table::OPERATIONS.iter().copied().filter(|name| *name != "create_agent").collect();
    assert_eq!(operations, made);
    let unseen: Vec<String> =
        names::known().into_iter().filter(|name| !attributes.contains(name)).collect();
    assert_eq!(unseen, names::UNSEEN, "names of the library that the program does not show");
    let metrics = telemetry::metrics();
    let metrics: Vec<metrics::Collected> = metrics
        .names()
        .into_iter()
        .map(|name| metrics.metric(name))
        .map(|(_, schema_url, metric)| (schema_url.to_owned(), metric.clone()))
        .collect();
    metrics::check(&[table::V1_41], &metrics);
}
