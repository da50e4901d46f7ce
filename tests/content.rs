//! What of content is on spans, and where it is not even looked at.
#![cfg(test)]

#[path = "content/arguments.rs"]
mod arguments;
#[path = "content/programs.rs"]
mod programs;
#[path = "content/scopes.rs"]
mod scopes;
#[path = "content/shapes.rs"]
mod shapes;

use serde_json::Value;
use spanline::ContentCapture;
use spanline_tests::telemetry;
use spanline_tests::trace::Trace;

/// The process captures content on spans.
fn capture() {
    telemetry::set_up(|builder| builder.capture_content(ContentCapture::SpanOnly));
}

/// An attribute that is JSON.
fn json(trace: &Trace, span: &str, key: &str) -> Value {
    let written = trace.attribute(span, key);
    let Ok(Value::String(text)) = serde_json::from_str(&unescaped(&written)) else {
        return Value::String(written);
    };
    serde_json::from_str(&text).unwrap_or(Value::String(text))
}

/// What Rust writes as an escape and JSON does not know: none in these tests but `\'`.
fn unescaped(written: &str) -> String {
    written.replace("\\'", "'")
}
