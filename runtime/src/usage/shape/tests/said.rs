//! What replies say, as the providers document them.
#![allow(clippy::needless_pass_by_value, reason = "bodies are written where they are used")]

use serde_json::{Value, json};

use crate::content::message::Message;
use crate::usage::reply::Reply;

/// The messages that these chunks make, one after the other.
fn said(chunks: &[Value]) -> Value {
    let mut reply = Reply::default();
    reply.listen();
    for chunk in chunks {
        reply.read(chunk);
    }
    reply.take_output_messages().into_iter().map(Message::into_output).collect()
}

fn answered(parts: Value, reason: &str) -> Value {
    json!([{"role": "assistant", "parts": parts, "finish_reason": reason}])
}

fn text(content: &str) -> Value {
    json!({"type": "text", "content": content})
}

fn thought(content: &str) -> Value {
    json!({"type": "reasoning", "content": content})
}

fn weather(id: &str) -> Value {
    json!({"type": "tool_call", "id": id, "name": "weather", "arguments": {"city": "Bern"}})
}

#[test]
fn a_chat_completion_says_one_message_for_each_choice() {
    let call = json!([{"id": "c-1", "type": "function",
        "function": {"name": "weather", "arguments": "{\"city\":\"Bern\"}"}}]);
    let reply = json!({"id": "r", "object": "chat.completion", "model": "m", "choices": [
        {"index": 1, "message": {"role": "assistant", "content": null, "refusal": "No."},
            "finish_reason": "stop"},
        {"index": 0, "message": {"role": "assistant", "content": "Look.", "tool_calls": call,
            "reasoning_content": "Hm."}, "finish_reason": "tool_calls"}
    ]});
    let expected = json!([
        {"role": "assistant", "parts": [thought("Hm."), text("Look."), weather("c-1")],
            "finish_reason": "tool_calls"},
        {"role": "assistant", "parts": [{"type": "refusal", "content": "No."}],
            "finish_reason": "stop"}
    ]);
    assert_eq!(said(std::slice::from_ref(&reply)), expected);
    assert_eq!(said(&[reply.clone(), reply]), expected);
}

#[test]
fn deprecated_calls_customs_and_sound_are_said_too() {
    let message = json!({"role": "assistant", "content": "",
        "function_call": {"name": "weather", "arguments": "{\"city\":\"Bern\"}"},
        "tool_calls": [{"id": "c-2", "type": "custom", "custom": {"name": "sql", "input": "select 1"}}],
        "audio": {"id": "audio_1", "data": "AAAA", "transcript": "Hello.", "expires_at": 1}});
    let reply = json!({"object": "chat.completion", "choices": [
        {"index": 0, "message": message, "finish_reason": "stop"}]});
    assert_eq!(
        said(&[reply])[0]["parts"],
        json!([
            {"type": "blob", "modality": "audio", "content": "AAAA", "transcript": "Hello."},
            {"type": "tool_call", "id": "c-2", "name": "sql", "arguments": "select 1"},
            {"type": "tool_call", "name": "weather", "arguments": {"city": "Bern"}},
        ])
    );
}

#[test]
fn a_chat_completion_is_joined_from_its_chunks() {
    let chunk = |index: u8, delta: Value, reason: Value| {
        json!({"id": "r", "object": "chat.completion.chunk", "model": "m",
            "choices": [{"index": index, "delta": delta, "finish_reason": reason}]})
    };
    let call = |id: Value, name: Value, arguments: &str| {
        json!({"tool_calls": [{"index": 0, "id": id, "function":
            {"name": name, "arguments": arguments}}]})
    };
    let none = Value::Null;
    let chunks = [
        chunk(0, json!({"role": "assistant", "content": ""}), none.clone()),
        chunk(0, json!({"reasoning": "H", "reasoning_content": "H"}), none.clone()),
        chunk(0, json!({"reasoning_content": "m."}), none.clone()),
        chunk(1, json!({"refusal": "No"}), none.clone()),
        chunk(0, json!({"content": "Lo"}), none.clone()),
        chunk(1, json!({"refusal": "."}), json!("stop")),
        chunk(0, json!({"content": "ok."}), none.clone()),
        chunk(0, call(json!("c-1"), json!("weather"), ""), none.clone()),
        chunk(0, call(none.clone(), none.clone(), "{\"city\":"), none.clone()),
        chunk(0, call(none.clone(), none.clone(), "\"Bern\"}"), none),
        chunk(0, json!({}), json!("tool_calls")),
        json!({"id": "r", "object": "chat.completion.chunk", "choices": [],
            "usage": {"prompt_tokens": 1, "completion_tokens": 2}}),
    ];
    let said = said(&chunks);
    assert_eq!(said[0]["parts"], json!([thought("Hm."), text("Look."), weather("c-1")]));
    assert_eq!(said[0]["finish_reason"], "tool_calls");
    assert_eq!(said[1]["parts"], json!([{"type": "refusal", "content": "No."}]));
}

#[test]
fn a_completion_says_its_text() {
    let chunk = |text: &str, reason: Value| {
        json!({"object": "text_completion", "choices": [
            {"index": 0, "text": text, "finish_reason": reason}]})
    };
    let chunks = [chunk("Once ", Value::Null), chunk("upon", json!("length"))];
    assert_eq!(said(&chunks), answered(json!([text("Once upon")]), "length"));
}

fn response(output: Value, status: &str) -> Value {
    json!({"id": "resp_1", "object": "response", "status": status, "model": "m", "output": output})
}

fn output() -> Value {
    json!([
        {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "Hm."}]},
        {"type": "web_search_call", "id": "ws_1", "status": "completed"},
        {"type": "function_call", "id": "fc_1", "call_id": "c-1", "name": "weather",
            "arguments": "{\"city\":\"Bern\"}", "status": "completed"},
        {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [
            {"type": "output_text", "text": "Rain.", "annotations": []},
            {"type": "refusal", "refusal": "No more."}]}
    ])
}

fn responded() -> Value {
    json!([
        thought("Hm."),
        {"type": "web_search_call", "id": "ws_1", "status": "completed"},
        weather("c-1"),
        text("Rain."),
        {"type": "refusal", "content": "No more."}
    ])
}

#[test]
fn a_response_says_what_its_items_say() {
    assert_eq!(said(&[response(output(), "completed")]), answered(responded(), "completed"));
}

fn response_events() -> Vec<Value> {
    let delta = |kind: &str, item: u8, delta: &str| {
        json!({"type": format!("response.{kind}.delta"), "output_index": item,
            "content_index": 0, "delta": delta})
    };
    let added = json!({"type": "response.output_item.added", "output_index": 2, "item":
        {"type": "function_call", "id": "fc_1", "call_id": "c-1", "name": "weather", "arguments": ""}});
    let found = json!({"type": "response.output_item.done", "output_index": 1,
        "item": {"type": "web_search_call", "id": "ws_1", "status": "completed"}});
    vec![
        json!({"type": "response.created", "response": response(json!([]), "in_progress")}),
        json!({"type": "response.reasoning_summary_text.delta", "output_index": 0,
            "summary_index": 0, "delta": "Hm."}),
        found,
        added,
        delta("function_call_arguments", 2, "{\"city\":"),
        delta("function_call_arguments", 2, "\"Bern\"}"),
        delta("output_text", 3, "Ra"),
        delta("output_text", 3, "in."),
        json!({"type": "response.refusal.delta", "output_index": 3, "content_index": 1,
            "delta": "No more."}),
    ]
}

#[test]
fn the_events_of_a_response_say_it_piece_by_piece_and_once() {
    let mut events = response_events();
    assert_eq!(said(&events), answered(responded(), ""));
    events.push(json!({"type": "response.completed", "response": response(output(), "completed")}));
    assert_eq!(said(&events), answered(responded(), "completed"));
}

fn anthropic_blocks() -> Value {
    json!([
        {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"},
        {"type": "server_tool_use", "id": "srv_1", "name": "web_search", "input": {"query": "rain"}},
        {"type": "web_search_tool_result", "tool_use_id": "srv_1", "content": [{"url": "u"}]},
        {"type": "text", "text": "Look."},
        {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"city": "Bern"}}
    ])
}

fn anthropic_said() -> Value {
    json!([
        thought("Hm."),
        {"type": "server_tool_call", "id": "srv_1", "name": "web_search",
            "server_tool_call": {"type": "web_search", "arguments": {"query": "rain"}}},
        {"type": "server_tool_call_response", "id": "srv_1", "server_tool_call_response":
            {"type": "web_search_tool_result", "content": [{"url": "u"}]}},
        text("Look."),
        weather("toolu_1")
    ])
}

#[test]
fn a_message_of_anthropic_says_its_blocks() {
    let message = json!({"id": "msg_1", "type": "message", "role": "assistant", "model": "m",
        "content": anthropic_blocks(), "stop_reason": "tool_use"});
    assert_eq!(said(&[message]), answered(anthropic_said(), "tool_use"));
}

#[test]
fn the_events_of_anthropic_say_a_message() {
    let start = |index: u8, block: Value| json!({"type": "content_block_start", "index": index, "content_block": block});
    let delta = |index: u8, delta: Value| json!({"type": "content_block_delta", "index": index, "delta": delta});
    let input = |index: u8, json: &str| {
        delta(index, json!({"type": "input_json_delta", "partial_json": json}))
    };
    let blocks = anthropic_blocks();
    let events = [
        json!({"type": "message_start", "message": {"id": "msg_1", "type": "message",
            "role": "assistant", "model": "m", "content": [], "stop_reason": null}}),
        start(0, json!({"type": "thinking", "thinking": "", "signature": ""})),
        json!({"type": "ping"}),
        delta(0, json!({"type": "thinking_delta", "thinking": "H"})),
        delta(0, json!({"type": "thinking_delta", "thinking": "m."})),
        delta(0, json!({"type": "signature_delta", "signature": "c2ln"})),
        json!({"type": "content_block_stop", "index": 0}),
        start(
            1,
            json!({"type": "server_tool_use", "id": "srv_1", "name": "web_search", "input": {}}),
        ),
        input(1, "{\"query\":"),
        input(1, "\"rain\"}"),
        start(2, blocks[2].clone()),
        start(3, json!({"type": "text", "text": ""})),
        delta(3, json!({"type": "text_delta", "text": "Look"})),
        delta(3, json!({"type": "text_delta", "text": "."})),
        start(4, json!({"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {}})),
        input(4, ""),
        input(4, "{\"city\": \"Be"),
        input(4, "rn\"}"),
        json!({"type": "message_delta", "delta": {"stop_reason": "tool_use"},
            "usage": {"output_tokens": 9}}),
        json!({"type": "message_stop"}),
    ];
    assert_eq!(said(&events), answered(anthropic_said(), "tool_use"));
}

#[test]
fn chunks_of_gemini_say_candidates() {
    let chunk = |parts: Value, reason: Value| {
        json!({"candidates": [{"content": {"role": "model", "parts": parts},
            "finishReason": reason}], "usageMetadata": {"promptTokenCount": 1}})
    };
    let chunks = [
        chunk(json!([{"text": "H", "thought": true}]), Value::Null),
        chunk(json!([{"text": "m.", "thought": true}, {"text": "Lo"}]), Value::Null),
        chunk(json!([{"text": "ok."}]), Value::Null),
        chunk(
            json!([{"functionCall": {"name": "weather", "args": {"city": "Bern"}}},
                {"inlineData": {"mimeType": "image/png", "data": "AAAA"}},
                {"executableCode": {"language": "PYTHON", "code": "1"}}]),
            json!("STOP"),
        ),
    ];
    assert_eq!(
        said(&chunks),
        answered(
            json!([
                thought("Hm."),
                text("Look."),
                {"type": "tool_call", "name": "weather", "arguments": {"city": "Bern"}},
                {"type": "blob", "modality": "image", "mime_type": "image/png", "content": "AAAA"},
                {"type": "unknown", "executableCode": {"language": "PYTHON", "code": "1"}}
            ]),
            "STOP"
        )
    );
}

#[test]
fn ollama_says_it_whole_and_in_chunks() {
    let chunk = |message: Value, done: bool| {
        json!({"model": "m", "message": message, "done": done,
            "done_reason": if done { json!("stop") } else { Value::Null }})
    };
    let call = json!([{"function": {"name": "weather", "arguments": {"city": "Bern"}}}]);
    let chunks = [
        chunk(json!({"role": "assistant", "content": "", "thinking": "Hm."}), false),
        chunk(json!({"role": "assistant", "content": "Lo"}), false),
        chunk(json!({"role": "assistant", "content": "ok.", "tool_calls": call}), false),
        chunk(json!({"role": "assistant", "content": ""}), true),
    ];
    let called = json!({"type": "tool_call", "name": "weather", "arguments": {"city": "Bern"}});
    assert_eq!(said(&chunks), answered(json!([thought("Hm."), text("Look."), called]), "stop"));
    let generated = json!({"model": "m", "response": "Rain.", "done": true, "done_reason": "stop"});
    assert_eq!(said(&[generated]), answered(json!([text("Rain.")]), "stop"));
}

#[test]
fn cohere_says_it_whole_and_in_events() {
    let whole = json!({"id": "c", "finish_reason": "TOOL_CALL", "usage": {}, "message":
        {"role": "assistant", "tool_plan": "Hm.", "content": [{"type": "text", "text": "Look."}],
            "tool_calls": [{"id": "t-1", "type": "function", "function":
                {"name": "weather", "arguments": "{\"city\":\"Bern\"}"}}]}});
    let expected = answered(json!([thought("Hm."), text("Look."), weather("t-1")]), "TOOL_CALL");
    assert_eq!(said(&[whole]), expected);
    let event = |kind: &str, message: Value| json!({"type": kind, "index": 0, "delta": {"message": message}});
    let call = |call: Value| json!({"tool_calls": call});
    let events = [
        json!({"type": "message-start", "id": "c", "delta": {"message": {"role": "assistant"}}}),
        event("tool-plan-delta", json!({"tool_plan": "H"})),
        event("tool-plan-delta", json!({"tool_plan": "m."})),
        event("content-start", json!({"content": {"type": "text", "text": ""}})),
        event("content-delta", json!({"content": {"text": "Lo"}})),
        event("content-delta", json!({"content": {"text": "ok."}})),
        event(
            "tool-call-start",
            call(json!({"id": "t-1", "type": "function",
            "function": {"name": "weather", "arguments": ""}})),
        ),
        event("tool-call-delta", call(json!({"function": {"arguments": "{\"city\":\"Bern\"}"}}))),
        json!({"type": "message-end", "delta": {"finish_reason": "TOOL_CALL", "usage": {}}}),
    ];
    assert_eq!(said(&events), expected);
}

#[test]
fn bedrock_says_it_whole_and_in_events() {
    let whole = json!({"stopReason": "tool_use", "output": {"message": {"role": "assistant",
        "content": [
            {"reasoningContent": {"reasoningText": {"text": "Hm.", "signature": "s"}}},
            {"text": "Look."},
            {"toolUse": {"toolUseId": "t-1", "name": "weather", "input": {"city": "Bern"}}}
        ]}}, "usage": {"inputTokens": 1, "outputTokens": 2}});
    let expected = answered(json!([thought("Hm."), text("Look."), weather("t-1")]), "tool_use");
    assert_eq!(said(&[whole]), expected);
    let delta = |index: u8, delta: Value| json!({"contentBlockDelta": {"contentBlockIndex": index, "delta": delta}});
    let events = [
        json!({"messageStart": {"role": "assistant"}}),
        delta(0, json!({"reasoningContent": {"text": "Hm."}})),
        delta(0, json!({"reasoningContent": {"signature": "s"}})),
        delta(1, json!({"text": "Lo"})),
        json!({"contentBlockIndex": 1, "delta": {"text": "ok."}}),
        json!({"contentBlockStart": {"contentBlockIndex": 2, "start":
            {"toolUse": {"toolUseId": "t-1", "name": "weather"}}}}),
        delta(2, json!({"toolUse": {"input": "{\"city\":"}})),
        delta(2, json!({"toolUse": {"input": "\"Bern\"}"}})),
        json!({"messageStop": {"stopReason": "tool_use"}}),
    ];
    assert_eq!(said(&events), expected);
}

#[test]
fn a_stream_that_breaks_off_amid_a_call_keeps_the_beginning_as_text() {
    let mut events = response_events();
    events.truncate(5);
    assert_eq!(
        said(&events)[0]["parts"][2],
        json!({"type": "tool_call", "id": "c-1", "name": "weather", "arguments": "{\"city\":"})
    );
}

#[test]
fn what_is_no_reply_says_nothing() {
    for body in [json!({"error": {"message": "no"}}), json!([]), json!("text"), json!({})] {
        assert_eq!(said(&[body]), json!([]));
    }
}
