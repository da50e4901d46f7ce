//! Regular expressions of the program's own.

use regex::{Regex, RegexBuilder};

use super::MARK;

/// One mask that a regular expression finds the places of.
#[derive(Debug)]
pub(super) struct Pattern {
    regex: Regex,
    /// Its place among the counts.
    number: usize,
}

impl Pattern {
    /// Or what is wrong with the name or with the expression.
    pub(super) fn new(name: &str, expression: &str, number: usize) -> Result<Self, String> {
        let is_name = (1..=64).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        if !is_name {
            return Err(format!("{name:?} is no name of letters, digits, dashes and underscores"));
        }
        let regex = RegexBuilder::new(expression).build().map_err(|error| {
            // Of several lines the last says what is wrong; the others draw it.
            let error = error.to_string();
            let problem = error.lines().last().unwrap_or_default().trim_start_matches("error: ");
            format!("{expression:?} is no regular expression: {problem}")
        })?;
        if regex.is_match("") {
            return Err(format!("{expression:?} matches a text without anything in it"));
        }
        Ok(Self { regex, number })
    }

    pub(super) fn number(&self) -> usize {
        self.number
    }

    /// The text with `mark` in place of all matches, if there are any. What is a mark already, which
    /// `measured` tells, stays.
    pub(super) fn replaced(
        &self,
        text: &str,
        mark: &str,
        measured: impl Fn(&str) -> Option<usize>,
    ) -> Option<String> {
        let mut masked: Option<String> = None;
        let mut at = 0;
        while at < text.len() {
            let rest = text.get(at..).unwrap_or_default();
            // Between two marks; the last piece has the rest.
            let next = rest
                .match_indices(MARK)
                .find_map(|(start, _)| Some((start, measured(rest.get(start..)?)?)));
            let (length, of_mark) = next.unwrap_or((rest.len(), 0));
            let (piece, kept) = (rest.get(..length)?, rest.get(length..length + of_mark)?);
            let other = self.regex.replace_all(piece, regex::NoExpand(mark));
            if masked.is_none() && other == piece {
                at += length + of_mark;
                continue;
            }
            let out = masked.get_or_insert_with(|| text.get(..at).unwrap_or_default().to_owned());
            out.push_str(&other);
            out.push_str(kept);
            at += length + of_mark;
        }
        masked
    }
}
