//! What a real Prometheus server makes of our metrics. It has to be installed, so this is asked for by name:
//! `cargo test -p spanline-tests --all-features --test prometheus_server`.
#![cfg(test)]
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test stops at what it did not expect")]

#[path = "prometheus/scraped.rs"]
mod scraped;
#[path = "prometheus/server.rs"]
mod server;

use opentelemetry::{KeyValue, global};
use scraped::{address, builder, work};
use server::Server;

#[test]
fn a_prometheus_server_has_our_series_with_their_values_and_labels() {
    let telemetry = builder().init().unwrap();
    let orders = global::meter("theirs").u64_counter("orders").build();
    orders.add(7, &[KeyValue::new("kind", "a \"quoted\"\nline\\")]);
    work();
    let server = Server::start(address(&telemetry));

    let found = server.query("orders_total");
    assert_eq!(found.value, "7");
    assert_eq!(found.label("kind"), "a \"quoted\"\nline\\");
    assert_eq!(found.label("otel_scope_name"), "theirs");
    assert_eq!(found.label("job"), "spanline");

    let found = server.query("gen_ai_client_token_usage_sum{gen_ai_token_type=\"output\"}");
    assert_eq!(found.value, "6");
    assert_eq!(found.label("gen_ai_request_model"), "gpt-4o-mini");
    let found = server.query("gen_ai_client_operation_duration_seconds_count");
    assert_eq!((found.value.as_str(), found.label("gen_ai_operation_name")), ("2", "chat"));
    let found = server.query(
        "histogram_quantile(0.5, gen_ai_client_token_usage_bucket{gen_ai_token_type=\"input\"})",
    );
    let median: f64 = found.value.parse().unwrap();
    assert!((4.0..=16.0).contains(&median), "12 is in the bucket from 4 to 16: {median}");
    let found = server.query("target_info");
    assert_eq!(found.label("service_name"), "scraped");
    // What a series is says that OpenMetrics was read as such.
    let metadata = server.metadata("gen_ai_client_operation_duration_seconds");
    assert_eq!((metadata.kind.as_str(), metadata.unit.as_str()), ("histogram", "seconds"));
    drop(server);
    telemetry.shutdown().unwrap();
}
