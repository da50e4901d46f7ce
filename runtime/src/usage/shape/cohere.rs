//! Cohere's chat and embeddings, version 2, and the events that a chat is streamed in.

use super::object::Object;
use crate::usage::reply::Reply;

pub(super) fn read(reply: Object<'_>, into: &mut Reply) -> bool {
    match reply.text("type") {
        Some("message-start") => {
            let is_answer = reply.object("delta").is_some_and(|delta| delta.has("message"));
            if is_answer {
                into.id(reply.text("id"));
            }
            is_answer
        }
        Some("message-end") => reply.object("delta").is_some_and(|delta| read_end(delta, into)),
        _ => read_chat(reply, into) || read_embeddings(reply, into),
    }
}

fn read_chat(reply: Object<'_>, into: &mut Reply) -> bool {
    let is_answer =
        reply.object("message").is_some_and(|message| message.text("role") == Some("assistant"));
    if !is_answer || !read_end(reply, into) {
        return false;
    }
    into.id(reply.text("id"));
    true
}

/// How an answer ended.
fn read_end(end: Object<'_>, into: &mut Reply) -> bool {
    let Some(usage) = end.object("usage").filter(|_| end.has("finish_reason")) else {
        return false;
    };
    into.finish_reason(end.text("finish_reason"))
        .cache_read_input_tokens(usage.count("cached_tokens"));
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
    into.id(reply.text("id")).input_tokens(billed.count("input_tokens"));
    true
}
