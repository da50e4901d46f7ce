//! The tables of the conventions against the default names and the documentation.

use std::fmt::Write as _;

use crate::semconv::rule::{Change, Rule, Subject};
use crate::semconv::{genai_main, openinference};

/// The default names of attributes, as they are written.
fn attributes() -> Vec<&'static str> {
    let text = include_str!("../../../semconv.rs");
    let start = text.find("pub(crate) mod attribute {").unwrap();
    let end = start + text[start..].find("\n}").unwrap();
    let mut names: Vec<&str> = text[start..end]
        .split(": &str =")
        .skip(1)
        .map(|rest| rest.split('"').nth(1).unwrap())
        .filter(|name| !name.ends_with('.'))
        .collect();
    names.sort_unstable();
    assert!(names.len() > 90, "{names:?}");
    names
}

/// Of metrics or of log records alone.
const ON_NO_SPAN: [&str; 5] = [
    "gen_ai.evaluation.explanation",
    "gen_ai.evaluation.name",
    "gen_ai.evaluation.score.label",
    "gen_ai.evaluation.score.value",
    "gen_ai.token.type",
];

fn is_genai(name: &str) -> bool {
    (name.starts_with("gen_ai.") || name.starts_with("openai.")) && !ON_NO_SPAN.contains(&name)
}

#[test]
fn openinference_has_a_row_for_every_genai_attribute_wherever_it_is() {
    for name in attributes().into_iter().filter(|name| is_genai(name)) {
        for subject in Subject::ALL {
            assert!(
                openinference::RULES
                    .iter()
                    .any(|rule| rule.from == name && rule.on.contains(subject)),
                "{name} has no row for {subject:?}"
            );
        }
    }
}

#[test]
fn rules_start_from_default_names_and_no_rule_is_there_twice() {
    let names = attributes();
    for rules in [genai_main::RULES, openinference::RULES] {
        for (number, rule) in rules.iter().enumerate() {
            assert!(names.contains(&rule.from), "{rule:?}");
            assert!(!rule.on.is_empty(), "{rule:?}");
            let same = |other: &Rule| format!("{other:?}") == format!("{rule:?}");
            assert!(!rules.iter().take(number).any(same), "{rule:?} is there twice");
        }
    }
}

fn spans(on: &[Subject]) -> String {
    let words: Vec<&str> = on
        .iter()
        .map(|subject| match subject {
            Subject::Workflow => "workflows",
            Subject::Stage => "stages",
            Subject::Inference => "inference",
            Subject::Embeddings => "embeddings",
            Subject::Retrieval => "retrievals",
            Subject::InternalAgent => "agents in the process",
            Subject::RemoteAgent => "remote agents",
            Subject::Tool => "tools",
            Subject::Span => "other spans",
            Subject::Foreign => "spans of other code",
        })
        .collect();
    words.join(", ")
}

fn cell(rules: &[Rule], name: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    for rule in rules.iter().filter(|rule| rule.from == name) {
        let what = match rule.change {
            Change::Omit => "–".to_owned(),
            Change::Name(to)
            | Change::Word(to, _)
            | Change::IfOther(to, _)
            | Change::Sum(to, _)
            | Change::First(to)
            | Change::Content(to, _)
            | Change::Rest(to) => format!("`{to}`"),
            Change::Integer(to) => format!("`{to}`, an integer"),
            Change::Member(to, member) => format!("`{to}`: `{member}`"),
            Change::Instructions(to) => format!("`{to}.0.…`"),
            Change::Messages(to, _) | Change::Tools(to) | Change::Documents(to) => {
                format!("`{to}.N.…`")
            }
        };
        let is_rest = matches!(rule.change, Change::Rest(_));
        parts.push(if rule.on != Subject::ALL {
            format!("{what} ({})", spans(rule.on))
        } else if is_rest && !parts.is_empty() {
            format!("otherwise {what}")
        } else {
            what
        });
    }
    if parts.is_empty() { "the same".to_owned() } else { parts.join("; ") }
}

#[test]
fn the_documentation_has_the_rows_of_the_tables() {
    let mut rows = String::from("| `v1.41.1` | `genai-main` | `openinference` |\n|---|---|---|\n");
    for name in attributes() {
        let cells = [genai_main::RULES, openinference::RULES].map(|rules| cell(rules, name));
        let differs = cells.iter().any(|cell| cell != "the same");
        if is_genai(name) || differs {
            writeln!(rows, "| `{name}` | {} | {} |", cells[0], cells[1]).unwrap();
        }
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/conventions.md");
    let documentation = std::fs::read_to_string(path).unwrap();
    assert!(documentation.contains(&rows), "docs/conventions.md should have these rows:\n{rows}");
}
