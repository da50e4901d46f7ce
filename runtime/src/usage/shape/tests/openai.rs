//! OpenAI's protocols, and what others make of them.

use serde_json::json;

use super::{NOTHING, told};

#[test]
fn a_chat_completion_tells_everything() {
    let reply = json!({
        "id": "chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG",
        "object": "chat.completion",
        "created": 1_741_570_283,
        "model": "gpt-4o-2024-08-06",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "Hello!", "refusal": null, "annotations": []},
                "logprobs": null,
                "finish_reason": "stop"
            },
            {
                "index": 1,
                "message": {"role": "assistant", "content": null, "tool_calls": []},
                "logprobs": null,
                "finish_reason": "tool_calls"
            }
        ],
        "usage": {
            "prompt_tokens": 1117,
            "completion_tokens": 46,
            "total_tokens": 1163,
            "prompt_tokens_details": {"cached_tokens": 1024, "audio_tokens": 0},
            "completion_tokens_details": {
                "reasoning_tokens": 12,
                "audio_tokens": 3,
                "accepted_prediction_tokens": 0,
                "rejected_prediction_tokens": 0
            }
        },
        "service_tier": "default",
        "system_fingerprint": "fp_fc9f1d7035"
    });
    assert_eq!(
        told(&[reply]),
        [
            "model=gpt-4o-2024-08-06",
            "id=chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG",
            "finish_reasons=[\"stop\",\"tool_calls\"]",
            "input_tokens=1117",
            "output_tokens=46",
            "cache_read.input_tokens=1024",
            "reasoning.output_tokens=12",
            "audio.output_tokens=3",
            "openai.api.type=chat_completions",
            "openai.response.service_tier=default",
            "openai.response.system_fingerprint=fp_fc9f1d7035",
        ]
    );
}

#[test]
fn a_chat_completion_is_told_by_its_chunks() {
    let chunk = |choices: serde_json::Value, usage: serde_json::Value| {
        json!({
            "id": "chatcmpl-7", "object": "chat.completion.chunk", "created": 1_694_268_190,
            "model": "gpt-4o-mini", "service_tier": "auto", "system_fingerprint": "fp_44709d6fcb",
            "choices": choices, "usage": usage
        })
    };
    let delta = |index: u8, reason: Option<&str>| json!([{"index": index, "delta": {"content": "a"}, "logprobs": null, "finish_reason": reason}]);
    let usage = json!({"prompt_tokens": 19, "completion_tokens": 10, "total_tokens": 29});
    let chunks = [
        // Azure begins with what its filter says.
        json!({"id": "", "object": "", "model": "", "choices": [], "prompt_filter_results": []}),
        chunk(delta(0, None), json!(null)),
        chunk(delta(1, Some("length")), json!(null)),
        chunk(delta(0, Some("stop")), json!(null)),
        chunk(json!([]), usage),
    ];
    let all = [
        "model=gpt-4o-mini",
        "id=chatcmpl-7",
        "finish_reasons=[\"stop\",\"length\"]",
        "input_tokens=19",
        "output_tokens=10",
        "openai.api.type=chat_completions",
        "openai.response.service_tier=auto",
        "openai.response.system_fingerprint=fp_44709d6fcb",
    ];
    assert_eq!(told(&chunks), all);
    assert_eq!(told(&chunks[..1]), NOTHING);
    assert_eq!(told(&chunks[..2])[..2], all[..2]);
}

#[test]
fn a_completion_of_text_is_read() {
    let reply = json!({
        "id": "cmpl-uqkvlQyYK7bGYrRHQ0eXlWi7", "object": "text_completion", "created": 1_589_478_378,
        "model": "gpt-3.5-turbo-instruct",
        "choices": [{"text": "\n\nThis is a test", "index": 0, "logprobs": null, "finish_reason": "length"}],
        "usage": {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12}
    });
    assert_eq!(
        told(&[reply])[2..],
        ["finish_reasons=[\"length\"]", "input_tokens=5", "output_tokens=7"]
    );
}

#[test]
fn embeddings_tell_model_and_input() {
    let reply = json!({
        "object": "list",
        "data": [{"object": "embedding", "embedding": [0.0023, -0.0093], "index": 0}],
        "model": "text-embedding-ada-002",
        "usage": {"prompt_tokens": 8, "total_tokens": 8}
    });
    assert_eq!(told(&[reply]), ["model=text-embedding-ada-002", "input_tokens=8"]);
    let models =
        json!({"object": "list", "data": [{"id": "gpt-4o", "object": "model"}], "model": "x"});
    assert_eq!(told(&[models]), NOTHING);
}

#[test]
fn a_response_tells_everything() {
    let reply = json!({
        "id": "resp_67ccd2bed1ec8190b14f964abc054267", "object": "response",
        "created_at": 1_741_476_542, "status": "completed", "error": null,
        "incomplete_details": null, "model": "gpt-4.1-2025-04-14",
        "output": [{"type": "message", "id": "msg_1", "status": "completed", "role": "assistant",
            "content": [{"type": "output_text", "text": "Once upon a time", "annotations": []}]}],
        "service_tier": "default",
        "usage": {
            "input_tokens": 36, "input_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 2},
            "output_tokens": 87, "output_tokens_details": {"reasoning_tokens": 64},
            "total_tokens": 123
        }
    });
    assert_eq!(
        told(&[reply]),
        [
            "model=gpt-4.1-2025-04-14",
            "id=resp_67ccd2bed1ec8190b14f964abc054267",
            "finish_reasons=[\"completed\"]",
            "input_tokens=36",
            "output_tokens=87",
            "cache_read.input_tokens=4",
            "cache_creation.input_tokens=2",
            "reasoning.output_tokens=64",
            "openai.api.type=responses",
            "openai.response.service_tier=default",
        ]
    );
}

#[test]
fn a_response_is_told_by_its_events() {
    let response = |status: &str, usage: serde_json::Value| {
        json!({
            "id": "resp_1", "object": "response", "status": status, "model": "gpt-5",
            "output": [], "usage": usage,
            "incomplete_details": (status == "incomplete").then(|| json!({"reason": "max_output_tokens"}))
        })
    };
    let event = |kind: &str, response: serde_json::Value| json!({"type": kind, "sequence_number": 1, "response": response});
    let usage = json!({
        "input_tokens": 36, "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": 87, "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 123
    });
    let events = [
        event("response.created", response("in_progress", json!(null))),
        json!({"type": "response.output_text.delta", "item_id": "msg_1", "output_index": 0,
            "content_index": 0, "delta": "Hi", "sequence_number": 2}),
        event("response.incomplete", response("incomplete", usage)),
    ];
    assert_eq!(told(&events[..2]), ["model=gpt-5", "id=resp_1", "openai.api.type=responses"]);
    assert_eq!(
        told(&events),
        [
            "model=gpt-5",
            "id=resp_1",
            "finish_reasons=[\"max_output_tokens\"]",
            "input_tokens=36",
            "output_tokens=87",
            "cache_read.input_tokens=0",
            "reasoning.output_tokens=0",
            "openai.api.type=responses",
        ]
    );
}

#[test]
fn deepseek_names_its_cache_hits() {
    let reply = json!({
        "id": "930c60df-bf64-41c9-a88e-3ec75f81e00e", "object": "chat.completion",
        "created": 1_705_651_092, "model": "deepseek-reasoner", "system_fingerprint": "fp_a49d71b8a1",
        "choices": [{"finish_reason": "insufficient_system_resource", "index": 0,
            "message": {"role": "assistant", "content": "Hello", "reasoning_content": "…"}}],
        "usage": {
            "prompt_tokens": 16, "prompt_cache_hit_tokens": 10, "prompt_cache_miss_tokens": 6,
            "completion_tokens": 20, "total_tokens": 36,
            "completion_tokens_details": {"reasoning_tokens": 8}
        }
    });
    assert_eq!(
        told(&[reply])[2..6],
        [
            "finish_reasons=[\"insufficient_system_resource\"]",
            "input_tokens=16",
            "output_tokens=20",
            "cache_read.input_tokens=10",
        ]
    );
}

#[test]
fn mistral_is_read() {
    let reply = json!({
        "id": "cmpl-e5cc70bb28c444948073e77776eb30ef", "object": "chat.completion",
        "created": 1_702_256_327, "model": "mistral-small-latest",
        "choices": [{"index": 0, "finish_reason": "model_length",
            "message": {"role": "assistant", "content": "…", "prefix": false, "tool_calls": null}}],
        "usage": {"prompt_tokens": 13, "completion_tokens": 227, "total_tokens": 240,
            "prompt_audio_seconds": {}}
    });
    assert_eq!(
        told(&[reply])[1..],
        [
            "id=cmpl-e5cc70bb28c444948073e77776eb30ef",
            "finish_reasons=[\"model_length\"]",
            "input_tokens=13",
            "output_tokens=227",
            "openai.api.type=chat_completions",
        ]
    );
}

#[test]
fn reasoning_that_is_counted_beside_the_completion_is_added() {
    let reply = |total: u32| {
        json!({
            "id": "0daf962f", "object": "chat.completion", "model": "grok-4", "choices": [],
            "usage": {"prompt_tokens": 32, "completion_tokens": 9, "total_tokens": total,
                "prompt_tokens_details": {"text_tokens": 30, "image_tokens": 2, "cached_tokens": 6},
                "completion_tokens_details": {"reasoning_tokens": 94}}
        })
    };
    assert_eq!(
        told(&[reply(135)])[2..],
        [
            "input_tokens=32",
            "output_tokens=103",
            "cache_read.input_tokens=6",
            "reasoning.output_tokens=94",
            "text.input_tokens=30",
            "image.input_tokens=2",
            "openai.api.type=chat_completions",
        ]
    );
    assert_eq!(told(&[reply(41)])[3], "output_tokens=9");
}

#[test]
fn groq_tells_the_usage_of_a_stream_in_its_own_place() {
    let chunk = json!({
        "id": "chatcmpl-f51b2cd2", "object": "chat.completion.chunk", "model": "llama-3.3-70b-versatile",
        "choices": [{"index": 0, "delta": {}, "logprobs": null, "finish_reason": "stop"}],
        "x_groq": {"id": "req_01", "usage": {"queue_time": 0.03, "prompt_tokens": 18,
            "completion_tokens": 5, "total_tokens": 23}}
    });
    assert_eq!(told(&[chunk])[3..5], ["input_tokens=18", "output_tokens=5"]);
}
