//! Replies of providers: a JSON text on each line, a whole reply or the chunks of a stream, which may
//! begin with `data:`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use spanline::__private::read_replies;
use spanline_fuzz::{bounded, lines};

/// Bytes of a name, an id or a reason to stop.
const NAME: usize = 1024;
/// Choices of which something is kept.
const CHOICES: usize = 128;

fn read(chunks: &[Value]) {
    let told = read_replies(chunks);
    assert_eq!(told, read_replies(chunks));
    if let Some(dollars) = told.cost {
        assert!(dollars.is_finite() && dollars >= 0.0, "{dollars}");
    }
    for (key, value) in &told.texts {
        // Each byte may have to be escaped.
        assert!(value.len() <= CHOICES * (6 * NAME + 3), "{key} has {} bytes", value.len());
    }
    let messages: Value = serde_json::from_str(&told.messages).expect("messages are JSON");
    let messages = messages.as_array().expect("messages are a list");
    assert!(messages.len() <= CHOICES, "{} messages", messages.len());
    for message in messages {
        assert_eq!(message["role"], "assistant");
        assert!(message["parts"].is_array() && message["finish_reason"].is_string(), "{message}");
    }
    if chunks.is_empty() {
        assert!(told.counts.is_empty() && told.texts.is_empty() && messages.is_empty());
    }
    // The end of a stream that is told twice is its end.
    if let Some(last) = chunks.last().filter(|last| last.get("usage").is_some()) {
        let twice = read_replies(chunks.iter().chain([last]));
        assert!(twice.counts.len() >= told.counts.len());
    }
}

fuzz_target!(|input: &[u8]| {
    let chunks = lines(input).map(|line| line.strip_prefix("data:").unwrap_or(line));
    let chunks: Vec<Value> = chunks.filter_map(|line| serde_json::from_str(line).ok()).collect();
    bounded(input, 64 << 10, 512, || read(&chunks));
});
