//! Cohere's chat and embeddings, version 2, and the events that a chat is streamed in.

use super::object::Object;
use super::said;
use crate::usage::reply::Reply;
use crate::usage::saying::{CallPiece, Speech};

pub(super) fn read(reply: Object<'_>, into: &mut Reply) -> bool {
    match reply.text("type") {
        Some("message-start") => {
            let is_answer = reply.object("delta").is_some_and(|delta| delta.has("message"));
            if is_answer {
                into.expect_finish_reason();
                into.id(reply.text("id"));
            }
            is_answer
        }
        Some("message-end") => reply.object("delta").is_some_and(|delta| read_end(delta, into)),
        Some(
            "content-start" | "content-delta" | "tool-plan-delta" | "tool-call-start"
            | "tool-call-delta",
        ) => {
            let message = reply.object("delta").and_then(|delta| delta.object("message"));
            message.is_some_and(|message| read_delta(message, reply.count("index"), into))
        }
        _ => read_chat(reply, into) || read_embeddings(reply, into),
    }
}

/// The plan and the blocks of content and of calls have indices of their own.
fn read_delta(message: Object<'_>, index: Option<u64>, into: &mut Reply) -> bool {
    let index = index.unwrap_or(0);
    into.say(Speech::Reasoning, None, message.words("tool_plan"));
    if let Some(content) = message.object("content") {
        into.say(Speech::Reasoning, Some((index, 0)), content.words("thinking")).say(
            Speech::Text,
            Some((index, 0)),
            content.words("text"),
        );
    }
    if let Some(call) = message.object("tool_calls") {
        let function = call.object("function");
        let told = |key| function.map_or("", |function| function.words(key));
        into.call(CallPiece {
            place: Some((index, 1)),
            id: call.words("id"),
            name: told("name"),
            arguments: told("arguments"),
            is_of_server: false,
        });
    }
    true
}

fn read_chat(reply: Object<'_>, into: &mut Reply) -> bool {
    let message = reply.object("message");
    let Some(message) = message.filter(|message| message.text("role") == Some("assistant")) else {
        return false;
    };
    if !read_end(reply, into) {
        return false;
    }
    said::message(message, into);
    into.id(reply.text("id"));
    true
}

/// How an answer ended.
fn read_end(end: Object<'_>, into: &mut Reply) -> bool {
    let usage = end.object("usage").filter(|_| end.has("finish_reason"));
    if usage.is_none() && !end.is_text("finish_reason") {
        return false;
    }
    into.finish_reason(end.text("finish_reason"));
    let Some(usage) = usage else { return true };
    into.cache_read_input_tokens(usage.count("cached_tokens"));
    // What is billed is what the conventions ask for.
    let counts = usage.object("billed_units").filter(|billed| billed.has("input_tokens"));
    if let Some(counts) = counts.or_else(|| usage.object("tokens")) {
        into.input_tokens(counts.count("input_tokens"))
            .output_tokens(counts.count("output_tokens"));
    }
    true
}

fn read_embeddings(reply: Object<'_>, into: &mut Reply) -> bool {
    let billed = reply.object("meta").and_then(|meta| meta.object("billed_units"));
    let (Some(billed), true) = (billed, reply.has("embeddings")) else { return false };
    into.input_tokens(billed.count("input_tokens"));
    true
}
