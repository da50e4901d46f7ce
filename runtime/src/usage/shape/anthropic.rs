//! Anthropic's messages, and the events that they are streamed in.

use super::object::Object;
use crate::usage::reply::Reply;

pub(super) fn read(reply: Object<'_>, into: &mut Reply) -> bool {
    match reply.text("type") {
        Some("message") => read_message(reply, into),
        Some("message_start") => {
            reply.object("message").is_some_and(|message| read_message(message, into))
        }
        Some("message_delta") => {
            let (Some(delta), Some(usage)) = (reply.object("delta"), reply.object("usage")) else {
                return false;
            };
            into.finish_reason(delta.text("stop_reason"));
            read_usage(usage, into);
            true
        }
        _ => false,
    }
}

fn read_message(message: Object<'_>, into: &mut Reply) -> bool {
    if message.text("role") != Some("assistant") || message.list("content").is_none() {
        return false;
    }
    into.id(message.text("id"))
        .model(message.text("model"))
        .finish_reason(message.text("stop_reason"));
    if let Some(usage) = message.object("usage") {
        read_usage(usage, into);
    }
    true
}

/// The events of a stream tell running totals, the cached tokens beside the others.
fn read_usage(usage: Object<'_>, into: &mut Reply) {
    let for_an_hour = usage.object("cache_creation");
    let for_an_hour = for_an_hour.and_then(|kinds| kinds.some("ephemeral_1h_input_tokens"));
    into.uncached_input_tokens(usage.count("input_tokens"))
        .cache_read_input_tokens(usage.count("cache_read_input_tokens"))
        .cache_creation_input_tokens(usage.count("cache_creation_input_tokens"))
        .cache_creation_1h_input_tokens(for_an_hour)
        .output_tokens(usage.count("output_tokens"));
}
