//! async-openai.
#![allow(clippy::needless_pass_by_value, reason = "bodies are written where they are used")]

use async_openai::types::chat::{CreateChatCompletionResponse, CreateChatCompletionStreamResponse};
use async_openai::types::responses::{Response, ResponseStreamEvent};
use serde_json::{Value, json};

use super::said;

fn chat() -> Value {
    let calls = json!([
        {"id": "c-1", "type": "function", "function": {"name": "weather", "arguments": "{\"a\":1}"}},
    ]);
    json!({"id": "r", "object": "chat.completion", "created": 1, "model": "m", "choices": [
        {"index": 0, "finish_reason": "tool_calls", "logprobs": null, "message":
            {"role": "assistant", "content": "Look.", "refusal": null, "tool_calls": calls}},
        {"index": 1, "finish_reason": "stop", "logprobs": null, "message":
            {"role": "assistant", "content": null, "refusal": "No.",
                "function_call": {"name": "f", "arguments": "{}"}}}
    ]})
}

#[test]
fn a_chat_of_async_openai_says_what_its_json_says() {
    let said_by_client = said::<CreateChatCompletionResponse>(&[chat()]);
    assert_eq!(said_by_client[0]["parts"][1]["arguments"], json!({"a": 1}));
    assert_eq!(said_by_client[1]["parts"][0], json!({"type": "refusal", "content": "No."}));
    assert_eq!(said_by_client, said::<Value>(&[chat()]));
}

#[test]
fn chunks_of_async_openai_say_what_their_json_says() {
    let chunk = |index: u8, delta: Value, reason: Value| {
        json!({"id": "r", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices":
            [{"index": index, "delta": delta, "finish_reason": reason}]})
    };
    let call = |id: Value, name: Value, arguments: &str| {
        json!({"tool_calls": [{"index": 0, "id": id, "type": "function", "function":
            {"name": name, "arguments": arguments}}]})
    };
    let chunks = [
        chunk(0, json!({"role": "assistant", "content": "Lo"}), Value::Null),
        chunk(1, json!({"refusal": "No."}), json!("stop")),
        chunk(0, json!({"content": "ok."}), Value::Null),
        chunk(0, call(json!("c-1"), json!("weather"), "{\"a\""), Value::Null),
        chunk(0, call(Value::Null, Value::Null, ":1}"), json!("tool_calls")),
    ];
    let said_by_client = said::<CreateChatCompletionStreamResponse>(&chunks);
    assert_eq!(said_by_client[0]["parts"][0]["content"], "Look.");
    assert_eq!(said_by_client[0]["parts"][1]["arguments"], json!({"a": 1}));
    assert_eq!(said_by_client, said::<Value>(&chunks));
}

fn response(output: &Value, status: &str) -> Value {
    json!({"id": "resp_1", "object": "response", "created_at": 1, "status": status, "model": "m",
        "output": output, "parallel_tool_calls": true})
}

fn output() -> Value {
    json!([
        {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "Hm."}]},
        {"type": "function_call", "id": "fc_1", "call_id": "c-1", "name": "weather",
            "arguments": "{\"a\":1}", "status": "completed"},
        {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [
            {"type": "output_text", "text": "Rain.", "annotations": []},
            {"type": "refusal", "refusal": "No more."}]}
    ])
}

#[test]
fn a_response_of_async_openai_says_what_its_json_says() {
    let whole = [response(&output(), "completed")];
    let said_by_client = said::<Response>(&whole);
    assert_eq!(said_by_client[0]["parts"].as_array().unwrap().len(), 4);
    assert_eq!(said_by_client, said::<Value>(&whole));
}

#[test]
fn events_of_async_openai_say_what_their_json_says() {
    let delta = |kind: &str, item: u8, delta: &str| {
        json!({"type": format!("response.{kind}.delta"), "sequence_number": 1, "item_id": "i",
            "output_index": item, "content_index": 0, "delta": delta, "logprobs": []})
    };
    let mut events = vec![
        json!({"type": "response.created", "sequence_number": 0,
            "response": response(&json!([]), "in_progress")}),
        json!({"type": "response.reasoning_summary_text.delta", "sequence_number": 1,
            "item_id": "rs_1", "output_index": 0, "summary_index": 0, "delta": "Hm."}),
        json!({"type": "response.output_item.added", "sequence_number": 2, "output_index": 1,
            "item": {"type": "function_call", "id": "fc_1", "call_id": "c-1", "name": "weather",
                "arguments": ""}}),
        delta("function_call_arguments", 1, "{\"a\""),
        delta("function_call_arguments", 1, ":1}"),
        delta("output_text", 2, "Ra"),
        delta("output_text", 2, "in."),
        json!({"type": "response.refusal.delta", "sequence_number": 5, "item_id": "msg_1",
            "output_index": 2, "content_index": 1, "delta": "No more."}),
    ];
    let pieces = said::<ResponseStreamEvent>(&events);
    assert_eq!(pieces, said::<Value>(&events));
    events.push(json!({"type": "response.completed", "sequence_number": 9,
        "response": response(&output(), "completed")}));
    let whole = said::<ResponseStreamEvent>(&events);
    assert_eq!(whole[0]["parts"], pieces[0]["parts"]);
    assert_eq!(whole, said::<Value>(&events));
}
