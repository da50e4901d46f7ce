//! Amazon Bedrock's `Converse`, and the events of `ConverseStream`.

use super::object::Object;
use crate::usage::reply::Reply;

pub(super) fn read(reply: Object<'_>, into: &mut Reply) -> bool {
    let is_answer = reply.object("output").is_some_and(|output| output.object("message").is_some());
    if is_answer && reply.is_text("stopReason") {
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
    // The event's name may be in a header instead.
    let metadata = reply.object("metadata").unwrap_or(reply);
    let is_metered = metadata.object("metrics").is_some_and(|metrics| metrics.has("latencyMs"));
    metadata.object("usage").filter(|_| is_metered).is_some_and(|usage| read_usage(usage, into))
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
