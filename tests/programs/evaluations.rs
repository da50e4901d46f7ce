//! An answer, and in another process what somebody thinks of it.

use spanline::{Evaluation, LlmCall, SpanReference, Stage, current, evaluate};

pub(crate) fn answer() {
    let telemetry = spanline::init().unwrap();
    let reference = LlmCall::new("acme", "m").run_blocking_with(
        || {
            Stage::new("check").run_blocking(|| "x".parse::<u8>()).unwrap_err();
            current().response_id("chatcmpl-1").reference().unwrap()
        },
        |_, _| (),
    );
    telemetry.shutdown().unwrap();
    println!("{reference}");
}

pub(crate) fn judge() {
    let telemetry = spanline::init().unwrap();
    let reference: SpanReference = std::env::var("REFERENCE").unwrap().parse().unwrap();
    evaluate(&reference, Evaluation::new("relevance").score(0.8));
    telemetry.shutdown().unwrap();
}
