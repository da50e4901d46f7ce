//! Amazon Bedrock's `Converse`, and the events of `ConverseStream`.

use super::object::Object;
use super::said;
use crate::usage::reply::Reply;
use crate::usage::saying::{CallPiece, Speech};

pub(super) fn read(reply: Object<'_>, into: &mut Reply) -> bool {
    let message = reply.object("output").and_then(|output| output.object("message"));
    if let Some(message) = message.filter(|_| reply.is_text("stopReason")) {
        said::list(message, "content", into);
        into.finish_reason(reply.text("stopReason"));
        if let Some(usage) = reply.object("usage") {
            read_usage(usage, into);
        }
        return true;
    }
    if let Some(stop) = reply.object("messageStop").filter(|stop| stop.is_text("stopReason")) {
        into.finish_reason(stop.text("stopReason"));
        return true;
    }
    if read_block(reply, into) {
        return true;
    }
    // The event's name may be in a header instead.
    let metadata = reply.object("metadata").unwrap_or(reply);
    let is_metered = metadata.object("metrics").is_some_and(|metrics| metrics.has("latencyMs"));
    metadata.object("usage").filter(|_| is_metered).is_some_and(|usage| read_usage(usage, into))
}

/// A piece of a block of content, under the event's name or without it.
fn read_block(event: Object<'_>, into: &mut Reply) -> bool {
    let named = ["contentBlockStart", "contentBlockDelta"];
    let event = named.into_iter().find_map(|name| event.object(name)).unwrap_or(event);
    let Some(index) = event.count("contentBlockIndex") else { return false };
    let Some(piece) = event.object("delta").or_else(|| event.object("start")) else { return false };
    into.expect_finish_reason();
    let place = Some((index, 0));
    into.say(Speech::Text, place, piece.words("text"));
    if let Some(thought) = piece.object("reasoningContent") {
        into.say(Speech::Reasoning, place, thought.words("text"));
    }
    if let Some(call) = piece.object("toolUse") {
        into.call(CallPiece {
            place,
            id: call.words("toolUseId"),
            name: call.words("name"),
            arguments: call.words("input"),
            is_of_server: false,
        });
    }
    true
}

/// Cached tokens stand beside the others.
fn read_usage(usage: Object<'_>, into: &mut Reply) -> bool {
    if !usage.has("inputTokens") || !usage.has("outputTokens") {
        return false;
    }
    into.uncached_input_tokens(usage.count("inputTokens"))
        .cache_read_input_tokens(usage.count("cacheReadInputTokens"))
        .cache_creation_input_tokens(usage.count("cacheWriteInputTokens"))
        .output_tokens(usage.count("outputTokens"));
    true
}
