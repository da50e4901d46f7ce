//! A closed set.
use spanline::trace_span;

#[trace_span(kind = "clint")]
//~                 ^^^^^^^ unknown span kind `clint`; did you mean `client`?
async fn parse() {}

#[trace_span(kind = "remote")]
//~                 ^^^^^^^^ unknown span kind `remote`; expected one of `internal`, `client`, `server`, `producer`, `consumer`
async fn again() {}

fn main() {}
