//! genai.
#![allow(clippy::needless_pass_by_value, reason = "bodies are written where they are used")]

use genai::chat::{
    Binary, ChatResponse, ChatStreamEvent, ContentPart, MessageContent, StreamChunk, StreamEnd,
    ToolCall, ToolChunk, Usage,
};
use genai::{ModelIden, adapter::AdapterKind};
use serde_json::{Value, json};

use crate::content::message::Message;
use crate::usage::reply::{LlmResponse, Reply};

fn said<T: LlmResponse>(replies: &[T]) -> Value {
    let mut reply = Reply::default();
    reply.listen();
    for one in replies {
        reply.read(one);
    }
    reply.take_output_messages().into_iter().map(Message::into_output).collect()
}

fn call(arguments: Value) -> ToolCall {
    ToolCall {
        call_id: "c-1".to_owned(),
        fn_name: "weather".to_owned(),
        fn_arguments: arguments,
        thought_signatures: None,
    }
}

fn called() -> Value {
    json!({"type": "tool_call", "id": "c-1", "name": "weather", "arguments": {"city": "Bern"}})
}

#[test]
fn a_reply_says_what_its_content_says() {
    let model = ModelIden::new(AdapterKind::OpenAI, "m");
    let content = MessageContent::from_parts(vec![
        ContentPart::Text("Look.".to_owned()),
        ContentPart::Binary(Binary::from_base64("image/png", "AAAA", None)),
        ContentPart::ToolCall(call(json!({"city": "Bern"}))),
    ]);
    let reply = ChatResponse {
        content,
        reasoning_content: Some("Hm.".to_owned()),
        model_iden: model.clone(),
        provider_model_iden: model,
        stop_reason: Some("tool_calls".to_owned().into()),
        usage: Usage::default(),
        captured_raw_body: None,
        response_id: None,
    };
    let expected = json!([{"role": "assistant", "finish_reason": "tool_calls", "parts": [
        {"type": "reasoning", "content": "Hm."},
        {"type": "text", "content": "Look."},
        {"type": "blob", "modality": "image", "mime_type": "image/png", "content": "AAAA"},
        called()
    ]}]);
    assert_eq!(said(std::slice::from_ref(&reply)), expected);
    assert_eq!(said(&[reply.clone(), reply]), expected);
}

#[test]
fn a_stream_says_its_pieces_and_its_calls_once() {
    let chunk = |content: &str| StreamChunk { content: content.to_owned() };
    let growing = |arguments: &str| {
        let tool_call = call(Value::String(arguments.to_owned()));
        ChatStreamEvent::ToolCallChunk(ToolChunk { tool_call })
    };
    let content = MessageContent::from_tool_calls(vec![call(json!({"city": "Bern"}))]);
    let end = StreamEnd {
        captured_content: Some(content),
        captured_stop_reason: Some("tool_calls".to_owned().into()),
        ..StreamEnd::default()
    };
    let events = [
        ChatStreamEvent::Start,
        ChatStreamEvent::ReasoningChunk(chunk("Hm.")),
        ChatStreamEvent::Chunk(chunk("Lo")),
        ChatStreamEvent::Chunk(chunk("ok.")),
        growing("{\"city\":"),
        growing("{\"city\":\"Bern\"}"),
        ChatStreamEvent::End(end),
    ];
    assert_eq!(
        said(&events),
        json!([{"role": "assistant", "finish_reason": "tool_calls", "parts": [
            {"type": "reasoning", "content": "Hm."}, {"type": "text", "content": "Look."}, called()
        ]}])
    );
}
