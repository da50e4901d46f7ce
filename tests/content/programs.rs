//! The program's own functions that look at content, and the switch: each in a process of its own.

use serde_json::{Value, json};
use spanline_tests::process::{Ended, Process};

const SWITCH: &str = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT";
const KEYS: [&str; 3] = ["gen_ai.input.messages", "gen_ai.output.messages", "app.prompt.uri"];

fn program(scenario: &str) -> Process {
    Process::new(env!("CARGO_BIN_EXE_program"), scenario)
}

fn succeed(process: Process) -> Ended {
    let ended = process.run();
    assert!(ended.success, "{}", ended.stderr);
    ended
}

fn handed(session: &str, is_sampled: bool) -> Value {
    json!([{
        "sampled": is_sampled,
        "operation": "chat",
        "session": session,
        "trace": 32,
        "taken": [{"role": "user", "parts": [{"type": "text", "content": "why?"}]}],
        "left": ["gen_ai.output.messages"],
    }])
}

#[test]
fn a_hook_is_handed_content_that_nothing_else_captures() {
    let ended = succeed(program("content-hook"));
    let seen: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(seen, handed("s-1", true));
    let span = ended.lines.all();
    let [input, output, reference] = KEYS.map(|key| span.attribute("chat m", key));
    assert!(reference.starts_with("\"memory:"), "{reference}");
    assert_eq!((input.as_str(), output.as_str()), ("", ""), "the switch is off");
}

#[test]
fn what_a_hook_takes_is_on_no_span_and_what_it_changes_is_changed() {
    let ended = succeed(program("content-hook").env(SWITCH, "span_only"));
    let span = ended.lines.all();
    let [input, output, reference] = KEYS.map(|key| span.attribute("chat m", key));
    assert_eq!(input, "");
    assert!(output.contains("changed") && !output.contains("so."), "{output}");
    assert!(reference.starts_with("\"memory:"), "{reference}");
}

#[test]
fn a_hook_is_called_for_what_is_not_sampled() {
    let ended = succeed(program("content-hook").arg("0").env("OTEL_METRICS_EXPORTER", "none"));
    let seen: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(seen, handed("s-1", false));
    assert_eq!(ended.lines.all().spans.len(), 0);
}

#[test]
fn who_is_not_allowed_is_not_captured() {
    let ended = succeed(program("content-tenants"));
    let spans = ended.lines.all();
    let captured = |model: &str| !spans.attribute(&format!("chat {model}"), KEYS[0]).is_empty();
    assert!(captured("allowed"));
    for model in ["refused", "refused by property", "unknown"] {
        assert!(!captured(model), "{model}");
    }
}

#[test]
fn a_panic_of_the_programs_is_counted_and_what_it_saw_is_gone() {
    let ended = succeed(program("content-panics"));
    let spans = ended.lines.all();
    assert_eq!(spans.attribute("execute_tool in the hook", "gen_ai.tool.call.arguments"), "");
    assert_eq!(spans.attribute("chat in the policy", KEYS[0]), "");
    assert!(spans.attribute("chat usual", KEYS[0]).contains("why?"));
    assert!(ended.stdout.starts_with("2\n"), "{}", ended.stdout);
    let told = "2 panics of functions that look at content, which was dropped";
    assert!(ended.stdout.contains(told), "{}", ended.stdout);
}

#[test]
fn nothing_is_evaluated_unless_it_is_captured() {
    let ended = succeed(program("content-shutdown"));
    assert_eq!(ended.stdout, "evaluated\n", "once: while it was switched on");
    let spans = ended.lines.all().spans;
    let captured = spans.iter().filter(|span| format!("{span:?}").contains("why?"));
    assert_eq!((spans.len(), captured.count()), (2, 1));
}

#[test]
fn a_word_that_is_no_switch_captures_nothing() {
    let ended = succeed(program("content-tenants").env(SWITCH, "everything"));
    assert_eq!(ended.stderr.lines().count(), 1, "code wins, and still it is named");
    let ended = succeed(program("content-hook").env(SWITCH, "everything"));
    assert!(ended.stderr.contains("\"everything\" is unknown; expected one of no_content, "));
    assert_eq!(ended.lines.all().attribute("chat m", KEYS[1]), "");
}
