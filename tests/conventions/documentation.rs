//! The pages on names against the names of the library.

use std::collections::BTreeSet;

use super::names;

const NAMES: &str = include_str!("../../docs/names.md");
const CONVENTIONS: &str = include_str!("../../docs/conventions.md");

/// What stands in backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The cells of each row of each table, without their headings.
fn rows(page: &'static str) -> Vec<Vec<&'static str>> {
    let lines: Vec<&str> = page.lines().collect();
    let is_row = |line: &&&str| line.starts_with('|');
    let is_heading =
        |number: usize| lines.get(number + 1).is_some_and(|next| next.starts_with("|---"));
    lines
        .iter()
        .enumerate()
        .filter(|(number, line)| is_row(line) && !line.starts_with("|---") && !is_heading(*number))
        .map(|(_, line)| line.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect()
}

fn is_span_name(name: &str) -> bool {
    let operation = name.split(' ').next().unwrap();
    name == "{name}"
        || (name.contains('{')
            && names::constants("semconv.rs", "operation").iter().any(|it| it == operation))
}

#[test]
fn every_name_of_ours_beside_those_of_others_is_one() {
    let known: BTreeSet<String> = names::all();
    let rows = rows(NAMES);
    assert!(rows.len() > 100, "{}", rows.len());
    for row in &rows {
        let [theirs, ours, how] = row.as_slice() else { panic!("{row:?}") };
        assert!(!theirs.is_empty(), "{row:?}");
        let mut named = 0;
        for name in quoted(ours) {
            named += 1;
            assert!(known.contains(name) || is_span_name(name), "{name} in {row:?}");
        }
        if named == 0 {
            assert_eq!(*ours, "not recorded", "{row:?}");
            assert!(!how.is_empty(), "{row:?} does not say why");
        }
        for name in
            quoted(how).filter(|name| name.starts_with("gen_ai.") || name.starts_with("spanline."))
        {
            assert!(known.contains(name), "{name} in {row:?}");
        }
        if *how == "same" {
            let theirs = quoted(theirs).next().unwrap();
            let ours = quoted(ours).next().unwrap();
            assert_eq!(
                theirs.strip_prefix("flowmason."),
                ours.strip_prefix("spanline."),
                "{row:?}"
            );
        }
    }
}

/// What each of the systems records, in the order of the pages that list it.
#[test]
fn each_of_the_systems_has_its_names() {
    for name in [
        "flowmason.pipeline.stage_count",
        "flowmason.llm.operation",
        "llm.tokens.completion",
        "llm.stream.chunks.total",
        "agent.retries.total",
        "workflow.node.duration",
        "llm.prompt_length",
        "execution.nodes_executed",
        "engine.resolve_next_task",
        "workflow.duration",
        "correlation.id",
        "context.tokens_saved",
    ] {
        let is_there = rows(NAMES).iter().any(|row| quoted(row[0]).any(|theirs| theirs == name));
        assert!(is_there, "{name}");
    }
}

#[test]
fn every_metric_is_on_the_page_of_conventions() {
    let listed: BTreeSet<&str> = quoted(CONVENTIONS).collect();
    for (file, module) in [("semconv.rs", "metric"), ("semconv/genai_main.rs", "metric")] {
        for name in names::constants(file, module) {
            assert!(listed.contains(name.as_str()), "{name}");
        }
    }
}
