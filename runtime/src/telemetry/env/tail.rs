//! Which traces are kept once they have ended.

use std::time::Duration;

use super::format::{Count, Format};
use super::reader::{Origin, Reader, quoted};
use super::table;
use crate::export::tail::sampling::TailSampling;
use crate::telemetry::settings::Overrides;

pub(super) const EXPECTED: &str = "none, or a list of errors, cancelled, slow=2s, costly=0.05, first=10 and ratio=0.01, with remote=decide, \
     max_traces=10000, max_bytes=67108864 and max_age=10m";

/// None where every trace is kept. One mistake and none of it is followed: what it was to keep would be
/// lost.
pub(super) fn tail_sampling(
    reader: &mut Reader<'_>,
    overrides: &Overrides,
) -> Option<TailSampling> {
    let variable = table::SPANLINE_TAIL_SAMPLING;
    let (read, origin) = match (&overrides.tail_sampling, reader.text(variable)) {
        (Some(sampling), _) => (check(sampling.clone()), Origin::Code),
        (None, None) => (Ok(None), Origin::Default),
        (None, Some(text)) => {
            let read = text.map_err(|problem| vec![problem]).and_then(|text| parse(&text));
            (read, Origin::Variable(variable.name()))
        }
    };
    let (sampling, origin) = match read {
        Ok(sampling) => (sampling, origin),
        Err(problems) => {
            reader.warn(variable.name(), problems.join(", "), EXPECTED, "none");
            (None, Origin::Default)
        }
    };
    let shown = sampling.as_ref().map_or_else(|| String::from("none"), ToString::to_string);
    reader.decide("tail sampling", shown, origin);
    sampling
}

/// What the list says, or everything that is wrong with it.
pub(super) fn parse(text: &str) -> Result<Option<TailSampling>, Vec<String>> {
    let words: Vec<&str> = text.split(',').map(str::trim).filter(|it| !it.is_empty()).collect();
    let is_none = match words.as_slice() {
        [] => true,
        [word] => word.eq_ignore_ascii_case("none"),
        _ => false,
    };
    if is_none {
        return Ok(None);
    }
    let mut sampling = TailSampling::new();
    let mut problems = Vec::new();
    for word in words {
        match add(sampling.clone(), word) {
            Ok(more) => sampling = more,
            Err(problem) => problems.push(format!("{} {problem}", quoted(word))),
        }
    }
    if problems.is_empty() { check(sampling) } else { Err(problems) }
}

fn check(sampling: TailSampling) -> Result<Option<TailSampling>, Vec<String>> {
    let problems = sampling.problems();
    if problems.is_empty() { Ok(Some(sampling)) } else { Err(problems) }
}

/// The rules and one word more.
fn add(sampling: TailSampling, word: &str) -> Result<TailSampling, &'static str> {
    let (name, value) = match word.split_once('=') {
        Some((name, value)) => (name.trim(), Some(value.trim())),
        None => (word, None),
    };
    let count = |text: &str| {
        Count { least: 0 }.parse(text).map_err(|_| "is no whole number up to 2147483647")
    };
    let number = |text: &str| text.parse::<f64>().map_err(|_| "is not a number");
    match (name.to_ascii_lowercase().as_str(), value) {
        ("errors", None) => Ok(sampling.errors()),
        ("cancelled", None) => Ok(sampling.cancelled()),
        ("slow", Some(text)) => Ok(sampling.slower_than(duration(text)?)),
        ("costly", Some(text)) => Ok(sampling.costlier_than(number(text)?)),
        ("first", Some(text)) => Ok(sampling.first(count(text)? as u64)),
        ("ratio", Some(text)) => Ok(sampling.ratio(number(text)?)),
        ("remote", Some(text)) if text.eq_ignore_ascii_case("decide") => {
            Ok(sampling.decide_remote(true))
        }
        ("remote", Some(text)) if text.eq_ignore_ascii_case("keep") => {
            Ok(sampling.decide_remote(false))
        }
        ("remote", _) => Err("is neither remote=keep nor remote=decide"),
        ("max_traces", Some(text)) => Ok(sampling.max_traces(count(text)?)),
        ("max_bytes", Some(text)) => Ok(sampling.max_bytes(count(text)?)),
        ("max_age", Some(text)) => Ok(sampling.max_age(duration(text)?)),
        ("errors" | "cancelled", Some(_)) => Err("takes no value"),
        ("slow" | "costly" | "first" | "ratio" | "max_traces" | "max_bytes" | "max_age", None) => {
            Err("has no value")
        }
        _ => Err("is unknown"),
    }
}

/// A number with its unit: a bare one would be read as milliseconds by some and as seconds by others.
fn duration(text: &str) -> Result<Duration, &'static str> {
    const PROBLEM: &str = "is no time such as 500ms, 2s or 10m";
    let unit = text.trim_start_matches(|it: char| it.is_ascii_digit() || it == '.');
    let number = text.strip_suffix(unit).unwrap_or(text).parse::<f64>().map_err(|_| PROBLEM)?;
    let seconds = match unit.trim_start().to_ascii_lowercase().as_str() {
        "ms" => number / 1000.0,
        "s" => number,
        "m" => number * 60.0,
        "h" => number * 3600.0,
        _ => return Err(PROBLEM),
    };
    Duration::try_from_secs_f64(seconds).map_err(|_| PROBLEM)
}
