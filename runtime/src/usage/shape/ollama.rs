//! Ollama's own protocol: chat, generate and embeddings.

use super::object::Object;
use super::said;
use crate::usage::reply::Reply;
use crate::usage::saying::Speech;

pub(super) fn read(reply: Object<'_>, into: &mut Reply) -> bool {
    let is_answer =
        reply.is_flag("done") && (reply.object("message").is_some() || reply.is_text("response"));
    // A count of 0 is left out.
    let is_metered = reply.has("prompt_eval_count") || reply.has("total_duration");
    let is_embedding = reply.list("embeddings").is_some() && is_metered;
    if !reply.is_text("model") || !(is_answer || is_embedding) {
        return false;
    }
    // The counts come with the last chunk.
    into.model(reply.text("model"))
        .input_tokens(reply.count("prompt_eval_count"))
        .output_tokens(reply.count("eval_count"));
    // Embeddings have no choice that could tell one.
    if is_answer {
        into.finish_reason(reply.text("done_reason"));
    }
    if let Some(message) = reply.object("message") {
        into.say(Speech::Reasoning, None, message.words("thinking")).say(
            Speech::Text,
            None,
            message.words("content"),
        );
        for call in message.objects("tool_calls") {
            said::call(call, into);
        }
    } else {
        into.say(Speech::Reasoning, None, reply.words("thinking")).say(
            Speech::Text,
            None,
            reply.words("response"),
        );
    }
    true
}
