//! Evaluations: at once, later, from another process; as an event or as a span.

use spanline::{
    Evaluation, LlmCall, Protocol, Sampler, SpanReference, Stage, TraceContext, current, evaluate,
};
use spanline_tests::process::Process;

use super::support::receiver::Receiver;
use super::support::tree;
use super::{shown, telemetry, turn};

fn judged() -> Evaluation {
    Evaluation::new("relevance")
        .score(0.8)
        .label("good")
        .explanation("answers the question")
        .attribute("judge", "a-large")
}

/// A call that is over, by its reference.
fn answer() -> SpanReference {
    LlmCall::new("acme", "m").run_blocking_with(
        || {
            current().response_id("chatcmpl-1");
            current().reference().unwrap()
        },
        |_, _| (),
    )
}

#[test]
fn a_late_evaluation_is_an_event_of_the_evaluated_span() {
    let _turn = turn();
    let receiver = Receiver::start();
    let telemetry = telemetry(Protocol::Grpc, &receiver.url()).init().unwrap();
    let answer = answer();
    telemetry.flush().unwrap();
    evaluate(&answer, judged());
    evaluate(&answer, Evaluation::new("toxicity").failed("timeout"));
    telemetry.shutdown().unwrap();

    let expected = r#"gen_ai.evaluation.result of chat m [0 ]
  gen_ai.evaluation.explanation = "answers the question"
  gen_ai.evaluation.name = "relevance"
  gen_ai.evaluation.score.label = "good"
  gen_ai.evaluation.score.value = 0.8
  gen_ai.response.id = "chatcmpl-1"
  judge = "a-large"
gen_ai.evaluation.result of chat m [0 ]
  error.type = "timeout"
  gen_ai.evaluation.name = "toxicity"
  gen_ai.response.id = "chatcmpl-1"
"#;
    assert_eq!(shown(&receiver), expected);
    assert_eq!(receiver.spans().len(), 1, "and no span beside it");
    assert!(receiver.records().iter().all(|it| it.record.flags == 1));
}

#[test]
fn without_log_records_it_is_a_span_below_the_evaluated_one() {
    let _turn = turn();
    let receiver = Receiver::start();
    let telemetry = telemetry(Protocol::Grpc, &receiver.url()).logs_to([]).init().unwrap();
    let answer = answer();
    evaluate(&answer, judged());
    evaluate(&answer, Evaluation::new("toxicity").failed("timeout"));
    telemetry.shutdown().unwrap();

    assert_eq!(shown(&receiver), "");
    let expected = r#"chat m (client) unset
  gen_ai.operation.name = "chat"
  gen_ai.provider.name = "acme"
  gen_ai.request.model = "m"
  gen_ai.response.id = "chatcmpl-1"
    evaluate relevance (internal) unset
      judge = "a-large"
      spanline.evaluation.explanation = "answers the question"
      spanline.evaluation.name = "relevance"
      spanline.evaluation.response.id = "chatcmpl-1"
      spanline.evaluation.score.label = "good"
      spanline.evaluation.score.value = 0.8
    evaluate toxicity (internal) error
      error.type = "timeout"
      spanline.evaluation.name = "toxicity"
      spanline.evaluation.response.id = "chatcmpl-1"
      * exception
        exception.type = "timeout"
"#;
    assert_eq!(tree::tree(&receiver.spans()), expected);
}

#[test]
fn the_current_span_can_be_evaluated_while_it_runs() {
    let _turn = turn();
    for logs in [true, false] {
        let receiver = Receiver::start();
        let mut builder = telemetry(Protocol::Grpc, &receiver.url());
        if !logs {
            builder = builder.logs_to([]);
        }
        let telemetry = builder.init().unwrap();
        Stage::new("s").run_blocking_with(
            || {
                current().evaluate(Evaluation::new("is_json").score(1).label("pass"));
            },
            |(), _| (),
        );
        // Outside any span there is nothing to evaluate.
        current().evaluate(Evaluation::new("nothing"));
        telemetry.shutdown().unwrap();
        let spans = receiver.spans();
        if logs {
            let lines = shown(&receiver);
            assert!(lines.starts_with("gen_ai.evaluation.result of s [0 ]\n"), "{lines}");
            assert!(lines.contains("score.value = 1.0"), "a score is a double: {lines}");
            assert_eq!((receiver.records().len(), spans.len()), (1, 1));
        } else {
            let names: Vec<_> = spans.iter().map(|it| it.span.name.as_str()).collect();
            assert_eq!(names, ["evaluate is_json", "s"]);
            assert_eq!(spans[0].span.parent_span_id, spans[1].span.span_id);
        }
    }
}

#[test]
fn what_is_no_number_and_what_has_no_name_is_refused_and_counted() {
    let _turn = turn();
    let receiver = Receiver::start();
    let telemetry = telemetry(Protocol::Grpc, &receiver.url()).init().unwrap();
    let before = telemetry.health().refused_evaluations;
    let answer = answer();
    for score in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        evaluate(&answer, Evaluation::new("relevance").score(score).label("good"));
    }
    evaluate(&answer, Evaluation::new("").score(1));
    evaluate(&answer, Evaluation::new("missing").score(None::<f64>));
    telemetry.shutdown().unwrap();
    let health = telemetry.health();
    assert_eq!(health.refused_evaluations - before, 4);
    assert!(health.to_string().contains(" evaluations refused"), "{health}");
    let names: Vec<_> =
        receiver.records().iter().flat_map(|it| tree::attributes(&it.record.attributes)).collect();
    assert_eq!(
        names,
        [r#"gen_ai.evaluation.name = "missing""#, r#"gen_ai.response.id = "chatcmpl-1""#]
    );
}

#[test]
fn an_answer_that_was_not_sampled_is_evaluated_as_a_record_and_not_as_a_span() {
    let _turn = turn();
    for (logs, records) in [(true, 1), (false, 0)] {
        let receiver = Receiver::start();
        let mut builder =
            telemetry(Protocol::Grpc, &receiver.url()).sampler(Sampler::ParentBasedAlwaysOff);
        if !logs {
            builder = builder.logs_to([]);
        }
        let telemetry = builder.init().unwrap();
        let answer = answer();
        assert!(!answer.is_sampled());
        evaluate(&answer, judged());
        telemetry.shutdown().unwrap();
        assert_eq!((receiver.records().len(), receiver.spans().len()), (records, 0));
    }
}

#[test]
fn without_telemetry_it_is_nothing() {
    let _turn = turn();
    assert_eq!(current().reference(), None);
    let reference: SpanReference =
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".parse().unwrap();
    let allocated = allocation_counter::measure(|| {
        evaluate(&reference, Evaluation::new("relevance").score(0.5));
    });
    assert_eq!(allocated.count_total, 0);
}

#[test]
fn a_score_finds_its_span_across_two_processes() {
    let program = env!("CARGO_BIN_EXE_program");
    let answered = Process::new(program, "answer").run();
    assert!(answered.success, "{}", answered.stderr);
    let reference: SpanReference = answered.stdout.trim().parse().unwrap();
    assert_eq!(reference.response_id(), Some("chatcmpl-1"));

    let judge = |logs: &str| {
        let judged = Process::new(program, "judge")
            .env("REFERENCE", answered.stdout.trim())
            .env("OTEL_LOGS_EXPORTER", logs)
            .run();
        assert!(judged.success, "{}", judged.stderr);
        judged.lines
    };
    let lines = judge("file");
    let [record] = lines.records.as_slice() else { panic!("{lines:?}") };
    assert_eq!(record.event_name, "gen_ai.evaluation.result");
    assert_eq!(tree::hex(&record.trace_id), reference.trace_id());
    assert_eq!(tree::hex(&record.span_id), reference.span_id());
    assert!(lines.traces.is_empty());

    let lines = judge("none");
    assert!(lines.records.is_empty());
    let spans = &lines.traces[&reference.trace_id()];
    assert_eq!(spans.len(), 1);
    assert_eq!(spans[0].name, "evaluate relevance");
    assert_eq!(tree::hex(&spans[0].parent_span_id), reference.span_id());
}

#[test]
fn a_reference_is_the_same_as_text_and_as_json() {
    let plain = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let reference: SpanReference = plain.parse().unwrap();
    assert_eq!(reference.to_string(), plain);
    assert_eq!((reference.span_id().as_str(), reference.response_id()), ("00f067aa0ba902b7", None));
    let reference = reference.with_response_id("a;b").with_response_id(None::<&str>);
    let text = format!("{plain};a;b");
    assert_eq!(String::from(reference.clone()), text);
    assert_eq!(SpanReference::try_from(text.as_str()), Ok(reference.clone()));
    assert_eq!(reference.traceparent(), plain);
    let json = serde_json::to_string(&reference).unwrap();
    assert_eq!(json, format!("{text:?}"));
    assert_eq!(serde_json::from_str::<SpanReference>(&json).unwrap(), reference);
    assert!(TraceContext::from_traceparent(&reference.traceparent()).is_valid());
    for wrong in ["", ";id", "nonsense", &format!("{plain};"), &plain.replace("4bf9", "4BF9")] {
        assert!(wrong.parse::<SpanReference>().is_err(), "{wrong}");
        assert!(serde_json::from_value::<SpanReference>(wrong.into()).is_err(), "{wrong}");
    }
}

#[test]
fn the_console_has_a_line_for_each_record_and_the_error_on_its_span() {
    let program = env!("CARGO_BIN_EXE_program");
    let ended = Process::new(program, "answer")
        .env("OTEL_TRACES_EXPORTER", "console")
        .env("OTEL_LOGS_EXPORTER", "console")
        .env("NO_COLOR", "1")
        .env("LC_ALL", "C.UTF-8")
        .run();
    assert!(ended.success, "{}", ended.stderr);
    let line = ended
        .stderr
        .lines()
        .find(|line| line.contains("spanline.stage.exception"))
        .unwrap_or_else(|| panic!("{}", ended.stderr));
    let (time, rest) = line.split_once("  ").unwrap();
    assert_eq!((time.len(), time.ends_with('Z')), ("12:34:56.789Z".len(), true), "{line}");
    let expected = "WARN   spanline.stage.exception  \
                    exception.type=core::num::error::ParseIntError  \
                    exception.message=\"invalid digit found in string\"  trace ";
    assert!(rest.starts_with(expected), "{line}");
    let error = "core::num::error::ParseIntError: invalid digit found in string";
    assert!(ended.stderr.contains(error), "{}", ended.stderr);
}
