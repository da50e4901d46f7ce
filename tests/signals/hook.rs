//! The function of the program's that content is handed to, between masks and exporters.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use spanline::{ContentCapture, ContentMode, LlmCall, Sampler, SpanContent, TelemetryBuilder};

use super::{
    CUT_BYTES, INPUT, KEY, MASKED, OUTPUT, attribute, json_of, message, record, sent, span, turn,
};

fn ask() {
    let call = LlmCall::new("openai", "m").input_messages(format!("{KEY} of alice@example.com"));
    call.run_blocking_with(|| "so.", |text, outcome| outcome.output_messages(text));
}

#[test]
fn it_sees_masked_structured_content_of_a_span_that_is_not_sampled() {
    let _turn = turn();
    for sampler in [Sampler::AlwaysOff, Sampler::AlwaysOn] {
        let seen: Arc<Mutex<Vec<Value>>> = Arc::default();
        let sink = Arc::clone(&seen);
        let receiver = sent(
            |builder| {
                builder.sampler(sampler).content_mode(ContentMode::Length).content_hook(
                    move |content: &mut SpanContent<'_>| {
                        let messages = content.take(INPUT).unwrap();
                        sink.lock().unwrap().push(json!([content.is_sampled(), messages]));
                    },
                )
            },
            ask,
        );
        let masked = message("user", format!("{MASKED} of [masked:email]"));
        let is_sampled = sampler == Sampler::AlwaysOn;
        assert_eq!(*seen.lock().unwrap(), [json!([is_sampled, masked])]);
        assert_eq!(receiver.spans().len(), usize::from(is_sampled));
        assert_eq!(receiver.records().len(), 0, "nothing says that there be events");
    }
}

fn with_hook(
    hook: impl Fn(&mut SpanContent<'_>) + Send + Sync + 'static,
) -> impl FnOnce(TelemetryBuilder) -> TelemetryBuilder {
    |builder| builder.capture_content(ContentCapture::SpanAndEvent).content_hook(hook)
}

#[test]
fn what_it_takes_is_on_no_span_and_on_no_event_and_what_it_sets_is_on_the_span() {
    let _turn = turn();
    let hook = |content: &mut SpanContent<'_>| {
        content.take(INPUT).unwrap();
        content.set("app.prompt.uri", "s3://1");
    };
    let receiver = sent(with_hook(hook), ask);
    let (event, span) = (record(&receiver), span(&receiver));
    assert_eq!(attribute(&event.attributes, INPUT), Value::Null);
    assert_eq!(attribute(&span.attributes, INPUT), Value::Null);
    assert_eq!(attribute(&event.attributes, OUTPUT), message("assistant", "so."));
    assert_eq!(attribute(&span.attributes, "app.prompt.uri"), "s3://1");
}

#[test]
fn what_it_writes_is_masked_and_limited_on_both() {
    let _turn = turn();
    let hook = |content: &mut SpanContent<'_>| {
        *content.get_mut(INPUT).unwrap() = json!("text ".repeat(1000));
        content.get_mut(OUTPUT).unwrap()[0]["parts"][0]["content"] = json!(KEY);
        content.set("app.key", KEY);
    };
    let receiver = sent(|builder| with_hook(hook)(builder).content_limit(500), ask);
    let (event, span) = (record(&receiver), span(&receiver));
    assert_eq!(attribute(&event.attributes, OUTPUT), message("assistant", MASKED));
    assert_eq!(json_of(&span, OUTPUT), message("assistant", MASKED));
    assert_eq!(attribute(&span.attributes, "app.key"), MASKED);
    let Value::String(input) = attribute(&event.attributes, INPUT) else { panic!("{event:?}") };
    assert!(input.len() <= 500 && input.ends_with(" bytes]"), "{input}");
    assert_eq!(attribute(&span.attributes, INPUT), input);
    assert_ne!(attribute(&event.attributes, CUT_BYTES), Value::Null);
}
