//! Content, exceptions, evaluations and lengths under the names of other conventions and prefixes.

use futures::executor::block_on;
use futures::future::ready;
use futures::stream::{self, StreamExt as _};
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::trace::v1::Span;
use serde_json::{Value, json};
use spanline::{
    ContentCapture, ContentMode, Convention, Evaluation, LlmCall, Stage, TelemetryBuilder, current,
};

use super::{INPUT, KEY, MASKED, OUTPUT, attribute, json_of, message, record, sent, span, turn};

const MAIN: Convention = Convention::GenAiMain;
const DEFAULT: Convention = Convention::V1_41;
const OPEN_INFERENCE: Convention = Convention::OpenInference;

fn set(conventions: &[Convention]) -> impl Fn(TelemetryBuilder) -> TelemetryBuilder {
    let conventions = conventions.to_vec();
    move |builder| {
        builder.capture_content(ContentCapture::SpanAndEvent).conventions(conventions.clone())
    }
}

fn ask(prompt: &str) {
    let call = LlmCall::new("openai", "m").top_k(40).input_messages(prompt);
    call.run_blocking_with(|| "so.", |text, outcome| outcome.output_messages(text));
}

fn asked(conventions: &[Convention]) -> (LogRecord, Span) {
    let receiver = sent(set(conventions), || ask(&format!("with {KEY}")));
    (record(&receiver), span(&receiver))
}

fn prompt() -> Value {
    message("user", format!("with {MASKED}"))
}

#[test]
fn the_details_under_genai_main_have_provider_top_k_and_severity() {
    let _turn = turn();
    for conventions in [&[MAIN][..], &[MAIN, OPEN_INFERENCE]] {
        let (event, _) = asked(conventions);
        assert_eq!((event.severity_number, event.severity_text.as_str()), (5, "DEBUG"));
        assert_eq!(event.event_name, "gen_ai.client.inference.operation.details");
        assert_eq!(attribute(&event.attributes, "gen_ai.provider.name"), "openai");
        // An integer: `40.0` would be another value.
        assert_eq!(attribute(&event.attributes, "gen_ai.request.top_k"), json!(40));
        assert_eq!(attribute(&event.attributes, INPUT), prompt());
    }
    for conventions in [&[DEFAULT][..], &[OPEN_INFERENCE], &[DEFAULT, OPEN_INFERENCE]] {
        let (event, _) = asked(conventions);
        assert_eq!((event.severity_number, event.severity_text.as_str()), (0, ""));
        assert_eq!(attribute(&event.attributes, "gen_ai.provider.name"), Value::Null);
        assert_eq!(attribute(&event.attributes, "gen_ai.request.top_k"), Value::Null);
        assert_eq!(attribute(&event.attributes, INPUT), prompt());
    }
}

#[test]
fn content_has_the_names_of_each_convention_and_of_both_where_there_are_two() {
    let _turn = turn();
    let pieces = |span: &Span| {
        ["llm.input_messages.0", "llm.output_messages.0"]
            .map(|place| attribute(&span.attributes, &format!("{place}.message.content")))
    };
    let (open, none) =
        ([json!(format!("with {MASKED}")), json!("so.")], [(); 2].map(|()| Value::Null));
    let own = [prompt(), message("assistant", "so.")];
    for (conventions, of_genai, of_open_inference) in [
        (&[DEFAULT][..], &own, &none),
        (&[MAIN], &own, &none),
        (&[OPEN_INFERENCE], &none, &open),
        (&[DEFAULT, OPEN_INFERENCE], &own, &open),
        (&[DEFAULT, MAIN, OPEN_INFERENCE], &own, &open),
    ] {
        let (event, span) = asked(conventions);
        assert_eq!([INPUT, OUTPUT].map(|key| json_of(&span, key)), *of_genai, "{conventions:?}");
        assert_eq!(pieces(&span), *of_open_inference, "{conventions:?}");
        // OpenInference has no events.
        let on_event = [INPUT, OUTPUT].map(|key| attribute(&event.attributes, key));
        assert_eq!(on_event, own, "{conventions:?}");
    }
}

#[test]
fn cut_bytes_and_lengths_have_the_prefix_on_span_and_event() {
    let _turn = turn();
    for conventions in [&[DEFAULT][..], &[MAIN], &[OPEN_INFERENCE], &[DEFAULT, OPEN_INFERENCE]] {
        let receiver = sent(
            |builder| set(conventions)(builder).prefix("acme").content_limit(400),
            || ask(&"why? ".repeat(1000)),
        );
        let (event, one) = (record(&receiver), span(&receiver));
        let cut = attribute(&one.attributes, "acme.content.cut_bytes");
        assert!(cut.as_u64() > Some(4000), "{cut} {conventions:?}");
        assert_eq!(attribute(&event.attributes, "acme.content.cut_bytes"), cut);

        let receiver = sent(
            |builder| set(conventions)(builder).prefix("acme").content_mode(ContentMode::Length),
            || ask("why?"),
        );
        let (event, one) = (record(&receiver), span(&receiver));
        for (key, length) in [("acme.prompt_length", 4), ("acme.completion_length", 3)] {
            assert_eq!(attribute(&one.attributes, key), length, "{conventions:?}");
            assert_eq!(attribute(&event.attributes, key), length, "{conventions:?}");
        }
        assert!(!format!("{:?}", receiver.requests()).contains("spanline."), "{conventions:?}");
    }
}

fn fail() {
    Stage::new("s").run_blocking_with(
        || {
            current().evaluate(Evaluation::new("relevance").score(0.5));
        },
        |(), outcome| outcome.fail("refused", "no"),
    );
}

#[test]
fn exceptions_and_evaluations_have_the_prefix_where_the_name_is_ours() {
    let _turn = turn();
    for conventions in [&[DEFAULT][..], &[MAIN], &[OPEN_INFERENCE], &[MAIN, OPEN_INFERENCE]] {
        let receiver = sent(|builder| set(conventions)(builder).prefix("acme"), fail);
        let records = receiver.records();
        let mut names: Vec<&str> = records.iter().map(|it| it.record.event_name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["acme.stage.exception", "gen_ai.evaluation.result"]);
        for received in &records {
            let attributes = &received.record.attributes;
            if received.record.event_name == "acme.stage.exception" {
                assert_eq!(attribute(attributes, "exception.message"), "no");
            } else {
                assert_eq!(attribute(attributes, "gen_ai.evaluation.score.value"), 0.5);
            }
        }

        let receiver = sent(|builder| set(conventions)(builder).prefix("acme").logs_to([]), fail);
        let spans = receiver.spans();
        let carried = spans.iter().find(|it| it.span.name == "evaluate relevance").unwrap();
        assert_eq!(attribute(&carried.span.attributes, "acme.evaluation.score.value"), 0.5);
        let failed = spans.iter().find(|it| it.span.name == "s").unwrap();
        assert_eq!(failed.span.events[0].name, "exception");
    }
}

#[test]
fn records_are_of_the_scope_of_spans_whatever_the_conventions() {
    let _turn = turn();
    for conventions in [&[DEFAULT][..], &[MAIN], &[OPEN_INFERENCE], &[DEFAULT, OPEN_INFERENCE]] {
        let receiver = sent(set(conventions), || {
            ask("why?");
            fail();
        });
        let spans = receiver.spans();
        for received in receiver.records() {
            assert_eq!(received.scope, spans[0].scope);
            assert_eq!(received.schema_url, spans[0].schema_url);
        }
        assert_eq!(receiver.records().len(), 3);
    }
}

/// A reply of three choices, the first of which is cut off by a filter that says nothing.
fn chosen(exit: Exit) -> impl Fn() {
    let chunk = |index: u64, reason: Option<&str>| {
        json!({
            "object": "chat.completion.chunk", "id": "c", "model": "m",
            "choices": [{"index": index, "delta": {"content": "a"}, "finish_reason": reason}]
        })
    };
    let all = [chunk(0, None), chunk(1, Some("stop")), chunk(2, Some("length"))];
    move || {
        let chunks = stream::iter(all.clone());
        let call = LlmCall::new("openai", "m");
        let mut chunks =
            Box::pin(call.run_stream_with(chunks, |chunk, outcome| outcome.response(chunk)));
        match exit {
            Exit::End => block_on(chunks.for_each(|_| ready(()))),
            Exit::Left => drop(block_on(chunks.next())),
        }
    }
}

#[derive(Clone, Copy)]
enum Exit {
    End,
    Left,
}

#[test]
fn a_choice_that_stopped_for_no_reason_has_an_error_where_each_is_to_have_one() {
    let _turn = turn();
    let reasons = |conventions: &[Convention], exit: Exit| {
        let set = |builder: TelemetryBuilder| {
            builder.conventions(conventions.to_vec()).inference_events(true)
        };
        let receiver = sent(set, chosen(exit));
        let key = "gen_ai.response.finish_reasons";
        let of_span = attribute(&span(&receiver).attributes, key);
        assert_eq!(attribute(&record(&receiver).attributes, key), of_span);
        of_span
    };
    for conventions in [&[MAIN][..], &[MAIN, OPEN_INFERENCE]] {
        assert_eq!(reasons(conventions, Exit::End), json!(["error", "stop", "length"]));
        assert_eq!(reasons(conventions, Exit::Left), json!(["error"]));
    }
    for conventions in [&[DEFAULT][..], &[DEFAULT, MAIN], &[DEFAULT, OPEN_INFERENCE]] {
        assert_eq!(reasons(conventions, Exit::End), json!(["stop", "length"]));
        assert_eq!(reasons(conventions, Exit::Left), Value::Null);
    }
}
