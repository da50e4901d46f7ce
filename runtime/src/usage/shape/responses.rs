//! OpenAI's responses, and the events that carry one.

use super::object::Object;
use crate::usage::reply::Reply;

pub(super) fn read(reply: Object<'_>, into: &mut Reply) -> bool {
    if let Some(kind) = reply.text("type")
        && kind.starts_with("response.")
    {
        return reply.object("response").is_some_and(|response| read_response(response, into));
    }
    read_response(reply, into)
}

fn read_response(response: Object<'_>, into: &mut Reply) -> bool {
    if response.text("object") != Some("response")
        || response.list("output").is_none()
        || !response.is_text("status")
    {
        return false;
    }
    into.id(response.text("id"))
        .model(response.text("model"))
        .service_tier(response.text("service_tier"));
    let incomplete = response.object("incomplete_details");
    let stopped = response
        .text("status")
        .filter(|status| matches!(*status, "completed" | "incomplete" | "failed" | "cancelled"));
    into.finish_reason(stopped)
        .finish_reason(incomplete.and_then(|details| details.text("reason")));
    if let Some(usage) = response.object("usage") {
        into.input_tokens(usage.count("input_tokens")).output_tokens(usage.count("output_tokens"));
        if let Some(details) = usage.object("input_tokens_details") {
            into.cache_read_input_tokens(details.count("cached_tokens"))
                .cache_creation_input_tokens(details.count("cache_write_tokens"))
                .text_input_tokens(details.some("text_tokens"))
                .image_input_tokens(details.some("image_tokens"))
                .audio_input_tokens(details.some("audio_tokens"));
        }
        if let Some(details) = usage.object("output_tokens_details") {
            into.reasoning_output_tokens(details.count("reasoning_tokens"))
                .text_output_tokens(details.some("text_tokens"))
                .image_output_tokens(details.some("image_tokens"))
                .audio_output_tokens(details.some("audio_tokens"));
        }
    }
    true
}
