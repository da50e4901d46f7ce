//! What of an identity may travel, and where to.

use std::fmt::Display;

use super::list::Listed;
use super::reader::{Origin, Reader, quoted};
use super::table::{self, Variable};
use crate::identity::baggage::BaggageKey;
use crate::identity::host::HostPattern;
use crate::telemetry::settings::{Overrides, Propagator};

pub(super) const KEYS_EXPECTED: &str =
    "a list of session, user, tenant, conversation and names of properties, or none";
pub(super) const HOSTS_EXPECTED: &str = "a list of hosts without scheme, port and path, such as api.example.com and *.example.com, or * or none";

/// The keys and the hosts.
pub(super) fn baggage(
    reader: &mut Reader<'_>,
    overrides: &Overrides,
    propagators: &[Propagator],
) -> (Vec<BaggageKey>, Vec<HostPattern>) {
    let variable = table::SPANLINE_BAGGAGE_KEYS;
    let keys = picked(reader, "baggage keys", variable, overrides.baggage_keys.as_deref(), keys);
    let hosts = picked(
        reader,
        "baggage hosts",
        table::SPANLINE_BAGGAGE_HOSTS,
        overrides.baggage_hosts.as_deref(),
        hosts,
    );
    if !keys.is_empty() && !propagators.contains(&Propagator::Baggage) {
        let problem = "identity travels as baggage, which is not among the propagators";
        reader.warn(variable.name(), problem, "baggage in OTEL_PROPAGATORS", "none");
        return (Vec::new(), Vec::new());
    }
    (keys, hosts)
}

pub(super) fn keys(text: &str) -> Listed<BaggageKey> {
    words(text.split(','), BaggageKey::parse, "is no name of a baggage entry")
}

pub(super) fn hosts(text: &str) -> Listed<HostPattern> {
    words(text.split(','), HostPattern::parse, "is no host")
}

fn words<'a, T: PartialEq>(
    words: impl Iterator<Item = &'a str>,
    parse: impl Fn(&str) -> Option<T>,
    problem: &str,
) -> Listed<T> {
    let mut listed = Listed { values: Vec::new(), none: false, problems: Vec::new() };
    let mut none = false;
    for word in words.map(str::trim).filter(|word| !word.is_empty()) {
        if word.eq_ignore_ascii_case("none") {
            none = true;
            continue;
        }
        match parse(word) {
            Some(value) if listed.values.contains(&value) => {}
            Some(value) => listed.values.push(value),
            None => listed.problems.push(format!("{} {problem}", quoted(word))),
        }
    }
    if none && !listed.values.is_empty() {
        listed.problems.push("\"none\" has no meaning beside others".to_owned());
    }
    listed.none = none && listed.values.is_empty();
    listed
}

fn picked<T: Display>(
    reader: &mut Reader<'_>,
    what: &str,
    variable: &'static Variable,
    code: Option<&[String]>,
    parse: impl Fn(&str) -> Listed<T>,
) -> Vec<T> {
    let (listed, origin) = match code {
        Some(given) => (parse(&given.join(",")), Origin::Code),
        None => match reader.text(variable) {
            None => (parse(""), Origin::Default),
            Some(Ok(text)) => (parse(&text), Origin::Variable(variable.name())),
            Some(Err(problem)) => (Listed::unread(problem), Origin::Default),
        },
    };
    let shown = shown(&listed.values);
    reader.warn_list(variable, &listed, &variable.form().expected(), &shown);
    let origin = if listed.says_something() { origin } else { Origin::Default };
    reader.decide(what, shown, origin);
    listed.values
}

fn shown<T: Display>(values: &[T]) -> String {
    let words: Vec<String> = values.iter().map(ToString::to_string).collect();
    if words.is_empty() { "none".to_owned() } else { words.join(",") }
}
