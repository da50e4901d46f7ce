//! Content on events and spans: in its own structure or as JSON, masked, within its limit.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use spanline::{
    ContentCapture, ContentMode, IntoMessages, LlmCall, Message, Protocol, Tool, trace_llm_call,
};

use super::support::receiver::Receiver;
use super::{
    CONTENT, CUT_BYTES, INPUT, INSTRUCTIONS, KEY, MASKED, OUTPUT, TOOLS, attribute, json_of,
    message, record, sent, span, telemetry, turn,
};

fn ask(prompt: &str) {
    let call = LlmCall::new("openai", "m")
        .system_instructions("Be brief.")
        .input_messages(prompt)
        .tool_definitions(json!([{"name": "search", "description": "looks things up"}]));
    call.run_blocking_with(|| "so.", |text, outcome| outcome.output_messages(text));
}

fn secret_prompt() -> String {
    format!("I am alice@example.com, my key is {KEY}")
}

/// What [`ask`] tells, whatever it was asked.
fn told(prompt: &str) -> [(&'static str, Value); 4] {
    [
        (INPUT, message("user", prompt)),
        (OUTPUT, message("assistant", "so.")),
        (INSTRUCTIONS, json!([{"type": "text", "content": "Be brief."}])),
        (TOOLS, json!([{"type": "function", "name": "search"}])),
    ]
}

#[test]
fn with_event_only_the_event_has_the_messages_in_their_structure_and_the_span_has_none() {
    let _turn = turn();
    for protocol in [Protocol::Grpc, Protocol::HttpProtobuf, Protocol::HttpJson] {
        let receiver = sent(
            |builder| builder.capture_content(ContentCapture::EventOnly).otlp_protocol(protocol),
            || ask(&secret_prompt()),
        );
        let (event, span) = (record(&receiver), span(&receiver));
        assert_eq!(event.event_name, "gen_ai.client.inference.operation.details");
        for (key, value) in told(&format!("I am [masked:email], my key is {MASKED}")) {
            assert_eq!(attribute(&event.attributes, key), value, "{protocol:?}");
            assert_eq!(attribute(&span.attributes, key), Value::Null, "{protocol:?}");
        }
        let requests = format!("{:?}", receiver.requests());
        assert!(!requests.contains(KEY) && !requests.contains("alice@"), "{requests}");
    }
}

#[test]
fn with_span_and_event_both_have_the_same() {
    let _turn = turn();
    let set =
        |builder: spanline::TelemetryBuilder| builder.capture_content(ContentCapture::SpanAndEvent);
    let receiver = sent(set, || ask(&secret_prompt()));
    let (event, span) = (record(&receiver), span(&receiver));
    for (key, value) in told(&format!("I am [masked:email], my key is {MASKED}")) {
        assert_eq!(attribute(&event.attributes, key), value);
        assert_eq!(json_of(&span, key), value);
    }
}

#[test]
fn with_span_only_there_is_no_event_and_one_that_is_asked_for_has_no_content() {
    let _turn = turn();
    let set =
        |builder: spanline::TelemetryBuilder| builder.capture_content(ContentCapture::SpanOnly);
    let receiver = sent(set, || ask("why?"));
    assert_eq!(receiver.records().len(), 0);
    assert_eq!(json_of(&span(&receiver), INPUT), message("user", "why?"));

    let receiver = sent(|builder| set(builder).inference_events(true), || ask("why?"));
    let event = record(&receiver);
    assert_eq!(attribute(&event.attributes, "gen_ai.request.model"), "m");
    for key in CONTENT {
        assert_eq!(attribute(&event.attributes, key), Value::Null);
        assert_ne!(attribute(&span(&receiver).attributes, key), Value::Null);
    }
}

#[test]
fn a_huge_prompt_is_cut_on_the_event_alone_which_says_by_how_much() {
    let _turn = turn();
    let receiver = Receiver::start();
    let builder = telemetry(&receiver).capture_content(ContentCapture::EventOnly);
    let telemetry = builder.init().unwrap();
    let prompt = "añ→ ".repeat(50_000);
    ask(&prompt);
    telemetry.shutdown().unwrap();
    let (event, span) = (record(&receiver), span(&receiver));
    let seen = attribute(&event.attributes, INPUT);
    let whole = message("user", prompt).to_string().len();
    let kept = seen.to_string().len();
    assert!((31_000..=32_000).contains(&kept), "{kept}");
    assert_eq!(attribute(&event.attributes, CUT_BYTES), whole - kept);
    assert_eq!(seen[0]["role"], "user");
    let text = seen[0]["parts"][0]["content"].as_str().unwrap();
    assert!(text.starts_with("añ→ ") && text.ends_with(" bytes]"), "{text}");
    assert_eq!(attribute(&event.attributes, OUTPUT), message("assistant", "so."));
    assert_eq!(attribute(&span.attributes, CUT_BYTES), Value::Null);
    let health = telemetry.health();
    assert_eq!((health.cut_spans, health.cut_content_bytes), (1, (whole - kept) as u64));
}

#[test]
fn what_is_cut_on_span_and_event_is_the_same_and_counted_once() {
    let _turn = turn();
    let receiver = Receiver::start();
    let builder = telemetry(&receiver).capture_content(ContentCapture::SpanAndEvent);
    let telemetry = builder.content_limit(2000).init().unwrap();
    ask(&"why? ".repeat(2000));
    telemetry.shutdown().unwrap();
    let (event, span) = (record(&receiver), span(&receiver));
    for key in CONTENT {
        assert_eq!(json_of(&span, key), attribute(&event.attributes, key), "{key}");
    }
    let cut = attribute(&span.attributes, CUT_BYTES);
    assert_eq!(attribute(&event.attributes, CUT_BYTES), cut);
    let health = telemetry.health();
    assert_eq!((health.cut_spans, Some(health.cut_content_bytes)), (1, cut.as_u64()));
}

#[test]
fn a_limit_of_spans_does_not_hold_on_events() {
    let _turn = turn();
    let prompt = "why? ".repeat(200);
    let receiver = sent(
        |builder| builder.capture_content(ContentCapture::SpanAndEvent).attribute_length_limit(300),
        || ask(&prompt),
    );
    let (event, span) = (record(&receiver), span(&receiver));
    assert_eq!(attribute(&event.attributes, INPUT), message("user", prompt));
    assert!(json_of(&span, INPUT).to_string().len() <= 300);
}

#[test]
fn the_smallest_limit_leaves_a_list_on_both() {
    let _turn = turn();
    let receiver = sent(
        |builder| builder.capture_content(ContentCapture::SpanAndEvent).content_limit(64),
        || ask(&"why? ".repeat(2000)),
    );
    let (event, span) = (record(&receiver), span(&receiver));
    for key in CONTENT {
        let seen = attribute(&event.attributes, key);
        assert!(seen.is_array() && seen.to_string().len() <= 64, "{key}: {seen}");
        assert_eq!(json_of(&span, key), seen, "{key}");
    }
}

#[test]
fn content_by_the_names_of_other_libraries_stays_on_the_span() {
    let _turn = turn();
    let call = || LlmCall::new("openai", "m").attribute("gen_ai.prompt.0.content", "why?");
    let receiver = sent(
        |builder| builder.inference_events(true),
        || call().run_blocking_with(|| (), |(), _| ()),
    );
    assert_eq!(attribute(&span(&receiver).attributes, "gen_ai.prompt.0.content"), "why?");
    let event = record(&receiver);
    assert_eq!(attribute(&event.attributes, "gen_ai.prompt.0.content"), Value::Null);
}

#[test]
fn a_mask_of_the_programs_is_given_each_text_of_content_once() {
    let _turn = turn();
    let receiver = Receiver::start();
    let builder = telemetry(&receiver).capture_content(ContentCapture::SpanAndEvent);
    let mask = |text: &str| text.contains("why?").then(|| format!("<{text}>"));
    let telemetry = builder.mask_with(mask).init().unwrap();
    ask("why?");
    telemetry.shutdown().unwrap();
    assert_eq!(json_of(&span(&receiver), INPUT), message("user", "<why?>"));
    let event = record(&receiver);
    assert_eq!(attribute(&event.attributes, INPUT), message("user", "<why?>"));
    assert_eq!(telemetry.health().masked_texts, [(String::from("function"), 1)]);
}

#[test]
fn lengths_and_hashes_are_the_same_on_span_and_event() {
    let _turn = turn();
    let set = |mode| {
        move |builder: spanline::TelemetryBuilder| {
            builder.capture_content(ContentCapture::SpanAndEvent).content_mode(mode)
        }
    };
    let receiver = sent(set(ContentMode::Length), || ask("why?"));
    let (event, one) = (record(&receiver), span(&receiver));
    for (key, value) in [
        ("spanline.prompt_length", json!("Be brief.".len() + "why?".len())),
        ("spanline.completion_length", json!("so.".len())),
        (TOOLS, json!([{"type": "function", "name": "search"}])),
        (INPUT, Value::Null),
        (OUTPUT, Value::Null),
        (INSTRUCTIONS, Value::Null),
    ] {
        assert_eq!(attribute(&event.attributes, key), value, "{key}");
        assert_eq!(json_of(&one, key), value, "{key}");
    }

    let receiver = sent(set(ContentMode::Hash), || ask("why?"));
    let (event, one) = (record(&receiver), span(&receiver));
    // `printf '%s' 'why?' | sha256sum`
    let hash = "f5b2b98bf44b60881a86499d98591d7995ce23ad93abd8a4aa11fadc20145d06";
    assert_eq!(attribute(&event.attributes, INPUT), message("user", hash));
    for key in CONTENT {
        assert_eq!(json_of(&one, key), attribute(&event.attributes, key), "{key}");
    }
}

/// Counts how often it is asked for its messages.
struct Counting(Arc<AtomicUsize>);

impl IntoMessages for Counting {
    fn messages(&self) -> Vec<Message> {
        self.0.fetch_add(1, Ordering::Relaxed);
        vec![Message::user("why?")]
    }
}

#[trace_llm_call(provider = "openai", model = "m", input_messages = prompt)]
fn counted(prompt: &Counting) {}

#[test]
fn content_for_events_that_nobody_tells_is_not_even_looked_at() {
    let _turn = turn();
    let count = Arc::new(AtomicUsize::new(0));
    let run = || counted(&Counting(Arc::clone(&count)));
    sent(|builder| builder.capture_content(ContentCapture::EventOnly).logs_to([]), run);
    sent(|builder| builder.capture_content(ContentCapture::EventOnly).inference_events(false), run);
    assert_eq!(count.load(Ordering::Relaxed), 0);
    sent(|builder| builder.capture_content(ContentCapture::EventOnly), run);
    assert_eq!(count.load(Ordering::Relaxed), 1);
}

#[test]
fn what_is_no_inference_has_no_event_to_tell_its_content() {
    let _turn = turn();
    let receiver = sent(
        |builder| builder.capture_content(ContentCapture::EventOnly),
        || Tool::new("t").call_arguments("canary").start().end(),
    );
    assert_eq!(receiver.records().len(), 0);
    assert!(!format!("{:?}", receiver.requests()).contains("canary"));
}
