//! Google's `generateContent`, of Gemini and of Vertex AI; a chunk of a stream looks the same.

use super::object::Object;
use super::said;
use crate::usage::reply::Reply;
use crate::usage::saying::Speech;
use crate::usage::tokens::Count;

pub(super) fn read(reply: Object<'_>, into: &mut Reply) -> bool {
    let usage = reply
        .object("usageMetadata")
        .filter(|usage| usage.has("promptTokenCount") || usage.has("totalTokenCount"));
    let has_form = |candidate: Object<'_>| {
        candidate.object("content").is_some_and(|content| {
            content.list("parts").is_some() || content.text("role") == Some("model")
        })
    };
    if usage.is_none() && !reply.objects("candidates").next().is_some_and(has_form) {
        return false;
    }
    into.id(reply.text("responseId")).model(reply.text("modelVersion"));
    for (place, candidate) in reply.objects("candidates").enumerate() {
        // The first one's index is left out, for it is 0.
        into.choice(place).choice(candidate.count("index"));
        let reason = candidate.text("finishReason");
        into.finish_reason(reason.filter(|reason| *reason != "FINISH_REASON_UNSPECIFIED"));
        if let Some(content) = candidate.object("content") {
            read_content(content, into);
        }
    }
    if let Some(usage) = usage {
        read_usage(usage, into);
    }
    true
}

/// A whole reply looks like a chunk, whose texts are pieces.
fn read_content(content: Object<'_>, into: &mut Reply) {
    for part in content.objects("parts") {
        if part.is_text("text") {
            let speech = if part.is_true("thought") { Speech::Reasoning } else { Speech::Text };
            into.say(speech, None, part.words("text"));
        } else {
            said::part(part, into);
        }
    }
}

/// Cached tokens are part of the prompt; thoughts stand beside the candidates, and what tools put in
/// stands beside the prompt.
fn read_usage(usage: Object<'_>, into: &mut Reply) {
    let tools = usage.count("toolUsePromptTokenCount").unwrap_or(0);
    let thoughts = usage.count("thoughtsTokenCount");
    // Who stops while it thinks counts no candidates; what earlier chunks counted stays.
    let is_thought_alone = thoughts.is_some() && !into.consumed().knows(Count::VisibleOutput);
    let visible = usage.count("candidatesTokenCount").or(is_thought_alone.then_some(0));
    into.input_tokens(usage.count("promptTokenCount").map(|prompt| prompt.saturating_add(tools)))
        .cache_read_input_tokens(usage.count("cachedContentTokenCount"))
        .visible_output_tokens(visible)
        .reasoning_output_tokens(thoughts);
    let input = Modalities::of(usage, &["promptTokensDetails", "toolUsePromptTokensDetails"]);
    into.text_input_tokens(input.text)
        .image_input_tokens(input.image)
        .audio_input_tokens(input.audio);
    let cached = Modalities::of(usage, &["cacheTokensDetails"]);
    into.text_cache_read_input_tokens(cached.text)
        .image_cache_read_input_tokens(cached.image)
        .audio_cache_read_input_tokens(cached.audio);
    let output = Modalities::of(usage, &["candidatesTokensDetails"]);
    into.text_output_tokens(output.text)
        .image_output_tokens(output.image)
        .audio_output_tokens(output.audio);
}

/// What the tokens stand for, where there are any.
#[derive(Default)]
struct Modalities {
    text: Option<u64>,
    image: Option<u64>,
    audio: Option<u64>,
}

impl Modalities {
    fn of(usage: Object<'_>, lists: &[&str]) -> Self {
        let mut modalities = Self::default();
        for item in lists.iter().flat_map(|list| usage.objects(list)) {
            let count = match item.text("modality") {
                Some("TEXT") => &mut modalities.text,
                Some("IMAGE") => &mut modalities.image,
                Some("AUDIO") => &mut modalities.audio,
                _ => continue,
            };
            if let Some(more) = item.some("tokenCount") {
                *count = Some(count.unwrap_or(0).saturating_add(more));
            }
        }
        modalities
    }
}
