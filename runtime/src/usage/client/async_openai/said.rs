//! What async-openai's replies say.

use async_openai::types::chat::{
    ChatCompletionMessageToolCalls, ChatCompletionResponseMessage,
    ChatCompletionStreamResponseDelta,
};
use async_openai::types::responses::{
    OutputItem, OutputMessageContent, ReasoningItem, ReasoningItemContent, ResponseStreamEvent,
    SummaryPart,
};

use crate::usage::reply::Reply;
use crate::usage::saying::{CallPiece, Place, Speech};

/// A whole message, in place of what was said before of its choice.
pub(super) fn message(message: &ChatCompletionResponseMessage, reply: &mut Reply) {
    reply.say_anew().text(&message.content).refusal(&message.refusal);
    if let Some(audio) = &message.audio {
        #[cfg(feature = "content")]
        if reply.is_content_captured() {
            reply.part(crate::content::message::Part::blob("audio", None, &*audio.data));
        }
        reply.text(&audio.transcript);
    }
    for call in message.tool_calls.iter().flatten() {
        match call {
            ChatCompletionMessageToolCalls::Function(call) => {
                reply.tool_call(&call.id, &call.function.name, &call.function.arguments)
            }
            ChatCompletionMessageToolCalls::Custom(call) => {
                reply.tool_call(&call.id, &call.custom_tool.name, &call.custom_tool.input)
            }
        };
    }
    #[allow(deprecated, reason = "servers still send it")]
    if let Some(function) = &message.function_call {
        reply.tool_call("", &function.name, &function.arguments);
    }
}

/// The next piece of a message.
pub(super) fn delta(delta: &ChatCompletionStreamResponseDelta, reply: &mut Reply) {
    reply.text(&delta.content).refusal(&delta.refusal);
    for call in delta.tool_calls.iter().flatten() {
        let function = call.function.as_ref();
        let name = function.and_then(|function| function.name.as_deref());
        let arguments = function.and_then(|function| function.arguments.as_deref());
        reply.tool_call_piece(call.index, &call.id, name, arguments);
    }
    #[allow(deprecated, reason = "servers still send it")]
    if let Some(function) = &delta.function_call {
        reply.tool_call_piece(u64::MAX, "", &function.name, &function.arguments);
    }
}

/// All that a response holds, in place of what was said of it before; the first events hold nothing yet.
pub(super) fn output(items: &[OutputItem], reply: &mut Reply) {
    if items.is_empty() || !reply.is_content_captured() {
        return;
    }
    reply.say_anew();
    for (at, item) in (0..).zip(items) {
        whole(at, item, reply);
    }
}

fn whole(at: u64, item: &OutputItem, reply: &mut Reply) {
    match item {
        OutputItem::Message(message) => {
            for (part, content) in (0..).zip(&message.content) {
                let (speech, words) = match content {
                    OutputMessageContent::OutputText(text) => (Speech::Text, &text.text),
                    OutputMessageContent::Refusal(refusal) => (Speech::Refusal, &refusal.refusal),
                };
                reply.say(speech, Some((at, part)), words);
            }
        }
        OutputItem::Reasoning(item) => {
            reply.say(Speech::Reasoning, Some((at, 0)), &thought(item));
        }
        OutputItem::FunctionCall(call) => {
            reply.tool_call(&call.call_id, &call.name, &call.arguments);
        }
        OutputItem::CustomToolCall(call) => {
            reply.tool_call(&call.call_id, &call.name, &call.input);
        }
        other => rest(other, reply),
    }
}

/// An item of any other type, as it is sent.
#[cfg_attr(not(feature = "content"), allow(unused_variables, reason = "nothing is kept"))]
fn rest(item: &OutputItem, reply: &mut Reply) {
    #[cfg(feature = "content")]
    if let Ok(item) = serde_json::to_value(item) {
        for part in crate::content::shape::said_in_item(&item) {
            reply.part(part);
        }
    }
}

/// Its own thoughts where it tells them, else their summary.
fn thought(item: &ReasoningItem) -> String {
    let texts: Vec<&str> = match item.content.as_deref().filter(|content| !content.is_empty()) {
        Some(content) => content
            .iter()
            .map(|part| {
                let ReasoningItemContent::ReasoningText(thought) = part;
                &*thought.text
            })
            .collect(),
        None => item
            .summary
            .iter()
            .map(|part| {
                let SummaryPart::SummaryText(summary) = part;
                &*summary.text
            })
            .collect(),
    };
    texts.join("\n")
}

/// A piece of what the response will hold in the end.
pub(super) fn event(event: &ResponseStreamEvent, reply: &mut Reply) {
    if !reply.is_content_captured() {
        return;
    }
    let place = |item: u32, content: u32| Some((item.into(), content.into()));
    match event {
        ResponseStreamEvent::ResponseOutputTextDelta(event) => {
            reply.say(Speech::Text, place(event.output_index, event.content_index), &event.delta);
        }
        ResponseStreamEvent::ResponseRefusalDelta(event) => {
            let place = place(event.output_index, event.content_index);
            reply.say(Speech::Refusal, place, &event.delta);
        }
        ResponseStreamEvent::ResponseReasoningTextDelta(event) => {
            let place = place(event.output_index, event.content_index);
            reply.say(Speech::Reasoning, place, &event.delta);
        }
        ResponseStreamEvent::ResponseReasoningSummaryTextDelta(event) => {
            let place = place(event.output_index, event.summary_index);
            reply.say(Speech::Reasoning, place, &event.delta);
        }
        ResponseStreamEvent::ResponseOutputItemAdded(event) => {
            let (id, name) = match &event.item {
                OutputItem::FunctionCall(call) => (&call.call_id, &call.name),
                OutputItem::CustomToolCall(call) => (&call.call_id, &call.name),
                _ => return,
            };
            let place = place(event.output_index, 0);
            reply.call(CallPiece { place, id, name, ..CallPiece::default() });
        }
        ResponseStreamEvent::ResponseFunctionCallArgumentsDelta(event) => {
            arguments(place(event.output_index, 0), &event.delta, reply);
        }
        ResponseStreamEvent::ResponseCustomToolCallInputDelta(event) => {
            arguments(place(event.output_index, 0), &event.delta, reply);
        }
        ResponseStreamEvent::ResponseOutputItemDone(event) => match &event.item {
            OutputItem::Message(_)
            | OutputItem::Reasoning(_)
            | OutputItem::FunctionCall(_)
            | OutputItem::CustomToolCall(_) => {}
            other => rest(other, reply),
        },
        _ => {}
    }
}

fn arguments(place: Option<Place>, arguments: &str, reply: &mut Reply) {
    reply.call(CallPiece { place, arguments, ..CallPiece::default() });
}
