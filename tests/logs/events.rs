//! Exceptions, each once; the details of inferences.

use opentelemetry::trace::{Status, TraceContextExt as _};
use spanline::{
    Agent, LlmCall, LlmOperation, Pipeline, Protocol, Retrieval, Sampler, SpanBuilder, Stage, Tool,
    Usage, current,
};

use super::support::receiver::Receiver;
use super::{shown, span_events, telemetry, turn};

fn parse() -> Result<u8, std::num::ParseIntError> {
    "x".parse()
}

const MESSAGE: &str = r#"
  exception.message = "invalid digit found in string"
  exception.type = "core::num::error::ParseIntError""#;

#[test]
fn each_failed_operation_is_one_record_under_its_own_name() {
    let _turn = turn();
    let receiver = Receiver::start();
    let telemetry = telemetry(Protocol::HttpJson, &receiver.url()).init().unwrap();
    Pipeline::new("p").run_blocking(parse).unwrap_err();
    Stage::new("s").run_blocking(parse).unwrap_err();
    LlmCall::new("acme", "m").run_blocking(parse).unwrap_err();
    LlmCall::new("acme", "e")
        .operation_kind(LlmOperation::Embeddings)
        .run_blocking(parse)
        .unwrap_err();
    Retrieval::new("handbook").run_blocking(parse).unwrap_err();
    Agent::new("a").run_blocking(parse).unwrap_err();
    Tool::new("t").run_blocking(parse).unwrap_err();
    SpanBuilder::new("plain").run_blocking(parse).unwrap_err();
    telemetry.shutdown().unwrap();

    let expected: String = [
        "spanline.pipeline.exception of invoke_workflow p",
        "spanline.stage.exception of s",
        "gen_ai.client.operation.exception of chat m",
        "gen_ai.client.operation.exception of embeddings e",
        "gen_ai.client.operation.exception of retrieval handbook",
        "spanline.agent.exception of invoke_agent a",
        "spanline.tool.exception of execute_tool t",
        "spanline.span.exception of plain",
    ]
    .map(|line| format!("{line} [13 WARN]{MESSAGE}\n"))
    .concat();
    assert_eq!(shown(&receiver), expected);
    assert_eq!(span_events(&receiver), [""; 0]);
    for received in receiver.records() {
        assert_eq!(received.scope.name, "spanline");
        assert_eq!(received.schema_url, "https://opentelemetry.io/schemas/1.41.1");
        assert!(received.record.time_unix_nano > 0 && received.record.body.is_none());
    }
    let descriptions: Vec<_> =
        receiver.spans().into_iter().map(|it| it.span.status.unwrap().message).collect();
    assert_eq!(descriptions, ["invalid digit found in string"; 8]);
}

#[test]
fn an_exception_is_told_once_in_each_setting_and_twice_only_on_request() {
    let _turn = turn();
    for (logs, both, records, events) in [
        (true, None, 1, 0),
        (true, Some(false), 1, 0),
        (true, Some(true), 1, 1),
        (false, None, 0, 1),
    ] {
        let receiver = Receiver::start();
        let mut builder = telemetry(Protocol::Grpc, &receiver.url());
        if !logs {
            builder = builder.logs_to([]);
        }
        if let Some(both) = both {
            builder = builder.exceptions_on_spans(both);
        }
        let telemetry = builder.init().unwrap();
        Stage::new("s").run_blocking(parse).unwrap_err();
        telemetry.shutdown().unwrap();
        assert_eq!(receiver.records().len(), records, "{logs} {both:?}");
        assert_eq!(span_events(&receiver).len(), events, "{logs} {both:?}");
    }
}

#[test]
fn what_is_recorded_by_hand_and_what_no_event_tells_is_one_record_too() {
    let _turn = turn();
    let receiver = Receiver::start();
    let telemetry = telemetry(Protocol::Grpc, &receiver.url()).init().unwrap();
    Stage::new("by hand").run_blocking_with(
        || {
            current().record_error(&parse().unwrap_err()).event("other", ());
        },
        |(), _| (),
    );
    std::panic::catch_unwind(|| {
        Stage::new("panics").run_blocking_with(|| panic!("gone"), |(): &(), _| ());
    })
    .unwrap_err();
    Stage::new("status").run_blocking_with(
        || {
            let context = opentelemetry::Context::current();
            context.span().set_status(Status::error("said so"));
        },
        |(), _| (),
    );
    // Nobody's error.
    let cancelled = Stage::new("cancelled").start();
    drop(cancelled);
    telemetry.shutdown().unwrap();

    let expected = format!(
        "spanline.stage.exception of by hand [13 WARN]{MESSAGE}\n\
         spanline.stage.exception of panics [13 WARN]\n  \
         exception.message = \"panicked: gone\"\n  exception.type = \"panic\"\n\
         spanline.stage.exception of status [13 WARN]\n  \
         exception.message = \"said so\"\n  exception.type = \"_OTHER\"\n"
    );
    assert_eq!(shown(&receiver), expected);
    assert_eq!(span_events(&receiver), ["other"]);
}

#[test]
fn details_of_an_inference_are_those_of_its_span_but_for_two() {
    let _turn = turn();
    let receiver = Receiver::start();
    let telemetry =
        telemetry(Protocol::HttpProtobuf, &receiver.url()).inference_events(true).init().unwrap();
    LlmCall::new("openai", "gpt-4o-mini")
        .temperature(0.2)
        .top_k(40)
        .stop_sequences(["END"])
        .conversation("c-1")
        .attribute("mine", 1)
        .run_blocking_with(
            || {
                current().response_id("chatcmpl-1").finish_reason("stop");
            },
            |(), outcome| outcome.usage(Usage::new(612, 148)),
        );
    LlmCall::new("openai", "e").operation_kind(LlmOperation::Embeddings).start().end();
    Tool::new("t").start().end();
    telemetry.shutdown().unwrap();

    let expected = r#"gen_ai.client.inference.operation.details of chat gpt-4o-mini [0 ]
  gen_ai.conversation.id = "c-1"
  gen_ai.operation.name = "chat"
  gen_ai.request.model = "gpt-4o-mini"
  gen_ai.request.stop_sequences = ["END"]
  gen_ai.request.temperature = 0.2
  gen_ai.response.finish_reasons = ["stop"]
  gen_ai.response.id = "chatcmpl-1"
  gen_ai.usage.input_tokens = 612
  gen_ai.usage.output_tokens = 148
"#;
    assert_eq!(shown(&receiver), expected);
    let ([record], spans) = (receiver.records().try_into().unwrap(), receiver.spans());
    assert_eq!(record.record.time_unix_nano, spans[0].span.end_time_unix_nano);
}

#[test]
fn what_is_not_sampled_tells_no_events() {
    let _turn = turn();
    let receiver = Receiver::start();
    let telemetry = telemetry(Protocol::Grpc, &receiver.url())
        .sampler(Sampler::AlwaysOff)
        .inference_events(true)
        .init()
        .unwrap();
    LlmCall::new("acme", "m").run_blocking(parse).unwrap_err();
    telemetry.shutdown().unwrap();
    assert_eq!(shown(&receiver), "");
}

#[test]
fn limits_cut_records_and_say_how_much() {
    let _turn = turn();
    let receiver = Receiver::start();
    let telemetry = telemetry(Protocol::Grpc, &receiver.url())
        .record_attribute_count_limit(1)
        .record_attribute_length_limit(4)
        .init()
        .unwrap();
    Stage::new("s").run_blocking(parse).unwrap_err();
    telemetry.shutdown().unwrap();
    assert_eq!(
        shown(&receiver),
        "spanline.stage.exception of s [13 WARN]\n  exception.type = \"core\"\n"
    );
    let records = receiver.records();
    assert_eq!(records[0].record.dropped_attributes_count, 1);
}

#[test]
fn a_full_span_still_tells_its_exception() {
    let _turn = turn();
    let receiver = Receiver::start();
    let telemetry = telemetry(Protocol::Grpc, &receiver.url()).event_count_limit(2).init().unwrap();
    Stage::new("s")
        .run_blocking(|| {
            for _ in 0..5 {
                current().event("step", ());
            }
            parse()
        })
        .unwrap_err();
    telemetry.shutdown().unwrap();
    assert_eq!(shown(&receiver), format!("spanline.stage.exception of s [13 WARN]{MESSAGE}\n"));
    assert_eq!(span_events(&receiver), ["step", "step"]);
}
