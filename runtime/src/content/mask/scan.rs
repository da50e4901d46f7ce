//! Finds what a text must not say, in one pass from its start to its end.

use std::ops::Range;

use super::form::{self, Name};
use super::member::{self, Secrecy};
use super::personal;
use super::start::Starts;
use super::{Kinds, MARK};

/// Something to be masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) range: Range<usize>,
    pub(super) name: Name,
}

/// One text under examination. Each byte is looked at a bounded number of times, whatever the text.
pub(super) struct Scan<'a> {
    pub(super) text: &'a str,
    /// What comes before is done with: found, or a mark.
    pub(super) floor: usize,
    #[cfg(test)]
    pub(super) steps: std::cell::Cell<u64>,
}

/// What is to be found in `text`, in order and apart from each other. `mark` measures the mark of an
/// earlier pass that a text starts with.
pub(super) fn findings(
    text: &str,
    kinds: Kinds,
    mark: impl Fn(&str) -> Option<usize>,
) -> Vec<Finding> {
    Scan::new(text).findings(kinds, mark)
}

impl<'a> Scan<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            floor: 0,
            #[cfg(test)]
            steps: std::cell::Cell::default(),
        }
    }

    pub(super) fn findings(
        &mut self,
        kinds: Kinds,
        mark: impl Fn(&str) -> Option<usize>,
    ) -> Vec<Finding> {
        self.findings_at(kinds, mark, Starts::of(kinds))
    }

    /// Of what starts where something can.
    pub(super) fn findings_at(
        &mut self,
        kinds: Kinds,
        mark: impl Fn(&str) -> Option<usize>,
        starts: Starts,
    ) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut at = 0;
        let bytes = self.text.as_bytes();
        // Most of a text is letters that start nothing.
        while let Some(length) = starts.first(bytes.get(at..).unwrap_or_default()) {
            #[cfg(test)]
            self.steps.set(self.steps.get() + length as u64 + 1);
            at += length;
            let Some(&byte) = bytes.get(at) else { break };
            if byte == b'['
                && let Some(rest) = self.text.get(at..).filter(|rest| rest.starts_with(MARK))
                && let Some(length) = mark(rest)
            {
                at += length;
                self.floor = at;
                continue;
            }
            let secret = if kinds.secrets { self.secret(at, byte) } else { None };
            let found = secret.or_else(|| match byte {
                b'@' if kinds.email => personal::email(self, at),
                b'A'..=b'Z' if kinds.iban => personal::iban(self, at),
                _ => None,
            });
            if let Some(finding) = found {
                at = finding.range.end.max(at + 1);
                self.floor = finding.range.end;
                findings.push(finding);
            } else if byte.is_ascii_digit() {
                let end = personal::end_of_digits(self, at);
                if kinds.card {
                    personal::cards(self, at, end, &mut findings);
                }
                at = end;
            } else {
                at += 1;
            }
        }
        findings
    }

    pub(super) fn byte(&self, at: usize) -> Option<u8> {
        #[cfg(test)]
        self.steps.set(self.steps.get() + 1);
        self.text.as_bytes().get(at).copied()
    }

    /// How many bytes from `at` on are of this class.
    pub(super) fn run(&self, at: usize, is: fn(u8) -> bool) -> usize {
        let mut end = at;
        while self.byte(end).is_some_and(is) {
            end += 1;
        }
        end - at
    }

    /// The same backwards, at most so many; nothing that is done with.
    pub(super) fn run_before(&self, at: usize, most: usize, is: fn(u8) -> bool) -> usize {
        let lowest = self.floor.max(at.saturating_sub(most));
        let mut start = at;
        while start > lowest && self.byte(start - 1).is_some_and(is) {
            start -= 1;
        }
        at - start
    }

    /// The letters before `at` that are not done with, at most so many bytes.
    pub(super) fn before(
        &self,
        at: usize,
        most: usize,
    ) -> impl DoubleEndedIterator<Item = (usize, char)> + use<'a> {
        let mut start = self.floor.max(at.saturating_sub(most));
        while !self.text.is_char_boundary(start) {
            start += 1;
        }
        #[cfg(test)]
        self.steps.set(self.steps.get() + (at - start) as u64);
        let text = self.text.get(start..at).unwrap_or_default();
        text.char_indices().map(move |(at, letter)| (start + at, letter))
    }

    /// Whether a word starts here; also behind an escape such as `\n` or `%3D`, which only looks as if
    /// it ended in a letter.
    pub(super) fn starts_word(&self, at: usize) -> bool {
        let before = |distance: usize| at.checked_sub(distance).and_then(|at| self.byte(at));
        let Some(last) = before(1) else { return true };
        !last.is_ascii_alphanumeric()
            || (before(2) == Some(b'\\') && matches!(last, b'n' | b'r' | b't'))
            || (before(3) == Some(b'%')
                && last.is_ascii_hexdigit()
                && before(2).is_some_and(|byte| byte.is_ascii_hexdigit()))
    }

    fn secret(&self, at: usize, byte: u8) -> Option<Finding> {
        match byte {
            b'=' => self.assigned(at, false),
            b':' if self.starts_with(at, "://") => self.user_info(at + 3),
            b':' => self.assigned(at, true),
            b'-' => self.private_key(at),
            b'B' | b'b' => self.scheme(at),
            _ => self.known(at),
        }
    }

    fn starts_with(&self, at: usize, start: &str) -> bool {
        let rest = self.text.as_bytes().get(at..).unwrap_or_default();
        rest.starts_with(start.as_bytes())
    }

    /// A key of a known form.
    fn known(&self, at: usize) -> Option<Finding> {
        let rest = self.text.as_bytes().get(at..)?;
        let run = |from, is| self.run(at + from, is);
        let (name, length) = form::at_start(rest, || self.starts_word(at), run)?;
        Some(Finding { range: at..at + length, name })
    }

    /// `user:password@` of a URL, whose user starts at `start`.
    fn user_info(&self, start: usize) -> Option<Finding> {
        let password = start + self.run(start, is_user) + 1;
        if self.byte(password - 1) != Some(b':') {
            return None;
        }
        let end = password + self.run(password, is_password);
        let is_found =
            end > password && self.byte(end) == Some(b'@') && !self.starts_with(password, MARK);
        is_found.then_some(Finding { range: password..end, name: Name::Password })
    }

    /// `Bearer …` and `Basic …`.
    fn scheme(&self, at: usize) -> Option<Finding> {
        let word = self.text.get(at..at + 6)?;
        let name = Name::Authorization;
        let is_scheme = ["bearer", "basic "].iter().any(|it| it.eq_ignore_ascii_case(word));
        if !is_scheme || !self.starts_word(at) {
            return None;
        }
        let spaces = if word.ends_with(' ') { at + 5 } else { at + 6 };
        let start = spaces + self.run(spaces, is_space);
        let end = start + self.run(start, is_credential);
        let value = self.text.get(start..end)?;
        let is_found = start > spaces && (member::is_random(value) || value.ends_with('='));
        is_found.then_some(Finding { range: start..end, name })
    }

    /// `-----BEGIN … PRIVATE KEY-----` and what belongs to it.
    fn private_key(&self, at: usize) -> Option<Finding> {
        const BEGIN: &str = "-----BEGIN ";
        const DASHES: &str = "-----";
        if !self.starts_with(at, BEGIN) {
            return None;
        }
        let label = at + BEGIN.len();
        let body = label + self.run(label, is_label);
        if !self.text.get(label..body)?.contains("PRIVATE KEY") || !self.starts_with(body, DASHES) {
            return None;
        }
        let mut end = body + DASHES.len();
        // Whatever is cut off is part of it, too.
        while self.byte(end).is_some_and(is_key_body) && !self.starts_with(end, DASHES) {
            end += 1;
        }
        if self.starts_with(end, "-----END ") {
            let label = end + "-----END ".len();
            end = label + self.run(label, is_label);
            if self.starts_with(end, DASHES) {
                end += DASHES.len();
            }
        }
        Some(Finding { range: at..end, name: Name::PrivateKey })
    }

    /// The value behind an `=` or a `:`, if its name says that it is a secret.
    fn assigned(&self, at: usize, is_colon: bool) -> Option<Finding> {
        let mut end = at - self.run_before(at, 2, is_space);
        let quotes = self.run_before(end, 2, is_quote);
        end -= quotes;
        let start = end - self.run_before(end, member::LONGEST_NAME, is_name);
        let (name, secrecy) = member::secrecy(self.text.get(start..end)?)?;
        let mut value = at + 1;
        // `:=`, `==`, `=>`.
        value += usize::from(matches!(self.byte(value), Some(b'=' | b'>')));
        value += self.run(value, is_space).min(4);
        // As `Debug` shows an `Option`.
        if self.starts_with(value, "Some(") {
            value += 5;
        }
        if let Some(scheme) = self.authorization(name, value) {
            return Some(scheme);
        }
        if let Some(finding) = self.quoted(value, name, secrecy) {
            return finding;
        }
        let end = value + self.run(value, is_value);
        let text = self.text.get(value..end).filter(|text| !text.is_empty())?;
        let is_secret = match secrecy {
            _ if member::is_stand_in(text) || text.starts_with('[') => false,
            Secrecy::Always if is_colon => member::is_no_word(text),
            Secrecy::Always => true,
            Secrecy::IfRandom => member::is_random(text),
        };
        is_secret.then(|| self.preferring_known(value..end, name))
    }

    /// A value in quotes, which may be escaped; `None` where no quotes are.
    #[allow(clippy::option_option, reason = "quotes are there or not, and so is a secret in them")]
    fn quoted(&self, at: usize, name: Name, secrecy: Secrecy) -> Option<Option<Finding>> {
        let escape = usize::from(self.byte(at) == Some(b'\\'));
        let quote = self.byte(at + escape).filter(|byte| is_quote(*byte) && *byte != b'\\')?;
        let start = at + escape + 1;
        let mut end = start;
        loop {
            match self.byte(end) {
                Some(byte) if byte == quote => break,
                Some(b'\\') if escape == 1 && self.byte(end + 1) == Some(quote) => break,
                Some(b'\\') if escape == 0 => end += 2,
                Some(b'\n') | None => break,
                Some(_) => end += 1,
            }
        }
        // Behind an escape may be a letter of several bytes.
        while !self.text.is_char_boundary(end.min(self.text.len())) {
            end += 1;
        }
        let text = self.text.get(start..end.min(self.text.len()))?;
        let is_secret = !text.is_empty()
            && !member::is_stand_in(text)
            && !text.starts_with(MARK)
            && (secrecy == Secrecy::Always || member::is_random(text));
        Some(is_secret.then(|| self.preferring_known(start..start + text.len(), name)))
    }

    /// The scheme of an `Authorization` says what follows.
    fn authorization(&self, name: Name, at: usize) -> Option<Finding> {
        const SCHEMES: [&str; 6] = ["bearer", "basic", "token", "apikey", "key", "digest"];
        if name != Name::Authorization {
            return None;
        }
        let at = at + self.run(at, is_quote).min(2);
        let scheme = at + self.run(at, form::is_word);
        let start = scheme + self.run(scheme, is_space);
        let end = start + self.run(start, is_credential);
        let word = self.text.get(at..scheme)?;
        let is_found = start > scheme
            && end > start
            && SCHEMES.iter().any(|scheme| scheme.eq_ignore_ascii_case(word));
        is_found.then_some(Finding { range: start..end, name })
    }

    /// A key of a known form has its own name also where it is assigned.
    fn preferring_known(&self, range: Range<usize>, name: Name) -> Finding {
        let known = self.known(range.start).filter(|known| known.range.end >= range.end);
        known.unwrap_or(Finding { range, name })
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`' | b'\\')
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

fn is_user(byte: u8) -> bool {
    !byte.is_ascii_whitespace() && !matches!(byte, b'/' | b':' | b'@' | b'"' | b'<' | b'>')
}

fn is_password(byte: u8) -> bool {
    !byte.is_ascii_whitespace() && !matches!(byte, b'/' | b'@' | b'"' | b'<' | b'>')
}

/// As authorization headers have them.
fn is_credential(byte: u8) -> bool {
    form::is_word(byte) || matches!(byte, b'.' | b'~' | b'+' | b'/' | b'=')
}

fn is_label(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b' '
}

/// Base64 in lines, and headers; lines may end in an escape.
fn is_key_body(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'+' | b'/' | b'=' | b'\n' | b'\r' | b' ' | b'\t' | b'\\')
        || matches!(byte, b':' | b',' | b'.' | b'-')
}

/// A value without quotes.
fn is_value(byte: u8) -> bool {
    !byte.is_ascii_whitespace()
        && !matches!(byte, b'"' | b'\'' | b'`' | b'&' | b',' | b';' | b'\\')
        && !matches!(byte, b')' | b']' | b'}' | b'<' | b'>' | b'|')
}
