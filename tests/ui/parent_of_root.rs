//! One or the other.
use spanline::trace_stage;

#[trace_stage(parent = spanline::opentelemetry::Context::current(), root)]
//~                                                                 ^^^^ a root span has no parent; remove `root` or `parent`
async fn retrieve() {}

fn main() {}
