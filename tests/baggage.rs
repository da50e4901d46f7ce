//! Whom a request is for, in headers: what leaves, where to, and what is taken of what arrives.
#![allow(
    clippy::panic,
    clippy::unused_async,
    clippy::unwrap_used,
    reason = "programs as users write them"
)]

#[path = "baggage/arriving.rs"]
mod arriving;
#[path = "baggage/leaving.rs"]
mod leaving;
#[path = "baggage/server.rs"]
mod server;
#[path = "baggage/variables.rs"]
mod variables;

use spanline::Telemetry;
use spanline_tests::telemetry::set_up;

/// A host that may be told.
const TOLD: &str = "search.internal.example:8443";

/// The one set-up of this process; every test begins with it.
fn telemetry() -> &'static Telemetry {
    set_up(|builder| {
        builder.identity_baggage(
            ["session", "user", "tenant", "conversation", "region", "seats", "places"],
            ["127.0.0.1", "*.internal.example"],
        )
    })
}
