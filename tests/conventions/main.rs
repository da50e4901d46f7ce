//! Everything that is exported against the GenAI conventions v1.41.1: names, types, units, bounds,
//! span names and kinds, what is required and what belongs where.
#![allow(
    clippy::format_push_string,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops at what it did not expect"
)]

mod events;
mod metrics;
mod names;
mod program;
mod spans;
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
    spans::check(&trace);
    let records = telemetry::records();
    events::check(&records);
    let (operations, mut attributes) = spans::shown(&trace);
    attributes.extend(events::shown(&records));
    let operations: Vec<&str> = operations.iter().map(String::as_str).collect();
    // Nothing here creates an agent at a provider.
    let made: Vec<&str> =
        table::OPERATIONS.iter().copied().filter(|name| *name != "create_agent").collect();
    assert_eq!(operations, made);
    let unseen: Vec<String> =
        names::known().into_iter().filter(|name| !attributes.contains(name)).collect();
    assert_eq!(unseen, names::UNSEEN, "names of the library that the program does not show");
    metrics::check(&telemetry::metrics());
}
