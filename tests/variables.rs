//! Every environment variable, in processes that have no others.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    missing_docs,
    reason = "a test stops at what it did not expect"
)]

#[path = "variables/case.rs"]
mod case;
#[path = "variables/run.rs"]
mod run;
#[path = "variables/sent.rs"]
mod sent;
mod support;

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::thread;

use case::{Case, cases};
use run::{Ended, set_up, work};
use support::authority::Authority;

const DOCUMENTATION: &str = include_str!("../docs/variables.md");

/// The first column of the documentation's table.
fn documented() -> BTreeSet<&'static str> {
    let cells = DOCUMENTATION.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    cells.map(|(name, _)| name).collect()
}

/// Looks at each case, a few at a time: each takes processes of its own.
fn each(cases: &[Case], look: impl Fn(&Case) + Sync) {
    let share = cases.len().div_ceil(4).max(1);
    thread::scope(|scope| {
        for cases in cases.chunks(share) {
            scope.spawn(|| cases.iter().for_each(&look));
        }
    });
}

fn text<'a>(variables: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a OsStr)> {
    variables.iter().map(|(name, value)| (*name, OsStr::new(*value))).collect()
}

#[test]
fn every_documented_variable_has_a_case() {
    let cases = cases(&Authority::new());
    let names: BTreeSet<&str> = cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names, documented());
    assert_eq!(names.len(), cases.len());
}

/// One message, with the value and with what was expected.
fn assert_named(ended: &Ended, case: &Case) {
    let messages = ended.about(&case.name);
    let [message] = messages.as_slice() else { panic!("{}: {ended:#?}", case.name) };
    assert!(message.contains(&case.shown), "{}: {} is not in {message}", case.name, case.shown);
    assert!(message.contains("; expected "), "{}: {message}", case.name);
    assert!(!ended.stderr.contains("s3cret") && !ended.stdout.contains("s3cret"), "{ended:?}");
}

#[test]
fn one_bad_value_alone_is_one_line_on_stderr() {
    each(&cases(&Authority::new()), |case| {
        let Some(bad) = &case.bad else { return };
        let ended = set_up(&[(&case.name, bad)]);
        if case.name == "OTEL_EXPORTER_JAEGER_AGENT_PORT" {
            // That there is no agent any more comes first.
            assert_eq!(ended.about(&case.name).len(), 2, "{ended:?}");
            return;
        }
        if case.name == "OTEL_TRACES_SAMPLER_ARG" {
            // Without its sampler it is wrong in a second way.
            assert_eq!(ended.about(&case.name).len(), 2, "{ended:?}");
            return;
        }
        assert_named(&ended, case);
        assert_eq!(ended.stderr.lines().count(), 1, "{}: {}", case.name, ended.stderr);
        let is_error = ended.stderr.starts_with("Error: ");
        assert_eq!(ended.is_success, !is_error, "{}: {ended:?}", case.name);
        assert!(is_error || ended.stderr.starts_with("spanline: warning: "), "{}", ended.stderr);
    });
}

#[test]
fn a_bad_value_that_is_used_is_named_once() {
    each(&cases(&Authority::new()), |case| {
        let Some(bad) = &case.bad else { return };
        if case.name == "OTEL_EXPORTER_JAEGER_AGENT_PORT" {
            return;
        }
        // It would listen where somebody else may.
        if case.name == "OTEL_EXPORTER_PROMETHEUS_PORT" {
            return;
        }
        let ended = set_up(&case.with(bad));
        assert_named(&ended, case);
        if case.name != "COLUMNS" {
            assert!(!ended.stderr.contains("; it is not used"), "{}: {}", case.name, ended.stderr);
        }
    });
}

#[test]
fn all_bad_values_together_are_all_named() {
    let cases = cases(&Authority::new());
    let bad = |case: &'_ Case| Some((case.name.clone(), case.bad.clone()?));
    let bad: Vec<_> = cases.iter().filter_map(bad).collect();
    let variables: Vec<(&str, &OsStr)> =
        bad.iter().map(|(name, value)| (name.as_str(), value.as_os_str())).collect();
    let ended = set_up(&variables);
    assert!(!ended.is_success && ended.stdout.is_empty(), "{ended:?}");
    for case in cases.iter().filter(|case| case.bad.is_some() && case.name != "SPANLINE_FILE") {
        assert_named(&ended, case);
    }
    // The file is not opened after all this.
    assert_eq!(ended.stderr.lines().count(), bad.len() - 1, "{}", ended.stderr);
}

#[test]
fn a_good_value_shows_in_health_with_the_variable_as_its_origin() {
    each(&cases(&Authority::new()), |case| {
        let ended = set_up(&case.with(&case.good));
        assert!(ended.is_success, "{}: {ended:?}", case.name);
        assert!(case.is_remarked || ended.stderr.is_empty(), "{}: {}", case.name, ended.stderr);
        assert!(
            case.decision.is_empty() || ended.has_line(&case.decision),
            "{:?} is not in {}",
            case.decision,
            ended.stdout
        );
        assert!(!ended.stdout.contains("s3cret"), "{}", ended.stdout);
    });
}

#[test]
fn an_empty_value_changes_nothing() {
    let lines = |ended: &Ended| {
        let mut lines: Vec<String> = ended.stdout.lines().map(str::to_owned).collect();
        lines.retain(|line| !line.starts_with("service.instance.id: "));
        lines
    };
    let plain = set_up(&[]);
    assert_eq!(plain.stderr, "");
    let names: Vec<&str> = documented().into_iter().collect();
    let empty: Vec<(&str, &OsStr)> = names.iter().map(|name| (*name, OsStr::new(""))).collect();
    let ended = set_up(&empty);
    assert_eq!(ended.stderr, "");
    assert_eq!(lines(&ended), lines(&plain));
}

#[test]
fn the_standard_name_wins_over_its_alias() {
    for (variables, line) in [
        (
            [("OTEL_SDK_DISABLED", "false"), ("OTEL_TRACING_ENABLED", "false")],
            "disabled: false (OTEL_SDK_DISABLED)",
        ),
        (
            [
                ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4317"),
                ("FLO_OTLP_ENDPOINT", "http://alias:4317"),
            ],
            "metrics: otlp grpc http://127.0.0.1:4317 (OTEL_EXPORTER_OTLP_ENDPOINT)",
        ),
        (
            [("OTEL_TRACES_EXPORTER", "none"), ("OTEL_EXPORTER_TYPE", "console")],
            "traces: none (OTEL_TRACES_EXPORTER)",
        ),
        (
            [("OTEL_TRACES_EXPORTER", "console"), ("OTEL_EXPORTER_JAEGER_AGENT_HOST", "127.0.0.1")],
            "traces: console (OTEL_TRACES_EXPORTER)",
        ),
        (
            [("OTEL_ENVIRONMENT", "one"), ("FLO_ENV", "other")],
            "deployment.environment.name: one (OTEL_ENVIRONMENT)",
        ),
        (
            [
                ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=one"),
                ("OTEL_ENVIRONMENT", "other"),
            ],
            "deployment.environment.name: one (OTEL_RESOURCE_ATTRIBUTES)",
        ),
        (
            [("OTEL_SERVICE_NAME", "one"), ("OTEL_RESOURCE_ATTRIBUTES", "service.name=other")],
            "service.name: one (OTEL_SERVICE_NAME)",
        ),
    ] {
        let ended = set_up(&text(&variables));
        assert!(ended.has_line(line), "{line:?} is not in {}", ended.stdout);
        assert_eq!(ended.stderr, "");
    }
}

#[test]
fn disabled_means_no_span_and_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("spans.jsonl");
    let path = ("SPANLINE_FILE", file.as_os_str());
    let ended = work(&[path, ("OTEL_SDK_DISABLED", OsStr::new("TRUE"))]);
    assert!(ended.is_success && ended.stderr.is_empty(), "{ended:?}");
    assert!(ended.has_line("recording: off"), "{}", ended.stdout);
    assert!(!file.exists());
    let ended = work(&[path]);
    assert!(ended.has_line("recording: on"), "{}", ended.stdout);
    assert!(file.exists());
}

#[test]
fn the_level_of_messages_silences_them_and_health_still_has_them() {
    let bad = ("OTEL_BSP_SCHEDULE_DELAY", "abc");
    for (level, is_written) in [("none", false), ("error", false), ("warn", true), ("trace", true)]
    {
        let ended = set_up(&text(&[bad, ("OTEL_LOG_LEVEL", level)]));
        assert_eq!(ended.stderr.is_empty(), !is_written, "{level}: {}", ended.stderr);
        assert!(ended.stdout.contains("\nwarning: OTEL_BSP_SCHEDULE_DELAY: "), "{}", ended.stdout);
    }
}

#[test]
fn an_error_lists_all_that_is_wrong_the_decisive_things_first() {
    let ended = set_up(&text(&[
        ("OTEL_BSP_SCHEDULE_DELAY", "abc"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "nonsense"),
    ]));
    assert!(!ended.is_success);
    let lines: Vec<&str> = ended.stderr.lines().collect();
    assert!(
        matches!(lines.as_slice(), [first, second]
            if first.starts_with("Error: OTEL_EXPORTER_OTLP_ENDPOINT: \"nonsense\" ")
                && second.starts_with("OTEL_BSP_SCHEDULE_DELAY: \"abc\" ")),
        "{lines:?}"
    );
    // The same for what comes up later, when a file is opened.
    let ended = set_up(&text(&[
        ("OTEL_BSP_SCHEDULE_DELAY", "abc"),
        ("SPANLINE_FILE", "no/such/folder/spans.jsonl"),
    ]));
    let lines: Vec<&str> = ended.stderr.lines().collect();
    assert!(
        matches!(lines.as_slice(), [first, second]
            if first.starts_with("Error: SPANLINE_FILE: ")
                && second.starts_with("OTEL_BSP_SCHEDULE_DELAY: \"abc\" ")),
        "{lines:?}"
    );
}

#[test]
fn a_certificate_without_a_certificate_in_it_is_named_with_its_variable() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, "s3cret").unwrap();
    for name in ["OTEL_EXPORTER_OTLP_CERTIFICATE", "OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE"] {
        for port in [4317, 4318] {
            let endpoint = format!("https://127.0.0.1:{port}");
            let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", OsStr::new(&endpoint));
            let ended = set_up(&[endpoint, (name, file.as_os_str())]);
            let messages = ended.about(name);
            let [message] = messages.as_slice() else { panic!("{ended:?}") };
            assert!(message.contains(file.to_str().unwrap()), "{message}");
            assert!(message.contains("; expected a PEM file"), "{message}");
            assert!(!ended.stderr.contains("s3cret"), "{ended:?}");
        }
    }
}

/// A port of this machine where nobody listens.
fn deaf_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn a_secret_is_never_shown_also_when_nobody_takes_what_is_sent() {
    let endpoint = format!("http://127.0.0.1:{}", deaf_port());
    let with_key = format!("{endpoint}/ingest?key=s3cret");
    thread::scope(|scope| {
        for protocol in ["grpc", "http/protobuf", "http/json"] {
            let (endpoint, with_key) = (&endpoint, &with_key);
            scope.spawn(move || {
                let endpoint = if protocol == "grpc" { endpoint } else { with_key };
                let ended = work(&text(&[
                    ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint),
                    ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
                    ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20s3cret"),
                    ("OTEL_EXPORTER_OTLP_TIMEOUT", "1000"),
                ]));
                assert!(!ended.is_success, "{ended:?}");
                assert!(ended.stderr.contains("lost 2 spans "), "{ended:?}");
                assert!(ended.stdout.contains("traces headers: authorization ("), "{ended:?}");
                let said = format!("{}{}", ended.stdout, ended.stderr).to_lowercase();
                assert!(!said.contains("s3cret") && !said.contains("bearer"), "{said}");
            });
        }
    });
}

#[test]
fn the_largest_queue_takes_no_memory_before_there_are_spans() {
    let peak = |queue: &str| {
        let ended = work(&text(&[
            ("OTEL_BSP_MAX_QUEUE_SIZE", queue),
            ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", queue),
            ("OTEL_TRACES_EXPORTER", "file"),
        ]));
        assert!(ended.is_success && ended.stderr.is_empty(), "{ended:?}");
        assert!(ended.has_line(&format!("batch queue, spans: {queue} (OTEL_BSP_MAX_QUEUE_SIZE)")));
        assert!(ended.stdout.contains(": 2 spans and "), "{}", ended.stdout);
        let line = ended.stdout.lines().find_map(|line| line.strip_prefix("VmPeak:"));
        line.map_or(0, |line| line.trim_end_matches("kB").trim().parse::<u64>().unwrap())
    };
    let (small, large) = (peak("100"), peak("2147483647"));
    assert!(large < small + 64 * 1024, "{large} KiB against {small} KiB");
}

#[test]
fn the_consoles_variables_shape_its_output() {
    let tree = |variables: &[(&str, &str)]| {
        let ended = work(&text(variables));
        assert!(ended.is_success, "{ended:?}");
        assert!(ended.stderr.contains("work"), "{ended:?}");
        ended.stderr
    };
    assert!(!tree(&[]).contains('\u{1b}'));
    assert!(tree(&[("CLICOLOR_FORCE", "1")]).contains('\u{1b}'));
    assert!(!tree(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]).contains('\u{1b}'));
    assert!(tree(&[]).contains("└─ part"));
    for name in ["LC_ALL", "LC_CTYPE", "LANG"] {
        assert!(tree(&[(name, "C")]).contains("`- part"), "{name}");
    }
}
