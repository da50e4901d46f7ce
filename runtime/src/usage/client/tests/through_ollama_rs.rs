//! ollama-rs.

use ollama_rs::generation::chat::ChatMessageResponse;
use ollama_rs::generation::completion::GenerationResponse;
use serde_json::json;

use super::said;

#[test]
fn chunks_of_a_chat_say_one_message() {
    let chunk =
        |message| json!({"model": "m", "created_at": "t", "done": false, "message": message});
    let chunks = [
        chunk(json!({"role": "assistant", "content": "", "thinking": "Hm."})),
        chunk(json!({"role": "assistant", "content": "Lo"})),
        chunk(json!({"role": "assistant", "content": "ok.", "tool_calls": [
            {"function": {"name": "weather", "arguments": {"city": "Bern"}}}]})),
    ];
    assert_eq!(
        said::<ChatMessageResponse>(&chunks),
        json!([{"role": "assistant", "finish_reason": "", "parts": [
            {"type": "reasoning", "content": "Hm."},
            {"type": "text", "content": "Look."},
            {"type": "tool_call", "name": "weather", "arguments": {"city": "Bern"}}
        ]}])
    );
}

#[test]
fn what_was_generated_is_said() {
    let chunk = |response: &str, done: bool| json!({"model": "m", "created_at": "t", "response": response, "done": done});
    assert_eq!(
        said::<GenerationResponse>(&[chunk("Ra", false), chunk("in.", true)])[0]["parts"],
        json!([{"type": "text", "content": "Rain."}])
    );
}
