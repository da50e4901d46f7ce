//! OpenAI's responses, and the events that carry one.

use super::object::Object;
use super::{cost, said};
use crate::semconv::openai_api;
use crate::usage::reply::Reply;
use crate::usage::saying::{CallPiece, Place, Speech};

pub(super) fn read(reply: Object<'_>, into: &mut Reply) -> bool {
    if let Some(kind) = reply.text("type")
        && kind.starts_with("response.")
    {
        return reply.object("response").is_some_and(|response| read_response(response, into))
            || read_event(kind, reply, into);
    }
    read_response(reply, into)
}

/// A piece of what the response will hold in the end.
fn read_event(kind: &str, event: Object<'_>, into: &mut Reply) -> bool {
    let place = place(event);
    let mut say = |speech| {
        into.say(speech, place, event.words("delta"));
        event.is_text("delta")
    };
    match kind {
        "response.output_text.delta" => say(Speech::Text),
        "response.refusal.delta" => say(Speech::Refusal),
        "response.reasoning_text.delta" | "response.reasoning_summary_text.delta" => {
            say(Speech::Reasoning)
        }
        "response.function_call_arguments.delta" | "response.custom_tool_call_input.delta" => {
            let arguments = event.words("delta");
            into.call(CallPiece { place, arguments, ..CallPiece::default() });
            event.is_text("delta")
        }
        "response.output_item.added" => event.object("item").is_some_and(|item| {
            if matches!(item.text("type"), Some("function_call" | "custom_tool_call")) {
                let (id, name) = (item.words("call_id"), item.words("name"));
                into.call(CallPiece { place, id, name, ..CallPiece::default() });
            }
            true
        }),
        "response.output_item.done" => event.object("item").is_some_and(|item| {
            let came_in_pieces = ["message", "reasoning", "function_call", "custom_tool_call"];
            if !item.text("type").is_some_and(|kind| came_in_pieces.contains(&kind)) {
                said::part(item, into);
            }
            true
        }),
        _ => false,
    }
}

/// Which item, and which piece of its content.
fn place(event: Object<'_>) -> Option<Place> {
    let content = event.count("content_index").or_else(|| event.count("summary_index"));
    Some((event.count("output_index")?, content.unwrap_or(0)))
}

fn read_response(response: Object<'_>, into: &mut Reply) -> bool {
    if response.text("object") != Some("response")
        || response.list("output").is_none()
        || !response.is_text("status")
    {
        return false;
    }
    into.api_type(openai_api::RESPONSES)
        .id(response.text("id"))
        .model(response.text("model"))
        .service_tier(response.text("service_tier"));
    let incomplete = response.object("incomplete_details");
    let stopped = response
        .text("status")
        .filter(|status| matches!(*status, "completed" | "incomplete" | "failed" | "cancelled"));
    // What waits for its turn goes on elsewhere.
    if response.text("status") != Some("queued") {
        into.finish_reason(stopped)
            .finish_reason(incomplete.and_then(|details| details.text("reason")));
    }
    // The first events have the response without what it will say.
    if response.list("output").is_some_and(|output| !output.is_empty()) {
        said::list(response, "output", into);
    }
    if let Some(usage) = response.object("usage") {
        cost::read(usage, into);
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
