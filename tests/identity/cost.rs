//! What it costs the caller.

use allocation_counter::{AllocationInfo, measure};
use spanline::{Stage, scope};
use spanline_tests::telemetry::telemetry;

/// Of many spans: buffers may still grow with the first ones.
fn of_spans() -> AllocationInfo {
    measure(|| {
        for _ in 0..100 {
            Stage::new("measured").run_blocking_with(|| (), |(), _| ());
        }
    })
}

#[test]
fn a_span_copies_nothing_of_it() {
    telemetry();
    let long = "x".repeat(10_000);
    let in_scope =
        || scope().session(&long).tag(&long).property("long", &long).run_blocking(of_spans);
    of_spans();
    in_scope();
    let (without, with) = (of_spans(), in_scope());
    assert_eq!(with.count_total, without.count_total);
    assert_eq!(with.bytes_total, without.bytes_total);
}
