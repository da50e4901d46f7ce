//! Ollama's own protocol: chat, generate and embeddings.

use super::object::Object;
use crate::usage::reply::Reply;

pub(super) fn read(reply: Object<'_>, into: &mut Reply) -> bool {
    let is_answer =
        reply.is_flag("done") && (reply.object("message").is_some() || reply.is_text("response"));
    let is_embedding = reply.list("embeddings").is_some() && reply.has("prompt_eval_count");
    if !reply.is_text("model") || !(is_answer || is_embedding) {
        return false;
    }
    // The counts come with the last chunk.
    into.model(reply.text("model"))
        .finish_reason(reply.text("done_reason"))
        .input_tokens(reply.count("prompt_eval_count"))
        .output_tokens(reply.count("eval_count"));
    true
}
