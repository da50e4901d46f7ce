//! Anthropic's messages, and the events that they are streamed in.

use super::object::Object;
use super::said;
use crate::usage::reply::Reply;
use crate::usage::saying::{CallPiece, Place, Speech};

pub(super) fn read(reply: Object<'_>, into: &mut Reply) -> bool {
    match reply.text("type") {
        Some("message") => read_message(reply, into),
        Some("message_start") => {
            reply.object("message").is_some_and(|message| read_message(message, into))
        }
        Some("message_delta") => {
            reply.object("delta").is_some_and(|delta| read_end(delta, reply.object("usage"), into))
        }
        Some("content_block_start") => {
            reply.object("content_block").is_some_and(|block| read_start(block, place(reply), into))
        }
        Some("content_block_delta") => {
            reply.object("delta").is_some_and(|delta| read_delta(delta, place(reply), into))
        }
        _ => false,
    }
}

/// Why the message ended, and what it took.
fn read_end(delta: Object<'_>, usage: Option<Object<'_>>, into: &mut Reply) -> bool {
    if usage.is_none() && !delta.is_text("stop_reason") {
        return false;
    }
    into.finish_reason(delta.text("stop_reason"));
    if let Some(usage) = usage {
        read_usage(usage, into);
    }
    true
}

/// Which block a piece is of.
fn place(event: Object<'_>) -> Option<Place> {
    Some((event.count("index")?, 0))
}

fn read_start(block: Object<'_>, place: Option<Place>, into: &mut Reply) -> bool {
    match block.text("type") {
        Some("text") => {
            into.say(Speech::Text, place, block.words("text"));
        }
        Some("thinking") => {
            into.say(Speech::Reasoning, place, block.words("thinking"));
        }
        Some(kind @ ("tool_use" | "server_tool_use")) => {
            let (id, name) = (block.words("id"), block.words("name"));
            let is_of_server = kind == "server_tool_use";
            into.call(CallPiece { place, id, name, arguments: "", is_of_server });
        }
        // What is not told in pieces.
        Some(_) => said::part(block, into),
        None => return false,
    }
    true
}

fn read_delta(delta: Object<'_>, place: Option<Place>, into: &mut Reply) -> bool {
    match delta.text("type") {
        Some("text_delta") => {
            into.say(Speech::Text, place, delta.words("text"));
        }
        Some("thinking_delta") => {
            into.say(Speech::Reasoning, place, delta.words("thinking"));
        }
        Some("input_json_delta") => {
            let arguments = delta.words("partial_json");
            into.call(CallPiece { place, arguments, ..CallPiece::default() });
        }
        Some("signature_delta" | "citations_delta") => {}
        _ => return false,
    }
    true
}

fn read_message(message: Object<'_>, into: &mut Reply) -> bool {
    if message.text("role") != Some("assistant") || message.list("content").is_none() {
        return false;
    }
    into.id(message.text("id"))
        .model(message.text("model"))
        .finish_reason(message.text("stop_reason"));
    said::list(message, "content", into);
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
