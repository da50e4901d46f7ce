//! A secret in the text of an error, and that text where a person reads it.

use std::fmt;

use serde_json::json;
use spanline::{Evaluation, SpanReference, Stage, current, evaluate};
use spanline_tests::process::Process;

use super::{KEY, MASKED, attribute, record, sent, span, turn};

#[derive(Debug)]
struct Refused;

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the key {KEY} was refused")
    }
}

impl std::error::Error for Refused {}

fn masked() -> String {
    format!("the key {MASKED} was refused")
}

#[test]
fn a_secret_in_an_error_is_masked_in_its_log_record_and_in_the_status() {
    let _turn = turn();
    let panics = || {
        let stage = Stage::new("s");
        let broken = move || stage.run_blocking_with(|| panic!("{Refused}"), |(): &(), _| ());
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(broken)).unwrap_err();
    };
    let fails: fn() = || {
        Stage::new("s").run_blocking(|| Err::<(), _>(Refused)).unwrap_err();
    };
    for (run, message) in [(fails, masked()), (panics, format!("panicked: {}", masked()))] {
        let receiver = sent(|builder| builder, run);
        assert_eq!(attribute(&record(&receiver).attributes, "exception.message"), message);
        assert_eq!(span(&receiver).status.unwrap().message, message);
        assert!(!format!("{:?}", receiver.requests()).contains(KEY));
    }
}

#[test]
fn a_secret_in_an_evaluation_is_masked_on_its_event_and_on_its_span() {
    let _turn = turn();
    let reference: SpanReference =
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".parse().unwrap();
    let judge = || {
        let evaluation = Evaluation::new("relevance").explanation(format!("{Refused}"));
        evaluate(&reference, evaluation.attribute("note", KEY));
    };
    let receiver = sent(|builder| builder, judge);
    let event = record(&receiver);
    assert_eq!(attribute(&event.attributes, "gen_ai.evaluation.explanation"), masked());
    assert_eq!(attribute(&event.attributes, "note"), MASKED);

    let receiver = sent(|builder| builder.logs_to([]), judge);
    let span = span(&receiver);
    assert_eq!(attribute(&span.attributes, "spanline.evaluation.explanation"), masked());
    assert_eq!(attribute(&span.attributes, "note"), MASKED);
}

#[test]
fn a_mask_of_the_programs_is_given_the_text_of_an_error_once() {
    let _turn = turn();
    let mask = |text: &str| text.contains("refused").then(|| format!("<{text}>"));
    let run = || {
        Stage::new("s").run_blocking_with(
            || {
                current().evaluate(Evaluation::new("e").explanation("refused it"));
            },
            |(), outcome| outcome.fail("no", "refused"),
        );
    };
    let receiver = sent(|builder| builder.mask_with(mask), run);
    assert_eq!(span(&receiver).status.unwrap().message, "<refused>");
    let records = receiver.records();
    let said = |key: &str| {
        let mut found = records.iter().map(|it| attribute(&it.record.attributes, key));
        found.find(|value| !value.is_null()).unwrap_or_default()
    };
    assert_eq!(said("exception.message"), "<refused>");
    assert_eq!(said("gen_ai.evaluation.explanation"), "<refused it>");
}

#[test]
fn a_secret_that_is_a_key_of_a_map_in_a_log_record_is_masked() {
    use spanline::opentelemetry::logs::{
        AnyValue, LogRecord as _, Logger as _, LoggerProvider as _,
    };

    let _turn = turn();
    let receiver = super::Receiver::start();
    let telemetry = super::telemetry(&receiver).init().unwrap();
    let logger = telemetry.logger_provider().logger("theirs");
    let mut record = logger.create_log_record();
    let other = "sk-zZ9yX8wV7uT6sR5qP4oN3mL2";
    let members = [(KEY, 1), (other, 2), ("plain", 3)];
    record.add_attribute("tried", members.into_iter().collect::<AnyValue>());
    logger.emit(record);
    telemetry.shutdown().unwrap();
    let tried = attribute(&super::record(&receiver).attributes, "tried");
    let counts: Vec<_> = [MASKED, "[masked:openai-key] 2", "plain"]
        .map(|key| tried[key].as_i64().unwrap_or_default())
        .to_vec();
    assert_eq!((counts.iter().sum::<i64>(), counts[2]), (6, 3), "{tried}");
    assert_eq!(tried.as_object().unwrap().len(), json!(members).as_array().unwrap().len());
}

/// What the console shows of the program, without what differs from run to run.
fn console(variables: &[(&str, &str)]) -> String {
    let mut process = Process::new(env!("CARGO_BIN_EXE_program"), "answer")
        .env("OTEL_TRACES_EXPORTER", "console")
        .env("OTEL_METRICS_EXPORTER", "none")
        .env("NO_COLOR", "1")
        .env("LC_ALL", "C.UTF-8");
    for (name, value) in variables {
        process = process.env(name, value);
    }
    let ended = process.run();
    assert!(ended.success, "{}", ended.stderr);
    let words = ended.stderr.split_whitespace();
    let is_unit = |word: &str| ["µs", "ms", "s"].contains(&word);
    let lasting = words
        .filter(|word| !word.contains(|letter: char| letter.is_ascii_digit()) && !is_unit(word));
    lasting.collect::<Vec<_>>().join(" ")
}

#[test]
fn the_console_shows_an_error_once_and_under_default_names_whatever_is_exported() {
    let usual = console(&[]);
    let error = "core::num::error::ParseIntError: invalid digit found in string";
    assert_eq!(usual.matches(error).count(), 1, "{usual}");
    assert_eq!(usual.matches("invalid digit").count(), 1, "{usual}");
    for signal in ["logs", "logs/dup"] {
        for conventions in ["v1.41.1", "genai-main", "openinference", "v1.41.1,openinference"] {
            let shown = console(&[
                ("OTEL_LOGS_EXPORTER", "file"),
                ("OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN", signal),
                ("SPANLINE_CONVENTIONS", conventions),
                ("SPANLINE_PREFIX", "acme"),
            ]);
            assert_eq!(shown, usual, "{signal} {conventions}");
        }
    }
}
