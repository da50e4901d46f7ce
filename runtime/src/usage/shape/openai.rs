//! OpenAI's chat completions, completions and embeddings, and those who speak its protocol: Azure,
//! DeepSeek, Groq, Mistral, Moonshot, OpenRouter, vLLM, xAI.

use super::object::Object;
use super::{cost, said};
use crate::semconv::openai_api;
use crate::usage::reasoning;
use crate::usage::reply::Reply;
use crate::usage::saying::{CallPiece, Speech};

pub(super) fn read(reply: Object<'_>, into: &mut Reply) -> bool {
    read_completion(reply, into) || read_embeddings(reply, into)
}

/// A whole reply, or a chunk: its choices have a `delta`, and the last one may have none.
fn read_completion(reply: Object<'_>, into: &mut Reply) -> bool {
    let Some(choices) = reply.list("choices") else { return false };
    let named = reply.text("object");
    let is_named =
        matches!(named, Some("chat.completion" | "chat.completion.chunk" | "text_completion"));
    // Groq's chunks have it elsewhere.
    let usage = reply
        .object("usage")
        .or_else(|| reply.object("x_groq").and_then(|groq| groq.object("usage")));
    let is_metered =
        usage.is_some_and(|usage| usage.has("prompt_tokens") && usage.has("completion_tokens"));
    let has_form = || {
        let first = choices.first().and_then(|choice| choice.as_object()).map(Object::new);
        first.is_some_and(|choice| {
            let has_content = choice.object("message").is_some()
                || choice.object("delta").is_some()
                || choice.is_text("text");
            has_content && (choice.has("finish_reason") || choice.has("index"))
        })
    };
    if !(is_named || is_metered || has_form()) {
        return false;
    }
    if named.is_some_and(|named| named.starts_with("chat.")) {
        into.api_type(openai_api::CHAT_COMPLETIONS);
    }
    into.id(reply.text("id"))
        .model(reply.text("model"))
        .service_tier(reply.text("service_tier"))
        .system_fingerprint(reply.text("system_fingerprint"));
    for (place, choice) in reply.objects("choices").enumerate() {
        into.choice(place)
            .choice(choice.count("index"))
            .finish_reason(choice.text("finish_reason"));
        read_choice(choice, into);
    }
    if let Some(usage) = usage {
        read_usage(usage, into);
    }
    true
}

/// What a choice says: whole, or the next piece of it.
fn read_choice(choice: Object<'_>, into: &mut Reply) {
    if let Some(message) = choice.object("message") {
        said::message(message, into);
    } else if let Some(delta) = choice.object("delta") {
        read_delta(delta, into);
    } else {
        into.say(Speech::Text, None, choice.words("text"));
    }
}

fn read_delta(delta: Object<'_>, into: &mut Reply) {
    // DeepSeek's name, and that of OpenRouter; who has both says the same twice.
    let thought = ["reasoning_content", "reasoning"].map(|key| delta.words(key));
    let thought = thought.into_iter().find(|thought| !thought.is_empty());
    into.say(Speech::Reasoning, None, thought.unwrap_or_default())
        .say(Speech::Text, None, delta.words("content"))
        .say(Speech::Refusal, None, delta.words("refusal"));
    for (place, call) in (0..).zip(delta.objects("tool_calls")) {
        let function = call.object("function").or_else(|| call.object("custom"));
        let place = call.count("index").unwrap_or(place);
        let piece = CallPiece { place: Some((place, 0)), id: call.words("id"), ..piece(function) };
        into.call(piece);
    }
    if let Some(function) = delta.object("function_call") {
        into.call(CallPiece { place: Some((u64::MAX, 0)), ..piece(Some(function)) });
    }
}

fn piece(function: Option<Object<'_>>) -> CallPiece<'_> {
    let Some(function) = function else { return CallPiece::default() };
    let arguments = ["arguments", "input"].map(|key| function.words(key));
    let arguments = arguments.into_iter().find(|arguments| !arguments.is_empty());
    CallPiece {
        name: function.words("name"),
        arguments: arguments.unwrap_or_default(),
        ..CallPiece::default()
    }
}

fn read_usage(usage: Object<'_>, into: &mut Reply) {
    cost::read(usage, into);
    let input = usage.count("prompt_tokens");
    let output = usage.count("completion_tokens");
    into.input_tokens(input);
    // DeepSeek's and Moonshot's names.
    into.cache_read_input_tokens(usage.count("cached_tokens"))
        .cache_read_input_tokens(usage.count("prompt_cache_hit_tokens"));
    if let Some(details) = usage.object("prompt_tokens_details") {
        into.cache_read_input_tokens(details.count("cached_tokens"))
            .cache_creation_input_tokens(details.count("cache_write_tokens"))
            .text_input_tokens(details.some("text_tokens"))
            .image_input_tokens(details.some("image_tokens"))
            .audio_input_tokens(details.some("audio_tokens"));
    }
    let details = usage.object("completion_tokens_details");
    let thought = details.and_then(|details| details.count("reasoning_tokens"));
    let all = reasoning::output_tokens(input, output, thought, usage.count("total_tokens"));
    into.output_tokens(all).reasoning_output_tokens(thought);
    if let Some(details) = details {
        into.text_output_tokens(details.some("text_tokens"))
            .image_output_tokens(details.some("image_tokens"))
            .audio_output_tokens(details.some("audio_tokens"));
    }
}

fn read_embeddings(reply: Object<'_>, into: &mut Reply) -> bool {
    let is_embedding = |item: Object<'_>| {
        item.text("object") == Some("embedding") && item.has("embedding") && item.has("index")
    };
    // Looking at each of them would cost as much as reading them.
    if reply.text("object") != Some("list")
        || !reply.objects("data").next().is_some_and(is_embedding)
    {
        return false;
    }
    into.model(reply.text("model"));
    if let Some(usage) = reply.object("usage") {
        let all = usage.count("prompt_tokens").or_else(|| usage.count("total_tokens"));
        cost::read(usage, into);
        into.input_tokens(all);
    }
    true
}
