//! It is checked when the program is built.
use spanline::trace_span;

const KIND: &str = "client";

#[trace_span(kind = KIND)]
//~                 ^^^^ unknown span kind `KIND`; expected one of `internal`, `client`, `server`, `producer`, `consumer`
async fn parse() {}

#[trace_span(kind = KIND.trim())]
//~                 ^^^^^^^^^^^ expected one of `internal`, `client`, `server`, `producer` and `consumer`
async fn again() {}

fn main() {}
