//! Requests as the providers document them.
#![allow(clippy::needless_pass_by_value, reason = "bodies are written where they are used")]

use serde_json::{Value, json};

use super::{messages, system_instructions, tool_definitions};
use crate::content::message::{Message, Part};

fn read(request: &Value) -> Value {
    messages(request).into_iter().map(Message::into_input).collect()
}

fn instructed(request: &Value) -> Value {
    system_instructions(request).into_iter().map(Part::into_json).collect()
}

fn said(role: &str, parts: Value) -> Value {
    json!({"role": role, "parts": parts})
}

fn text(content: &str) -> Value {
    json!({"type": "text", "content": content})
}

/// The parts of a message of a user's with this content.
fn parts(content: Value) -> Value {
    read(&json!([{"role": "user", "content": content}]))[0]["parts"].clone()
}

#[test]
fn a_chat_of_openai_is_read_with_its_calls_and_their_results() {
    let chat = json!([
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": [
            {"type": "text", "text": "What is this?"},
            {"type": "image_url", "image_url": {"url": "https://example.com/a.png", "detail": "low"}},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
            {"type": "input_audio", "input_audio": {"data": "BBBB", "format": "wav"}},
            {"type": "file", "file": {"file_id": "file-1"}}
        ], "name": "ada"},
        {"role": "assistant", "content": null, "tool_calls": [
            {"id": "c-1", "type": "function",
                "function": {"name": "look", "arguments": "{\"at\":1}"}}]},
        {"role": "tool", "tool_call_id": "c-1", "content": "{\"seen\":true}"},
        {"role": "assistant", "content": "", "refusal": "No."}
    ]);
    let expected = json!([
        said("developer", json!([text("Be brief.")])),
        {"role": "user", "name": "ada", "parts": [
            text("What is this?"),
            {"type": "uri", "modality": "image", "uri": "https://example.com/a.png"},
            {"type": "blob", "modality": "image", "mime_type": "image/png", "content": "AAAA"},
            {"type": "blob", "modality": "audio", "mime_type": "audio/wav", "content": "BBBB"},
            {"type": "file", "modality": "file", "file_id": "file-1"}
        ]},
        said("assistant", json!([
            {"type": "tool_call", "id": "c-1", "name": "look", "arguments": {"at": 1}}])),
        said("tool", json!([
            {"type": "tool_call_response", "id": "c-1", "response": {"seen": true}}])),
        said("assistant", json!([{"type": "refusal", "content": "No."}]))
    ]);
    assert_eq!(read(&chat), expected);
    assert_eq!(read(&json!({"model": "m", "messages": chat})), expected);
    assert_eq!(instructed(&json!({"model": "m", "messages": chat})), json!([]));
}

#[test]
fn a_deprecated_function_is_a_tool() {
    let chat = json!([
        {"role": "assistant", "content": null,
            "function_call": {"name": "look", "arguments": "{}"}},
        {"role": "function", "name": "look", "content": "dark"}
    ]);
    assert_eq!(
        read(&chat),
        json!([
            said("assistant", json!([{"type": "tool_call", "name": "look", "arguments": {}}])),
            said(
                "tool",
                json!([
                {"type": "tool_call_response", "name": "look", "response": "dark"}])
            )
        ])
    );
}

#[test]
fn the_input_of_responses_is_read_item_by_item() {
    let request = json!({"model": "m", "instructions": "Be brief.", "input": [
        {"role": "user", "content": [
            {"type": "input_text", "text": "And this?"},
            {"type": "input_image", "image_url": "https://example.com/a.png"},
            {"type": "input_image", "file_id": "file-2"},
            {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,CC"}
        ]},
        {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "Hm."}],
            "encrypted_content": "x"},
        {"type": "function_call", "call_id": "c-1", "name": "look", "arguments": "{}", "id": "fc"},
        {"type": "function_call_output", "call_id": "c-1", "output": "dark"},
        {"type": "message", "role": "assistant", "id": "msg_1", "status": "completed",
            "content": [{"type": "output_text", "text": "Dark.", "annotations": []}]},
        {"type": "item_reference", "id": "msg_0"}
    ]});
    assert_eq!(
        read(&request),
        json!([
            said(
                "user",
                json!([
                    text("And this?"),
                    {"type": "uri", "modality": "image", "uri": "https://example.com/a.png"},
                    {"type": "file", "modality": "image", "file_id": "file-2"},
                    {"type": "blob", "modality": "file", "mime_type": "application/pdf",
                        "content": "CC", "filename": "a.pdf"}
                ])
            ),
            said("assistant", json!([{"type": "reasoning", "content": "Hm."}])),
            said(
                "assistant",
                json!([
                {"type": "tool_call", "id": "c-1", "name": "look", "arguments": {}}])
            ),
            said(
                "tool",
                json!([
                {"type": "tool_call_response", "id": "c-1", "response": "dark"}])
            ),
            said("assistant", json!([text("Dark.")])),
            said("user", json!([{"type": "item_reference", "id": "msg_0"}]))
        ])
    );
    assert_eq!(instructed(&request), json!([text("Be brief.")]));
    let asked = json!({"model": "m", "input": "What now?"});
    assert_eq!(read(&asked), json!([said("user", json!([text("What now?")]))]));
}

#[test]
fn a_request_of_anthropic_is_read() {
    let request = json!({"model": "m", "max_tokens": 9,
    "system": [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}],
    "messages": [
        {"role": "user", "content": "Hello."},
        {"role": "assistant", "content": [
            {"type": "thinking", "thinking": "Hm.", "signature": "s"},
            {"type": "redacted_thinking", "data": "x"},
            {"type": "tool_use", "id": "t-1", "name": "look", "input": {"at": 1}}]},
        {"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": "t-1", "is_error": true, "content": [
                {"type": "text", "text": "dark"},
                {"type": "image", "source": {"type": "base64", "media_type": "image/png",
                    "data": "AAAA"}}]},
            {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}},
            {"type": "document", "source": {"type": "file", "file_id": "f-1"}},
            {"type": "text", "text": "And now?"}]}
    ]});
    let image =
        json!({"type": "blob", "modality": "image", "mime_type": "image/png", "content": "AAAA"});
    assert_eq!(
        read(&request),
        json!([
            said("user", json!([text("Hello.")])),
            said(
                "assistant",
                json!([
                {"type": "reasoning", "content": "Hm."},
                {"type": "redacted_thinking", "data": "x"},
                {"type": "tool_call", "id": "t-1", "name": "look", "arguments": {"at": 1}}])
            ),
            said(
                "user",
                json!([
                {"type": "tool_call_response", "id": "t-1", "is_error": true,
                    "response": [text("dark"), image]},
                {"type": "uri", "modality": "image", "uri": "https://example.com/a.png"},
                {"type": "file", "modality": "document", "file_id": "f-1"},
                text("And now?")])
            )
        ])
    );
    assert_eq!(instructed(&request), json!([text("Be brief.")]));
    assert_eq!(instructed(&json!({"system": "Short.", "messages": []})), json!([text("Short.")]));
}

#[test]
fn a_request_of_gemini_is_read() {
    let request = json!({
    "systemInstruction": {"parts": [{"text": "Be brief."}]},
    "contents": [
        {"role": "user", "parts": [
            {"text": "What is this?"},
            {"inlineData": {"mimeType": "image/png", "data": "AAAA"}},
            {"file_data": {"mime_type": "video/mp4", "file_uri": "gs://a/b.mp4"}}]},
        {"role": "model", "parts": [
            {"text": "Hm.", "thought": true},
            {"functionCall": {"id": "c-1", "name": "look", "args": {"at": 1}}}]},
        {"role": "user", "parts": [
            {"functionResponse": {"id": "c-1", "name": "look", "response": {"seen": false}}}]},
        {"parts": [{"text": "And now?"}]}
    ]});
    assert_eq!(
        read(&request),
        json!([
            said(
                "user",
                json!([
                    text("What is this?"),
                    {"type": "blob", "modality": "image", "mime_type": "image/png", "content": "AAAA"},
                    {"type": "uri", "modality": "video", "uri": "gs://a/b.mp4", "mime_type": "video/mp4"}
                ])
            ),
            said(
                "assistant",
                json!([
                {"type": "reasoning", "content": "Hm."},
                {"type": "tool_call", "id": "c-1", "name": "look", "arguments": {"at": 1}}])
            ),
            said(
                "user",
                json!([{"type": "tool_call_response", "id": "c-1", "name": "look",
                "response": {"seen": false}}])
            ),
            said("user", json!([text("And now?")]))
        ])
    );
    assert_eq!(instructed(&request), json!([text("Be brief.")]));
    assert_eq!(instructed(&request["systemInstruction"]), json!([text("Be brief.")]));
}

#[test]
fn a_request_of_ollama_is_read() {
    let request = json!({"model": "m", "messages": [
        {"role": "user", "content": "What is this?", "images": ["AAAA"]},
        {"role": "assistant", "content": "", "thinking": "Hm.", "tool_calls": [
            {"function": {"name": "look", "arguments": {"at": 1}}}]},
        {"role": "tool", "tool_name": "look", "content": "dark"}
    ]});
    assert_eq!(
        read(&request),
        json!([
            said(
                "user",
                json!([
                text("What is this?"),
                {"type": "blob", "modality": "image", "content": "AAAA"}])
            ),
            said(
                "assistant",
                json!([
                {"type": "reasoning", "content": "Hm."},
                {"type": "tool_call", "name": "look", "arguments": {"at": 1}}])
            ),
            said(
                "tool",
                json!([
                {"type": "tool_call_response", "name": "look", "response": "dark"}])
            )
        ])
    );
    let generate = json!({"model": "m", "prompt": "Why?", "system": "Be brief.", "stream": false});
    assert_eq!(read(&generate), json!([said("user", json!([text("Why?")]))]));
    assert_eq!(instructed(&generate), json!([text("Be brief.")]));
}

#[test]
fn a_request_of_cohere_is_read() {
    let request = json!({"model": "m", "messages": [
        {"role": "assistant", "tool_plan": "Look first.", "tool_calls": [
            {"id": "c-1", "type": "function", "function": {"name": "look", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "c-1", "content": [
            {"type": "document", "document": {"data": {"seen": "no"}}}]}
    ]});
    assert_eq!(
        read(&request),
        json!([
            said(
                "assistant",
                json!([
                {"type": "reasoning", "content": "Look first."},
                {"type": "tool_call", "id": "c-1", "name": "look", "arguments": {}}])
            ),
            said(
                "tool",
                json!([{"type": "tool_call_response", "id": "c-1",
                "response": {"type": "document", "document": {"data": {"seen": "no"}}}}])
            )
        ])
    );
}

#[test]
fn a_request_of_bedrock_is_read() {
    let request = json!({"modelId": "m", "system": [{"text": "Be brief."}], "messages": [
        {"role": "user", "content": [
            {"text": "What is this?"},
            {"image": {"format": "png", "source": {"bytes": "AAAA"}}},
            {"document": {"format": "pdf", "name": "a", "source": {"s3Location": {"uri": "s3://a/b"}}}}
        ]},
        {"role": "assistant", "content": [
            {"reasoningContent": {"reasoningText": {"text": "Hm."}}},
            {"toolUse": {"toolUseId": "t-1", "name": "look", "input": {"at": 1}}}]},
        {"role": "user", "content": [{"toolResult": {"toolUseId": "t-1", "status": "error",
            "content": [{"json": {"seen": false}}]}}, {"cachePoint": {"type": "default"}}]}
    ]});
    assert_eq!(
        read(&request),
        json!([
            said(
                "user",
                json!([
                    text("What is this?"),
                    {"type": "blob", "modality": "image", "mime_type": "image/png", "content": "AAAA"},
                    {"type": "uri", "modality": "document", "uri": "s3://a/b",
                        "mime_type": "application/pdf"}
                ])
            ),
            said(
                "assistant",
                json!([
                {"type": "reasoning", "content": "Hm."},
                {"type": "tool_call", "id": "t-1", "name": "look", "arguments": {"at": 1}}])
            ),
            said(
                "user",
                json!([
                {"type": "tool_call_response", "id": "t-1", "is_error": true,
                    "response": {"seen": false}},
                {"type": "unknown", "cachePoint": {"type": "default"}}])
            )
        ])
    );
    assert_eq!(instructed(&request), json!([text("Be brief.")]));
}

#[test]
fn the_shape_of_the_conventions_passes_through() {
    let conversation = json!([
        {"role": "system", "parts": [text("Be brief.")]},
        {"role": "user", "name": "ada", "parts": [
            {"type": "uri", "modality": "image", "uri": "u", "mime_type": "image/png"},
            {"type": "blob", "modality": "image", "content": "AAAA"},
            {"type": "file", "modality": "image", "file_id": "f"},
            {"type": "compaction", "id": "c"}]},
        {"role": "assistant", "finish_reason": "tool_call", "parts": [
            {"type": "reasoning", "content": "Hm."},
            {"type": "tool_call", "id": "c-1", "name": "look", "arguments": {"at": 1}},
            {"type": "server_tool_call", "name": "s", "server_tool_call": {"type": "s"}}]},
        {"role": "tool", "parts": [
            {"type": "tool_call_response", "id": "c-1", "response": [1]}]}
    ]);
    assert_eq!(read(&conversation), conversation);
}

#[test]
fn one_message_one_part_and_mere_text_are_enough() {
    let hello = json!([said("user", json!([text("Hello.")]))]);
    for value in [
        json!("Hello."),
        json!({"role": "user", "content": "Hello."}),
        json!(["Hello."]),
        json!([{"type": "text", "text": "Hello."}]),
        json!([{"text": "Hello."}]),
        json!({"type": "text", "text": "Hello."}),
    ] {
        assert_eq!(read(&value), hello, "{value}");
    }
    assert_eq!(read(&Value::Null), json!([]));
    assert_eq!(instructed(&json!("Be brief.")), json!([text("Be brief.")]));
    assert_eq!(
        instructed(&json!(["a", {"type": "text", "content": "b"}])),
        json!([text("a"), text("b")])
    );
}

#[test]
fn what_nobody_knows_is_kept_as_it_is() {
    assert_eq!(
        parts(json!([{"type": "hologram", "data": [1]}, {"shape": "round"}, 7, [true]])),
        json!([
            {"type": "hologram", "data": [1]},
            {"type": "unknown", "shape": "round"},
            {"type": "unknown", "content": 7},
            {"type": "unknown", "content": [true]}
        ])
    );
    assert_eq!(parts(json!({"type": "image_url"})), json!([{"type": "image_url"}]));
    assert_eq!(
        parts(json!([{"type": "tool_use", "id": 4}])),
        json!([{"type": "tool_use", "id": 4}])
    );
    assert_eq!(parts(json!([{"type": 4, "a": 1}])), json!([{"type": "unknown", "a": 1}]));
    assert_eq!(
        read(&json!([{"role": "user", "content": "a", "mood": "good", "tags": []}])),
        json!([said("user", json!([text("a"), {"type": "other_members", "mood": "good"}]))])
    );
    for (value, kept) in [(json!(5), json!(5)), (json!(true), json!(true))] {
        assert_eq!(read(&value)[0]["parts"][0], json!({"type": "unknown", "content": kept}));
    }
    let odd = json!([{"who": "me"}]);
    assert_eq!(read(&odd)[0]["parts"][0]["who"], "me");
}

#[test]
fn nothing_that_is_sent_makes_it_fail() {
    let odd = [
        Value::Null,
        json!(-1),
        json!("x"),
        json!([]),
        json!([null]),
        json!({}),
        json!({"type": {}}),
    ];
    let keys = [
        "role",
        "content",
        "parts",
        "tool_calls",
        "function_call",
        "audio",
        "images",
        "messages",
        "input",
        "contents",
        "system",
        "tools",
        "functionCall",
        "toolResult",
        "image",
        "source",
        "inlineData",
        "reasoningContent",
        "functionDeclarations",
        "toolConfig",
        "function",
        "type",
    ];
    for key in keys {
        for value in &odd {
            for kind in
                ["", "image_url", "tool_result", "input_audio", "reasoning", "function_call"]
            {
                let mut members = json!({key: value});
                if !kind.is_empty() && key != "type" {
                    members["type"] = kind.into();
                }
                for value in [members.clone(), json!([members]), json!({"messages": [members]})] {
                    let _ =
                        (messages(&value), system_instructions(&value), tool_definitions(&value));
                }
            }
        }
    }
}

fn look() -> Value {
    json!([{"type": "function", "name": "look", "description": "Looks.",
        "parameters": {"type": "object"}}])
}

#[test]
fn tools_of_every_provider_are_defined_alike() {
    let schema = json!({"type": "object"});
    let function = json!({"name": "look", "description": "Looks.", "parameters": schema});
    for request in [
        json!({"messages": [], "tools": [{"type": "function", "function": function}]}),
        json!([{"type": "function", "function": function}]),
        json!({"type": "function", "function": function}),
        json!({"input": [], "tools": [{"type": "function", "name": "look", "description": "Looks.",
            "parameters": schema, "strict": true}]}),
        json!({"messages": [], "functions": [function]}),
        json!({"messages": [], "tools": [
            {"name": "look", "description": "Looks.", "input_schema": schema}]}),
        json!([{"type": "custom", "name": "look", "description": "Looks.", "input_schema": schema}]),
        json!({"contents": [], "tools": [{"functionDeclarations": [function]}]}),
        json!([{"function_declarations": [
            {"name": "look", "description": "Looks.", "parametersJsonSchema": schema}]}]),
        json!({"messages": [], "toolConfig": {"tools": [{"toolSpec": {"name": "look",
            "description": "Looks.", "inputSchema": {"json": schema}}}]}}),
        look(),
    ] {
        assert_eq!(Value::from(tool_definitions(&request)), look(), "{request}");
    }
}

#[test]
fn tools_of_the_providers_own_keep_their_type() {
    let tools = json!([
        {"type": "web_search_20250305", "name": "web_search", "max_uses": 2},
        {"type": "file_search", "vector_store_ids": ["v"]},
        {"type": "mcp", "server_label": "docs", "server_url": "https://example.com"},
        {"type": "custom", "custom": {"name": "sql", "format": {"type": "text"}}},
        {"googleSearch": {}},
        {"cachePoint": {"type": "default"}},
        "odd"
    ]);
    assert_eq!(
        Value::from(tool_definitions(&tools)),
        json!([
            {"type": "web_search_20250305", "name": "web_search", "max_uses": 2},
            {"type": "file_search", "name": "file_search", "vector_store_ids": ["v"]},
            {"type": "mcp", "name": "docs", "server_label": "docs",
                "server_url": "https://example.com"},
            {"type": "custom", "name": "sql", "format": {"type": "text"}},
            {"type": "googleSearch", "name": "googleSearch"},
            {"type": "cachePoint", "name": "cachePoint"},
            {"type": "function", "name": "odd"}
        ])
    );
    assert_eq!(tool_definitions(&json!({"model": "m", "messages": []})), Vec::<Value>::new());
}
