//! Providers with protocols of their own.

use serde_json::{Value, json};

use super::told;

#[test]
fn anthropic_counts_cached_tokens_beside_the_others() {
    let reply = json!({
        "id": "msg_013Zva2CMHLNnjNjJKqJ2EF", "type": "message", "role": "assistant",
        "model": "claude-sonnet-4-20250514",
        "content": [{"type": "text", "text": "Hi! My name is Claude."}],
        "stop_reason": "end_turn", "stop_sequence": null,
        "usage": {
            "input_tokens": 21, "cache_creation_input_tokens": 188, "cache_read_input_tokens": 1800,
            "cache_creation": {"ephemeral_5m_input_tokens": 188, "ephemeral_1h_input_tokens": 0},
            "output_tokens": 393, "service_tier": "standard"
        }
    });
    assert_eq!(
        told(&[reply]),
        [
            "model=claude-sonnet-4-20250514",
            "id=msg_013Zva2CMHLNnjNjJKqJ2EF",
            "finish_reasons=[\"end_turn\"]",
            "input_tokens=2009",
            "output_tokens=393",
            "cache_read.input_tokens=1800",
            "cache_creation.input_tokens=188",
        ]
    );
}

#[test]
fn anthropic_tells_what_its_cache_keeps_for_an_hour() {
    let reply = json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-20250514",
        "content": [], "stop_reason": "end_turn",
        "usage": {
            "input_tokens": 2, "cache_creation_input_tokens": 556, "cache_read_input_tokens": 0,
            "cache_creation": {"ephemeral_5m_input_tokens": 456, "ephemeral_1h_input_tokens": 100},
            "output_tokens": 3
        }
    });
    let told = told(&[reply]);
    assert!(told.contains(&"spanline.usage.cache_creation_1h.input_tokens=100".into()), "{told:?}");
    assert!(told.contains(&"cache_creation.input_tokens=556".into()), "{told:?}");
}

fn anthropic_events(delta_usage: &Value) -> [Value; 7] {
    [
        json!({"type": "message_start", "message": {
            "id": "msg_1nZdL29xx5MUA1yADyHTEsnR8uuvGzszyY", "type": "message", "role": "assistant",
            "content": [], "model": "claude-opus-4-20250514", "stop_reason": null,
            "stop_sequence": null, "usage": {"input_tokens": 25, "cache_creation_input_tokens": 0,
                "cache_read_input_tokens": 100, "output_tokens": 1}}}),
        json!({"type": "content_block_start", "index": 0,
            "content_block": {"type": "text", "text": ""}}),
        json!({"type": "ping"}),
        json!({"type": "content_block_delta", "index": 0,
            "delta": {"type": "text_delta", "text": "Hello"}}),
        json!({"type": "content_block_stop", "index": 0}),
        json!({"type": "message_delta", "delta": {"stop_reason": "max_tokens", "stop_sequence": null},
            "usage": delta_usage}),
        json!({"type": "message_stop"}),
    ]
}

#[test]
fn anthropic_tells_running_totals_in_its_events() {
    let ends = |input: u32, read: u32| {
        [
            "model=claude-opus-4-20250514".to_owned(),
            "id=msg_1nZdL29xx5MUA1yADyHTEsnR8uuvGzszyY".to_owned(),
            "finish_reasons=[\"max_tokens\"]".to_owned(),
            format!("input_tokens={input}"),
            "output_tokens=15".to_owned(),
            format!("cache_read.input_tokens={read}"),
            "cache_creation.input_tokens=0".to_owned(),
        ]
    };
    let short = anthropic_events(&json!({"output_tokens": 15}));
    assert_eq!(told(&short), ends(125, 100));
    assert_eq!(told(&short[..4])[2..4], ["input_tokens=125", "output_tokens=1"]);
    let full = json!({"input_tokens": 30, "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 120, "output_tokens": 15});
    assert_eq!(told(&anthropic_events(&full)), ends(150, 120));
    let nulls = json!({"input_tokens": null, "cache_creation_input_tokens": null,
        "cache_read_input_tokens": null, "output_tokens": 15});
    assert_eq!(told(&anthropic_events(&nulls)), ends(125, 100));
}

#[test]
fn gemini_counts_thoughts_beside_the_answer() {
    let reply = json!({
        "candidates": [
            {"content": {"parts": [{"text": "…"}], "role": "model"}, "finishReason": "STOP"},
            {"content": {"parts": [{"text": "…"}], "role": "model"}, "finishReason": "MAX_TOKENS",
                "index": 1}
        ],
        "usageMetadata": {
            "promptTokenCount": 300, "candidatesTokenCount": 40, "totalTokenCount": 460,
            "cachedContentTokenCount": 200, "thoughtsTokenCount": 90, "toolUsePromptTokenCount": 30,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 40},
                {"modality": "IMAGE", "tokenCount": 258}, {"modality": "AUDIO", "tokenCount": 2},
                {"modality": "VIDEO", "tokenCount": 0}],
            "toolUsePromptTokensDetails": [{"modality": "TEXT", "tokenCount": 30}],
            "cacheTokensDetails": [{"modality": "IMAGE", "tokenCount": 170},
                {"modality": "TEXT", "tokenCount": 30}, {"modality": "AUDIO", "tokenCount": 0}],
            "candidatesTokensDetails": [{"modality": "TEXT", "tokenCount": 40},
                {"modality": "IMAGE", "tokenCount": 0}]
        },
        "modelVersion": "gemini-2.5-flash", "responseId": "nbx-aLCkF7aZ1dkP"
    });
    assert_eq!(
        told(&[reply]),
        [
            "model=gemini-2.5-flash",
            "id=nbx-aLCkF7aZ1dkP",
            "finish_reasons=[\"STOP\",\"MAX_TOKENS\"]",
            "input_tokens=330",
            "output_tokens=130",
            "cache_read.input_tokens=200",
            "reasoning.output_tokens=90",
            "text.input_tokens=70",
            "image.input_tokens=258",
            "audio.input_tokens=2",
            "text.cache_read.input_tokens=30",
            "image.cache_read.input_tokens=170",
            "text.output_tokens=40",
        ]
    );
}

#[test]
fn gemini_counts_thoughts_that_led_to_no_answer() {
    let reply = json!({
        "candidates": [{"content": {"role": "model"}, "finishReason": "MAX_TOKENS", "index": 0}],
        "usageMetadata": {
            "promptTokenCount": 7, "totalTokenCount": 66, "thoughtsTokenCount": 59,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 7}]
        },
        "modelVersion": "gemini-2.5-flash", "responseId": "nbx-aLCkF7aZ1dkP"
    });
    assert_eq!(
        told(&[reply]),
        [
            "model=gemini-2.5-flash",
            "id=nbx-aLCkF7aZ1dkP",
            "finish_reasons=[\"MAX_TOKENS\"]",
            "input_tokens=7",
            "output_tokens=59",
            "reasoning.output_tokens=59",
            "text.input_tokens=7",
        ]
    );
}

#[test]
fn gemini_tells_running_totals_in_its_chunks() {
    let chunk = |usage: Value, reason: Option<&str>| {
        let mut candidate =
            json!({"content": {"parts": [{"text": "a"}], "role": "model"}, "index": 0});
        candidate["finishReason"] = reason.into();
        json!({"candidates": [candidate], "usageMetadata": usage, "modelVersion": "gemini-2.5-pro",
            "responseId": "r"})
    };
    let chunks = [
        chunk(
            json!({"promptTokenCount": 9, "totalTokenCount": 29, "thoughtsTokenCount": 20}),
            None,
        ),
        chunk(
            json!({"promptTokenCount": 9, "candidatesTokenCount": 3, "totalTokenCount": 32,
                "thoughtsTokenCount": 20}),
            None,
        ),
        chunk(
            json!({"promptTokenCount": 9, "candidatesTokenCount": 8, "totalTokenCount": 42,
                "thoughtsTokenCount": 25}),
            Some("STOP"),
        ),
    ];
    assert_eq!(
        told(&chunks)[2..],
        [
            "finish_reasons=[\"STOP\"]",
            "input_tokens=9",
            "output_tokens=33",
            "reasoning.output_tokens=25",
        ]
    );
    assert_eq!(told(&chunks[..1])[2..4], ["input_tokens=9", "output_tokens=20"]);
    let without_candidates = chunk(
        json!({"promptTokenCount": 9, "totalTokenCount": 42, "thoughtsTokenCount": 25}),
        Some("STOP"),
    );
    let [first, second, _] = chunks;
    assert_eq!(told(&[first, second, without_candidates])[4], "output_tokens=28");
    let blocked = json!({"promptFeedback": {"blockReason": "SAFETY"},
        "usageMetadata": {"promptTokenCount": 9, "totalTokenCount": 9},
        "modelVersion": "gemini-2.5-pro"});
    assert_eq!(told(&[blocked]), ["model=gemini-2.5-pro", "input_tokens=9"]);
}

#[test]
fn ollama_tells_its_counts_at_the_end() {
    let chunks = [
        json!({"model": "llama3.2", "created_at": "2023-08-04T08:52:19.385406455-07:00",
            "message": {"role": "assistant", "content": "The"}, "done": false}),
        json!({"model": "llama3.2", "created_at": "2023-08-04T19:22:45.499127Z",
            "message": {"role": "assistant", "content": ""}, "done_reason": "stop", "done": true,
            "total_duration": 4_883_583_458_u64, "load_duration": 1_334_875, "prompt_eval_count": 26,
            "prompt_eval_duration": 342_546_000, "eval_count": 282,
            "eval_duration": 4_535_599_000_u64}),
    ];
    assert_eq!(told(&chunks[..1]), ["model=llama3.2"]);
    assert_eq!(
        told(&chunks),
        ["model=llama3.2", "finish_reasons=[\"stop\"]", "input_tokens=26", "output_tokens=282"]
    );
    let generated = json!({"model": "llama3.2", "created_at": "2023-11-09T21:07:55.186497Z",
        "response": "The sky is blue", "done": true, "done_reason": "length", "context": [1, 2, 3],
        "total_duration": 4_648_158_584_u64, "prompt_eval_count": 26, "eval_count": 290});
    assert_eq!(told(&[generated])[1..2], ["finish_reasons=[\"length\"]"]);
    let embedded = json!({"model": "all-minilm", "embeddings": [[0.01, -0.001]],
        "total_duration": 14_143_917, "load_duration": 1_019_500, "prompt_eval_count": 8});
    assert_eq!(told(&[embedded]), ["model=all-minilm", "input_tokens=8"]);
}

#[test]
fn cohere_tells_what_it_bills() {
    let usage = json!({"billed_units": {"input_tokens": 5.0, "output_tokens": 418.0},
        "tokens": {"input_tokens": 71, "output_tokens": 418}, "cached_tokens": 4});
    let reply = json!({
        "id": "c14c80c3-18eb-4519-9460-6c92edd8cfb4", "finish_reason": "COMPLETE",
        "message": {"role": "assistant", "content": [{"type": "text", "text": "…"}]},
        "usage": usage
    });
    let all = [
        "id=c14c80c3-18eb-4519-9460-6c92edd8cfb4",
        "finish_reasons=[\"COMPLETE\"]",
        "input_tokens=5",
        "output_tokens=418",
        "cache_read.input_tokens=4",
    ];
    assert_eq!(told(&[reply]), all);
    let events = [
        json!({"type": "message-start", "id": "c14c80c3-18eb-4519-9460-6c92edd8cfb4",
            "delta": {"message": {"role": "assistant", "content": [], "tool_calls": []}}}),
        json!({"type": "content-delta", "index": 0,
            "delta": {"message": {"content": {"text": "Hi"}}}}),
        json!({"type": "message-end", "delta": {"finish_reason": "COMPLETE", "usage": usage}}),
    ];
    assert_eq!(told(&events), all);
    let unbilled = json!({"type": "message-end", "delta": {"finish_reason": "MAX_TOKENS",
        "usage": {"tokens": {"input_tokens": 71, "output_tokens": 2}}}});
    assert_eq!(
        told(&[unbilled]),
        ["finish_reasons=[\"MAX_TOKENS\"]", "input_tokens=71", "output_tokens=2"]
    );
    let embedded = json!({"id": "3198467e", "embeddings": {"float": [[0.01]]}, "texts": ["hello"],
        "meta": {"api_version": {"version": "2"}, "billed_units": {"input_tokens": 2}}});
    assert_eq!(told(&[embedded]), ["input_tokens=2"]);
}

#[test]
fn bedrock_counts_cached_tokens_beside_the_others() {
    let usage = json!({"inputTokens": 12, "outputTokens": 175, "totalTokens": 1700,
        "cacheReadInputTokens": 1500, "cacheWriteInputTokens": 13});
    let reply = json!({
        "output": {"message": {"role": "assistant", "content": [{"text": "…"}]}},
        "stopReason": "end_turn", "usage": usage, "metrics": {"latencyMs": 1175}
    });
    let all = [
        "finish_reasons=[\"end_turn\"]",
        "input_tokens=1525",
        "output_tokens=175",
        "cache_read.input_tokens=1500",
        "cache_creation.input_tokens=13",
    ];
    assert_eq!(told(&[reply]), all);
    let metrics = json!({"latencyMs": 1175});
    let events = [
        json!({"messageStart": {"role": "assistant"}}),
        json!({"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"text": "…"}}}),
        json!({"messageStop": {"stopReason": "end_turn"}}),
        json!({"metadata": {"usage": usage, "metrics": metrics}}),
    ];
    assert_eq!(told(&events), all);
    assert_eq!(told(&[json!({"usage": usage, "metrics": metrics})]), all[1..]);
}
