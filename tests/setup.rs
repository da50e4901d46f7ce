//! Set-up, flush and shutdown, each in a process of its own.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use spanline_tests::process::{Ended, Process};

fn program(scenario: &str) -> Process {
    Process::new(env!("CARGO_BIN_EXE_program"), scenario)
}

fn run(scenario: &str) -> Ended {
    succeed(program(scenario))
}

fn succeed(process: Process) -> Ended {
    let ended = process.run();
    assert!(ended.success, "{}", ended.stderr);
    ended
}

/// The names of all exported spans.
fn names(ended: &Ended) -> Vec<String> {
    let mut names: Vec<String> =
        ended.lines.all().spans.into_iter().map(|span| span.name).collect();
    names.sort();
    names
}

fn numbers(ended: &Ended) -> Vec<u64> {
    ended.stdout.lines().map(|line| line.parse().unwrap()).collect()
}

#[test]
fn a_second_init_is_a_handle_to_the_first_with_a_warning() {
    let ended = run("second-init");
    let warning =
        "telemetry was set up already; the settings of this further `init` are not used\n";
    assert_eq!(ended.stdout, format!("second enabled: true\nfirst enabled: true\n{warning}"));
    assert_eq!(ended.stderr, format!("spanline: warning: {warning}"));
    assert_eq!(names(&ended), ["with both", "with the first"], "each once, by one pipeline");
    let resource = format!("{:?}", ended.lines.resource);
    assert!(!resource.contains("ignored"), "{resource}");
}

#[test]
fn after_shutdown_init_works_again() {
    let ended = run("again");
    assert_eq!(ended.stdout, "enabled: true\nenabled: false\n".repeat(2));
    assert_eq!(names(&ended), ["first", "first of theirs", "second", "second of theirs"]);
    assert_eq!(ended.stderr, "");
}

#[test]
fn disabled_records_nothing_and_can_be_followed_by_another_init() {
    let ended = succeed(program("disabled").env("OTEL_SDK_DISABLED", "true"));
    assert_eq!(ended.stdout, "enabled: false\ninside: None\nenabled: true\n");
    assert_eq!(names(&ended), ["recorded"]);
}

#[test]
fn without_init_nothing_is_recorded() {
    let ended = run("unset");
    assert_eq!(ended.stdout, "None\nfalse\n");
    assert_eq!(names(&ended), [""; 0]);
    assert_eq!(ended.stderr, "");
}

#[test]
fn dropping_the_handle_at_the_end_of_main_flushes() {
    let ended = run("dropped");
    assert_eq!(names(&ended), ["before the end of main"]);
    assert_eq!(ended.lines.metrics().histogram("spanline.stage.duration").data_points.len(), 1);
}

#[test]
fn a_panic_in_main_flushes() {
    let ended = program("panics").run();
    assert!(!ended.success);
    assert_eq!(
        ended.lines.all().tree(),
        "around error \"panicked: the end\" error.type=\"panic\"\n  before\n"
    );
    assert_eq!(ended.lines.metrics().histogram("spanline.stage.duration").data_points.len(), 2);
}

#[test]
fn flush_works_in_every_runtime_and_in_none() {
    let ended = run("flushes");
    assert_eq!(
        ended.stdout,
        "no runtime: 1\ncurrent-thread: 2\nmulti-thread: 3\nanother thread: 4\ntheirs: 5\nshutdown: 6\n"
    );
    assert_eq!(names(&ended).len(), 6);
}

#[test]
fn spans_that_end_after_shutdown_are_counted() {
    let ended = run("late");
    assert_eq!(numbers(&ended), [0, 2]);
    assert_eq!(names(&ended), [""; 0]);
}

#[test]
fn what_overflows_the_queue_is_counted_exactly() {
    let ended = run("overflow");
    let [made, exported, lost, in_health] = numbers(&ended)[..] else { panic!("{}", ended.stdout) };
    assert_eq!(exported, names(&ended).len() as u64, "what is exported is in the file");
    assert!(lost > 0, "the queue is too small for all");
    assert_eq!(made, exported + lost);
    assert_eq!(lost, in_health);
}

#[test]
fn a_shutdown_while_threads_still_end_spans_loses_none_uncounted() {
    let ended = run("still-running");
    let [made, accounted] = numbers(&ended)[..] else { panic!("{}", ended.stdout) };
    assert_eq!(made, accounted);
}

#[test]
fn a_program_that_never_pauses_does_not_starve_its_exporters() {
    let ended = run("busy");
    assert!(names(&ended).len() > 1_000);
}

#[test]
fn health_says_what_is_configured_and_what_became_of_it() {
    let ended = succeed(
        program("health").env("OTEL_SERVICE_NAME", "bot").env("OTEL_BSP_SCHEDULE_DELAY", "soon"),
    );
    for line in [
        "recording: on",
        ": 2 spans and 0 points exported, 0 and 0 lost, 0 spans waiting",
        ": 0 spans and 2 points exported, 0 and 0 lost, 0 spans waiting",
        "0 spans dropped before any exporter, 0 ended after shutdown",
        "service.name",
        "(OTEL_SERVICE_NAME)",
        "(OTEL_TRACES_EXPORTER",
        "warning: OTEL_BSP_SCHEDULE_DELAY: \"soon\"",
    ] {
        assert!(ended.stdout.contains(line), "no `{line}` in\n{}", ended.stdout);
    }
}

#[test]
fn late_attributes_that_matter_outlive_the_limit() {
    let ended = run("attributes");
    let all = ended.lines.all();
    let ours = all.span("chat m");
    assert_eq!(ours.attributes.len(), 128);
    assert_eq!(
        all.tree_with(&[
            "gen_ai.usage.input_tokens",
            "gen_ai.usage.output_tokens",
            "session.id",
            "error.type"
        ]),
        format!(
            "chat m <client> error {:?} gen_ai.usage.input_tokens=612 \
             gen_ai.usage.output_tokens=148 session.id=\"s-1\" error.type=\"core::fmt::Error\"\n\
             theirs gen_ai.usage.output_tokens=148\n",
            std::fmt::Error.to_string()
        )
    );
    assert_eq!(ours.dropped_attributes_count, 400 + 7 - 128, "all that is missing is counted");
    let theirs = all.span("theirs");
    assert_eq!((theirs.attributes.len(), theirs.dropped_attributes_count), (128, 73));
}

#[test]
fn the_smallest_limit_keeps_outcome_and_usage() {
    let ended = succeed(program("attributes").env("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "3"));
    let mut keys: Vec<String> = ended
        .lines
        .all()
        .span("chat m")
        .attributes
        .iter()
        .map(|attribute| attribute.key.clone())
        .collect();
    keys.sort();
    assert_eq!(keys, ["error.type", "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"]);
}

#[test]
fn text_is_cut_at_characters_and_numbers_are_not() {
    let ended = succeed(program("lengths").env("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "4"));
    let all = ended.lines.all();
    assert_eq!(
        all.attributes("ours"),
        "built=\"añ→😀\"\nset=\"añ→😀\"\narray=[\"añ→😀\", \"shor\"]\nnumber=1234567890\n"
    );
    assert_eq!(all.events("ours"), "event text=\"añ→😀\"\n");
    assert_eq!(all.attribute("theirs", "text"), "\"añ→😀\"");
}

#[test]
fn events_and_links_over_the_limit_are_dropped_and_counted() {
    let ended = succeed(
        program("events-and-links")
            .env("OTEL_SPAN_EVENT_COUNT_LIMIT", "2")
            .env("OTEL_SPAN_LINK_COUNT_LIMIT", "3")
            .env("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "1"),
    );
    let all = ended.lines.all();
    let span = all.span("ours");
    assert_eq!(all.events("ours"), "event a=0\nevent a=1\n");
    assert_eq!((span.events.len(), span.dropped_events_count), (2, 3));
    assert_eq!((span.links.len(), span.dropped_links_count), (3, 2));
    assert_eq!(span.events[0].dropped_attributes_count, 2);
}

#[test]
fn a_large_span_fits_through_a_small_queue() {
    let ended = run("large-in-small-queue");
    assert_eq!(names(&ended), vec!["large"; 20]);
    assert!(ended.lines.all().spans.iter().all(|span| span.attributes.len() == 100));
}

#[test]
fn a_cancelled_and_an_abandoned_span_are_errors_where_that_is_asked_for() {
    let ended = run("cancelled");
    assert_eq!(
        ended.lines.all().tree(),
        "endless error \"cancelled\" error.type=\"cancelled\"\n\
         left error \"abandoned\" error.type=\"abandoned\"\n"
    );
}

/// Everything that is told of the errors of one run.
fn errors(scenario: &str, variables: &[(&str, &str)]) -> (String, Ended) {
    let process =
        variables.iter().fold(program(scenario), |process, (name, value)| process.env(name, value));
    let ended = succeed(process);
    (ended.lines.all().tree_with(&[]), ended)
}

const DISPLAYED: &str = "built error \"cannot answer those\"\n\
     chosen error \"cannot answer this\"\n  usual error \"cannot answer this\"\n\
     guard error \"cannot answer them\"\n\
     items error \"cannot answer it\"\n\
     text error \"text\"\n";

const NAMED: &str = "built error \"\"\n\
     chosen error \"cannot answer this\"\n  usual error \"\"\n\
     guard error \"\"\n\
     items error \"\"\n\
     text error \"\"\n";

#[test]
fn how_errors_are_told_is_set_for_the_process() {
    assert_eq!(errors("errors", &[]).0, DISPLAYED);
    assert_eq!(errors("errors", &[("SPANLINE_ERRORS", "display")]).0, DISPLAYED);
    assert_eq!(
        errors("errors", &[("SPANLINE_ERRORS", "Debug")]).0,
        DISPLAYED
            .replace("usual error \"cannot answer this\"", "usual error \"Quoting(\\\"this\\\")\"")
            .replace("cannot answer those", "Quoting(\\\"those\\\")")
            .replace("cannot answer them", "Quoting(\\\"them\\\")")
            .replace("cannot answer it", "Quoting(\\\"it\\\")")
    );
    let (tree, ended) = errors("errors", &[("SPANLINE_ERRORS", "type")]);
    assert_eq!(tree, NAMED);
    let chosen = ended.lines.all().events("chosen");
    assert!(chosen.contains("cannot answer this"), "{chosen}");
    let all = format!("{:?}", ended.lines.all());
    assert!(!["that", "those", "them"].iter().any(|word| all.contains(&format!("answer {word}"))));
    assert_eq!(ended.stderr, "");
    assert_eq!(errors("errors-in-code", &[("SPANLINE_ERRORS", "debug")]).0, NAMED);
}

#[test]
fn a_word_that_nobody_knows_keeps_the_text_of_errors_in() {
    let (tree, ended) = errors("errors", &[("SPANLINE_ERRORS", "typ")]);
    assert_eq!(tree, NAMED);
    assert_eq!(
        ended.stderr,
        "spanline: warning: SPANLINE_ERRORS: \"typ\" is unknown; expected one of display, debug, type; \
         using type\n"
    );
}
