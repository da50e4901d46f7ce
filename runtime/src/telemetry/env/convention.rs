//! Whose names spans and metrics have, and what our own start with.

use super::list::{self, Listed};
use super::reader::{Origin, Reader, quoted};
use super::table;
use crate::semconv::own;
use crate::telemetry::settings::{Convention, Overrides};

const KNOWN: [(&str, Convention); 3] = [
    ("v1.41.1", Convention::V1_41),
    ("genai-main", Convention::GenAiMain),
    ("openinference", Convention::OpenInference),
];

/// The words of the standard's variable; those of other categories are not ours to judge.
const OPT_IN: [(&str, &[Convention]); 2] = [
    ("gen_ai_latest_experimental", &[Convention::GenAiMain]),
    ("gen_ai_latest_experimental/dup", &[Convention::V1_41, Convention::GenAiMain]),
];
const OPT_IN_CATEGORY: &str = "gen_ai";

pub(super) const EXPECTED: &str = "a list of v1.41.1, genai-main, openinference";
pub(super) const OPT_IN_EXPECTED: &str =
    "gen_ai_latest_experimental, gen_ai_latest_experimental/dup and words of other categories";
pub(super) const PREFIX_EXPECTED: &str = "words of small letters, digits and `_` with dots between \
     them, such as acme or acme.llm, not under gen_ai or otel";

/// Code, then our variable, then the standard's.
pub(super) fn conventions(reader: &mut Reader<'_>, overrides: &Overrides) -> Vec<Convention> {
    let (mut conventions, origin) = picked(reader, overrides);
    conventions.sort_unstable();
    conventions.dedup();
    reader.decide("conventions", shown(&conventions), origin);
    conventions
}

fn picked(reader: &mut Reader<'_>, overrides: &Overrides) -> (Vec<Convention>, Origin) {
    let default = (vec![Convention::default()], Origin::Default);
    let variable = table::SPANLINE_CONVENTIONS;
    if let Some(given) = &overrides.conventions {
        if !given.is_empty() {
            return (given.clone(), Origin::Code);
        }
        let problem = "no convention, set in code";
        reader.warn(variable.name(), problem, EXPECTED, shown(&default.0));
        return default;
    }
    let mut opted = default;
    for (variable, read) in [
        (table::OTEL_SEMCONV_STABILITY_OPT_IN, opt_in as fn(&str) -> Listed<Convention>),
        (variable, list),
    ] {
        let listed = match reader.text(variable) {
            None => continue,
            Some(Ok(text)) => read(&text),
            Some(Err(problem)) => Listed::unread(problem),
        };
        if !listed.values.is_empty() {
            opted = (listed.values.clone(), Origin::Variable(variable.name()));
        }
        let expected = variable.form().expected();
        reader.warn_list(variable, &listed, &expected, &shown(&opted.0));
    }
    opted
}

pub(super) fn list(text: &str) -> Listed<Convention> {
    let mut listed = list::parse(text, &KNOWN, &[]);
    if listed.none {
        listed.none = false;
        listed.problems.push("\"none\" is unknown".to_owned());
    }
    listed
}

pub(super) fn opt_in(text: &str) -> Listed<Convention> {
    let mut listed = Listed { values: Vec::new(), none: false, problems: Vec::new() };
    let words = text.split(',').map(str::trim);
    let is_ours = |word: &&str| {
        let start = word.get(..OPT_IN_CATEGORY.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(OPT_IN_CATEGORY))
    };
    for word in words.filter(is_ours) {
        match OPT_IN.iter().find(|(known, _)| known.eq_ignore_ascii_case(word)) {
            Some((_, conventions)) => listed.values.extend_from_slice(conventions),
            None => listed.problems.push(format!("{} is unknown", quoted(word))),
        }
    }
    listed
}

/// What our own names start with.
pub(super) fn prefix(reader: &mut Reader<'_>, overrides: &Overrides) -> String {
    let variable = table::SPANLINE_PREFIX;
    let (said, origin) = match &overrides.prefix {
        Some(prefix) => (Some(Ok(prefix.clone())), Origin::Code),
        None => (reader.text(variable), Origin::Variable(variable.name())),
    };
    let checked = said.map(|text| {
        let text = text?;
        prefix_problem(&text).map_or(Ok(text), Err)
    });
    let (prefix, origin) = match checked {
        Some(Ok(prefix)) => (prefix, origin),
        Some(Err(problem)) => {
            reader.warn(variable.name(), problem, PREFIX_EXPECTED, own::PREFIX);
            (own::PREFIX.to_owned(), Origin::Default)
        }
        None => (own::PREFIX.to_owned(), Origin::Default),
    };
    reader.decide("prefix", &prefix, origin);
    prefix
}

pub(super) fn prefix_problem(text: &str) -> Option<String> {
    own::problem(text).map(|problem| format!("{} {problem}", quoted(text)))
}

fn shown(conventions: &[Convention]) -> String {
    let word = |convention: &Convention| KNOWN.iter().find(|(_, known)| known == convention);
    let words: Vec<&str> = conventions.iter().filter_map(word).map(|(word, _)| *word).collect();
    words.join(",")
}
