//! What replies say by themselves, on spans and on events.

use futures::executor::block_on;
use futures::stream::{self, Stream, StreamExt as _};
use serde_json::{Value, json};
use spanline::{ContentCapture, ContentMode, TelemetryBuilder, scope, trace_llm_call};

use super::{KEY, MASKED, OUTPUT, attribute, json_of, record, sent, span, turn};

fn chat(text: &str) -> Value {
    json!({
        "id": "r-1", "object": "chat.completion", "model": "m-1",
        "choices": [{"index": 0, "finish_reason": "stop",
            "message": {"role": "assistant", "content": text}}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 2},
    })
}

fn chat_chunks(texts: &[&str]) -> Vec<Value> {
    let chunk = |delta: Value, reason: Value| {
        json!({"id": "r-1", "object": "chat.completion.chunk", "model": "m-1",
            "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]})
    };
    let mut last = chunk(json!({}), json!("stop"));
    last["usage"] = json!({"prompt_tokens": 1, "completion_tokens": 2});
    texts.iter().map(|text| chunk(json!({"content": text}), Value::Null)).chain([last]).collect()
}

fn anthropic(text: &str) -> Value {
    json!({
        "id": "r-1", "type": "message", "role": "assistant", "model": "m-1",
        "content": [{"type": "text", "text": text}], "stop_reason": "stop",
        "usage": {"input_tokens": 1, "output_tokens": 2},
    })
}

fn anthropic_events(texts: &[&str]) -> Vec<Value> {
    let start = json!({"type": "message_start", "message": {"id": "r-1", "type": "message",
        "role": "assistant", "model": "m-1", "content": [],
        "usage": {"input_tokens": 1, "output_tokens": 1}}});
    let block = json!({"type": "content_block_start", "index": 0,
        "content_block": {"type": "text", "text": ""}});
    let deltas = texts.iter().map(|text| {
        json!({"type": "content_block_delta", "index": 0,
            "delta": {"type": "text_delta", "text": text}})
    });
    let stop = json!({"type": "message_delta", "delta": {"stop_reason": "stop"},
        "usage": {"output_tokens": 2}});
    [start, block].into_iter().chain(deltas).chain([stop]).collect()
}

#[trace_llm_call(provider = "openai", model = "m")]
fn whole(reply: Value) -> Value {
    reply
}

#[trace_llm_call(provider = "openai", model = "m")]
fn streamed(chunks: Vec<Value>) -> impl Stream<Item = Value> {
    stream::iter(chunks)
}

#[trace_llm_call(provider = "openai", model = "m", output_messages = |_| "chosen")]
fn chosen(reply: Value) -> Value {
    reply
}

#[trace_llm_call(provider = "openai", model = "m", output_messages = |_| "cho")]
fn chosen_streamed(chunks: Vec<Value>) -> impl Stream<Item = Value> {
    stream::iter(chunks)
}

fn drain(chunks: Vec<Value>) {
    block_on(streamed(chunks).collect::<Vec<_>>());
}

fn capture(capture: ContentCapture) -> impl Fn(TelemetryBuilder) -> TelemetryBuilder {
    move |builder| builder.capture_content(capture).inference_events(true)
}

fn said(text: &str) -> Value {
    let part = json!({"type": "text", "content": text});
    json!([{"role": "assistant", "parts": [part], "finish_reason": "stop"}])
}

/// The same reply, whole and in pieces that a mask alone would not know.
fn replies() -> [Box<dyn Fn()>; 4] {
    let text = format!("Write to alice@example.com with {KEY}");
    let (other, halves) = (text.clone(), ["Write to alice@exa", "mple.com with sk-aB3d"]);
    let pieces = move || [halves[0], halves[1], &KEY[KEY.find("E5").unwrap()..]].to_vec();
    [
        Box::new(move || drop(whole(chat(&text)))),
        Box::new(move || drop(whole(anthropic(&other)))),
        Box::new(move || drain(chat_chunks(&pieces()))),
        Box::new(move || drain(anthropic_events(&pieces()))),
    ]
}

#[test]
fn a_reply_and_its_stream_say_the_same_on_span_and_event_masked() {
    let _turn = turn();
    for reply in replies() {
        let receiver = sent(capture(ContentCapture::SpanAndEvent), reply);
        let expected = said(&format!("Write to [masked:email] with {MASKED}"));
        assert_eq!(json_of(&span(&receiver), OUTPUT), expected);
        let event = record(&receiver);
        assert_eq!(attribute(&event.attributes, OUTPUT), expected);
        assert_eq!(attribute(&event.attributes, "gen_ai.response.id"), "r-1");
        assert_eq!(attribute(&event.attributes, "gen_ai.usage.output_tokens"), 2);
        assert!(!format!("{:?}", receiver.requests()).contains(KEY));
    }
}

#[test]
fn on_the_event_alone_it_is_not_on_the_span() {
    let _turn = turn();
    for reply in replies() {
        let receiver = sent(capture(ContentCapture::EventOnly), reply);
        assert_eq!(attribute(&span(&receiver).attributes, OUTPUT), Value::Null);
        assert_ne!(attribute(&record(&receiver).attributes, OUTPUT), Value::Null);
    }
}

#[test]
fn what_output_messages_names_wins_over_the_reply() {
    let _turn = turn();
    let part = json!({"type": "text", "content": "chosen"});
    let expected = json!([{"role": "assistant", "parts": [part], "finish_reason": ""}]);
    let receiver =
        sent(capture(ContentCapture::SpanAndEvent), || drop(chosen(chat("of the reply"))));
    assert_eq!(json_of(&span(&receiver), OUTPUT), expected);
    assert_eq!(attribute(&record(&receiver).attributes, OUTPUT), expected);

    let chunks = chat_chunks(&["of the ", "reply"]);
    let receiver = sent(capture(ContentCapture::SpanAndEvent), || {
        assert_eq!(block_on(chosen_streamed(chunks).count()), 3);
    });
    let text = "cho".repeat(3);
    assert_eq!(json_of(&span(&receiver), OUTPUT)[0]["parts"][0]["content"], text);
    assert_eq!(attribute(&record(&receiver).attributes, OUTPUT)[0]["parts"][0]["content"], text);
}

#[test]
fn what_a_scope_refuses_and_what_is_not_captured_is_nowhere() {
    let _turn = turn();
    for reply in replies() {
        let receiver = sent(capture(ContentCapture::SpanAndEvent), || {
            scope().capture_content(false).run_blocking(&reply);
        });
        assert_nothing_is_said(&receiver);
        assert_nothing_is_said(&sent(capture(ContentCapture::NoContent), &reply));
    }
}

fn assert_nothing_is_said(receiver: &super::Receiver) {
    let event = record(receiver);
    assert_eq!(attribute(&event.attributes, "gen_ai.response.id"), "r-1");
    assert!(!format!("{:?}", receiver.requests()).contains("Write to"));
}

#[test]
fn hashes_and_lengths_are_of_the_masked_reply() {
    let _turn = turn();
    for reply in replies() {
        let set = |mode| move |it| capture(ContentCapture::SpanAndEvent)(it).content_mode(mode);
        let masked = format!("Write to [masked:email] with {MASKED}");
        let receiver = sent(set(ContentMode::Length), &reply);
        let length = json!(masked.len());
        assert_eq!(json_of(&span(&receiver), "spanline.completion_length"), length);
        let event = record(&receiver);
        assert_eq!(attribute(&event.attributes, "spanline.completion_length"), length);

        let receiver = sent(set(ContentMode::Hash), &reply);
        // `printf '%s' 'Write to [masked:email] with [masked:openai-key]' | sha256sum`
        let expected = said("bf9e00208445c602347fe656eef54dd6a17ca686a3d8c4166f4bcbff8942f075");
        assert_eq!(json_of(&span(&receiver), OUTPUT), expected);
        assert_eq!(attribute(&record(&receiver).attributes, OUTPUT), expected);
    }
}
