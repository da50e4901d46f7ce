//! Keeps secrets and what tells of a person out of every text that leaves the process.

mod form;
mod json;
mod member;
#[cfg(feature = "mask-patterns")]
mod pattern;
mod personal;
mod scan;
mod start;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use opentelemetry::{Array, StringValue, Value as AttributeValue};
use serde_json::Value;

use self::form::Name;
use self::json::Place;
use self::member::Secrecy;
use self::scan::{Finding, Scan};
use self::start::Starts;
use crate::semconv;

/// What is kept out of texts before they leave the process: `SPANLINE_MASKS`.
///
/// A mark such as `[masked:email]` stands in the place of what was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mask {
    /// Keys, tokens, passwords and private keys, by their forms and by what they are assigned to.
    Secrets,
    /// E-mail addresses.
    Email,
    /// Numbers of payment cards that are valid by their check digit.
    Card,
    /// International bank account numbers that are valid by their check digits.
    Iban,
}

/// Which of the built-in masks are on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is on or off whatever the others are")]
pub(crate) struct Kinds {
    pub(crate) secrets: bool,
    pub(crate) email: bool,
    pub(crate) card: bool,
    pub(crate) iban: bool,
}

impl Kinds {
    pub(crate) const ALL: Self = Self { secrets: true, email: true, card: true, iban: true };
    pub(crate) const SECRETS: Self = Self { secrets: true, ..Self::NONE };
    const NONE: Self = Self { secrets: false, email: false, card: false, iban: false };
}

impl FromIterator<Mask> for Kinds {
    fn from_iter<I: IntoIterator<Item = Mask>>(masks: I) -> Self {
        masks.into_iter().fold(Self::NONE, |kinds, mask| match mask {
            Mask::Secrets => Self { secrets: true, ..kinds },
            Mask::Email => Self { email: true, ..kinds },
            Mask::Card => Self { card: true, ..kinds },
            Mask::Iban => Self { iban: true, ..kinds },
        })
    }
}

/// A mask that the program brings: another text, or none where the text may stay.
#[derive(Clone)]
pub(crate) struct MaskFunction(pub(crate) Arc<Function>);

type Function = dyn Fn(&str) -> Option<String> + Send + Sync;

impl fmt::Debug for MaskFunction {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("MaskFunction")
    }
}

/// How every mark starts.
const MARK: &str = "[masked:";
/// What stands for a text on which a function of the program panicked.
const FAILED: &str = "failed";
/// What changes of functions are counted under.
const FUNCTION: &str = "function";
/// JSON in a string in JSON in a string …
const NESTED: usize = 8;

/// All masks of the process, and how often each found something.
#[derive(Debug)]
pub(crate) struct Masks {
    texts: Kinds,
    content: Kinds,
    #[cfg(feature = "mask-patterns")]
    patterns: Vec<pattern::Pattern>,
    functions: Vec<MaskFunction>,
    /// Texts by what was masked in them: the built-in names, the two of functions, the user's own.
    counts: Vec<(Cow<'static, str>, AtomicU64)>,
}

/// Secrets in any text; in content also what tells of a person.
impl Default for Masks {
    fn default() -> Self {
        Self::new(Kinds::SECRETS, Kinds::ALL)
    }
}

impl Masks {
    /// These in any text, and those in content.
    pub(crate) fn new(texts: Kinds, content: Kinds) -> Self {
        let names = Name::WORDS.into_iter().chain([FAILED, FUNCTION]);
        Self {
            texts,
            content,
            #[cfg(feature = "mask-patterns")]
            patterns: Vec::new(),
            functions: Vec::new(),
            counts: names.map(|name| (Cow::Borrowed(name), AtomicU64::new(0))).collect(),
        }
    }

    /// One more, which marks what this regular expression matches; or what is wrong with it.
    #[cfg(feature = "mask-patterns")]
    pub(crate) fn add_pattern(&mut self, name: &str, expression: &str) -> Result<(), String> {
        let pattern = pattern::Pattern::new(name, expression, self.counts.len())?;
        self.patterns.push(pattern);
        self.counts.push((Cow::Owned(name.to_owned()), AtomicU64::new(0)));
        Ok(())
    }

    pub(crate) fn add_function(&mut self, function: MaskFunction) {
        self.functions.push(function);
    }

    /// Whether the program has some of its own, which may say one thing now and another then.
    pub(crate) fn has_functions(&self) -> bool {
        !self.functions.is_empty()
    }

    /// How many texts were masked, by what was found in them.
    pub(crate) fn counts(&self) -> Vec<(String, u64)> {
        let counts = self.counts.iter();
        counts
            .map(|(name, count)| (name.clone().into_owned(), count.load(Ordering::Relaxed)))
            .filter(|(_, count)| *count > 0)
            .collect()
    }

    /// A text that may leave the process.
    pub(crate) fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.member(None, text, false)
    }

    /// Whether it is plain that a text, which is no content, stays what it is.
    pub(crate) fn is_clean(&self, text: &str) -> bool {
        self.shows_nothing(None, text, self.texts)
    }

    /// The same of what went into a model or came out of it.
    #[cfg(test)]
    pub(crate) fn content<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.member(None, text, true)
    }

    /// The same of a text that has a name: there are names that say that it is a secret.
    pub(crate) fn member<'a>(
        &self,
        name: Option<&str>,
        text: &'a str,
        is_content: bool,
    ) -> Cow<'a, str> {
        let kinds = if is_content { self.content } else { self.texts };
        self.masked(name, text, kinds, NESTED).map_or(Cow::Borrowed(text), Cow::Owned)
    }

    /// Masks the texts of an attribute, whose key says what they are.
    pub(crate) fn attribute(&self, key: &str, nature: Nature, value: &mut AttributeValue) {
        if nature.is_identifier {
            return;
        }
        let name = Some(key).filter(|_| nature.is_secret);
        let mask = |text: &mut StringValue| {
            if let Cow::Owned(masked) = self.member(name, text.as_str(), nature.is_content) {
                *text = masked.into();
            }
        };
        match value {
            AttributeValue::String(text) => mask(text),
            AttributeValue::Array(Array::String(texts)) => texts.iter_mut().for_each(mask),
            _ => {}
        }
    }

    /// Every string inside, content that it is.
    #[cfg_attr(not(feature = "content"), allow(dead_code, reason = "there is no content"))]
    pub(crate) fn json(&self, value: &mut Value) {
        // No recursion: it may be deep.
        let mut left: Vec<(Option<Arc<str>>, &mut Value)> = vec![(None, value)];
        while let Some((name, value)) = left.pop() {
            match value {
                Value::String(text) => {
                    if let Some(masked) = self.masked(name.as_deref(), text, self.content, NESTED) {
                        *text = masked;
                    }
                }
                Value::Array(items) => {
                    left.extend(items.iter_mut().map(|item| (name.clone(), item)));
                }
                Value::Object(members) => {
                    for (key, other) in self.keys(&members.keys().map(String::as_str), true) {
                        if let Some(value) = members.remove(&key) {
                            members.insert(other, value);
                        }
                    }
                    let members = members.iter_mut();
                    left.extend(members.map(|(key, value)| (Some(Arc::from(key.as_str())), value)));
                }
                _ => {}
            }
        }
    }

    /// The keys of a map that may not stay as they are, each with another one that is free: a key may be
    /// anything, an address, say.
    pub(crate) fn keys<'a>(
        &self,
        keys: &(impl Iterator<Item = &'a str> + Clone),
        is_content: bool,
    ) -> Vec<(String, String)> {
        let kinds = if is_content { self.content } else { self.texts };
        let mut changed = Vec::new();
        let mut taken: HashSet<String> = HashSet::new();
        let mut used: HashMap<String, usize> = HashMap::new();
        for key in keys.clone() {
            let Some(masked) = self.masked(None, key, kinds, 0) else { continue };
            if taken.is_empty() {
                taken.extend(keys.clone().map(str::to_owned));
            }
            let number = used.entry(masked.clone()).or_insert(1);
            let mut free = masked.clone();
            while !taken.insert(free.clone()) {
                *number += 1;
                free = format!("{masked} {number}");
            }
            changed.push((key.to_owned(), free));
        }
        changed
    }

    /// The text with marks, if something was found in it.
    fn masked(
        &self,
        name: Option<&str>,
        text: &str,
        kinds: Kinds,
        nested: usize,
    ) -> Option<String> {
        // Most texts are done with here.
        if self.shows_nothing(name, text, kinds) {
            return None;
        }
        self.examined(name, text, kinds, nested)
    }

    /// Whether a glance at each of its bytes is enough to know that nothing in a text is masked.
    fn shows_nothing(&self, name: Option<&str>, text: &str, kinds: Kinds) -> bool {
        let is_harmless =
            || name.is_none() && json::is_other(text) && Starts::of(kinds).is_clean(text);
        text.is_empty() || (self.is_all_built_in() && (kinds == Kinds::NONE || is_harmless()))
    }

    fn examined(
        &self,
        name: Option<&str>,
        text: &str,
        kinds: Kinds,
        nested: usize,
    ) -> Option<String> {
        if let Some(found) = name.filter(|_| kinds.secrets).and_then(|name| secret(name, text)) {
            self.count(found as usize);
            return Some(self.mark(found as usize));
        }
        if nested > 0 && json::is_json(text) {
            return json::with_strings(text, |place, text| match place {
                Place::Key => self.masked(None, text, kinds, 0),
                Place::Value(name) => self.masked(name, text, kinds, nested - 1),
            });
        }
        let mut masked = self.with_patterns(text);
        if kinds != Kinds::NONE {
            let text = masked.as_deref().unwrap_or(text);
            let findings = scan::findings(text, kinds, |rest| self.measured(rest));
            if !findings.is_empty() {
                masked = Some(self.marked(text, &findings));
            }
        }
        for function in &self.functions {
            let text = masked.as_deref().unwrap_or(text);
            let (name, other) = match catch_unwind(AssertUnwindSafe(|| (function.0)(text))) {
                Ok(None) => continue,
                Ok(Some(other)) if other == text => continue,
                Ok(Some(other)) => (FUNCTION, other),
                Err(_) => (FAILED, format!("{MARK}{FAILED}]")),
            };
            self.count_named(name);
            masked = Some(other);
        }
        masked
    }

    /// Whether the program has none of its own.
    fn is_all_built_in(&self) -> bool {
        #[cfg(feature = "mask-patterns")]
        if !self.patterns.is_empty() {
            return false;
        }
        self.functions.is_empty()
    }

    #[cfg(feature = "mask-patterns")]
    fn with_patterns(&self, text: &str) -> Option<String> {
        let mut masked = None;
        for pattern in &self.patterns {
            let text = masked.as_deref().unwrap_or(text);
            let mark = self.mark(pattern.number());
            if let Some(other) = pattern.replaced(text, &mark, |rest| self.measured(rest)) {
                self.count(pattern.number());
                masked = Some(other);
            }
        }
        masked
    }

    #[cfg(not(feature = "mask-patterns"))]
    #[allow(clippy::unused_self, reason = "without the feature there are none")]
    fn with_patterns(&self, _: &str) -> Option<String> {
        None
    }

    fn marked(&self, text: &str, findings: &[Finding]) -> String {
        let mut masked = String::with_capacity(text.len());
        let mut copied = 0;
        for Finding { range, name } in findings {
            masked.push_str(text.get(copied..range.start).unwrap_or_default());
            masked.push_str(&self.mark(*name as usize));
            copied = range.end;
        }
        masked.push_str(text.get(copied..).unwrap_or_default());
        let mut seen = [false; Name::WORDS.len()];
        for Finding { name, .. } in findings {
            if let Some(seen) = seen.get_mut(*name as usize).filter(|seen| !**seen) {
                *seen = true;
                self.count(*name as usize);
            }
        }
        masked
    }

    fn mark(&self, number: usize) -> String {
        let name = self.counts.get(number).map_or("", |(name, _)| name);
        format!("{MARK}{name}]")
    }

    /// How long the mark is that a text starts with: what has one is masked already.
    fn measured(&self, text: &str) -> Option<usize> {
        let rest = text.strip_prefix(MARK)?;
        let mut names = self.counts.iter().map(|(name, _)| name.as_ref());
        let name = names
            .find(|name| rest.strip_prefix(name).is_some_and(|behind| behind.starts_with(']')))?;
        Some(MARK.len() + name.len() + 1)
    }

    fn count(&self, number: usize) {
        if let Some((_, count)) = self.counts.get(number) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn count_named(&self, name: &str) {
        if let Some(number) = self.counts.iter().position(|(known, _)| known == name) {
            self.count(number);
        }
    }
}

/// What its key says of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Nature {
    /// Never masked: what it names would not be found again.
    pub(crate) is_identifier: bool,
    is_content: bool,
    /// Whether its value may be a secret, whatever it looks like.
    is_secret: bool,
}

impl Nature {
    pub(crate) fn of(key: &str) -> Self {
        Self {
            is_identifier: semconv::is_identifier(key),
            is_content: semconv::is_content(key),
            is_secret: member::secrecy(key).is_some(),
        }
    }

    /// Whether its value is masked like a text without a key.
    pub(crate) fn is_plain(self) -> bool {
        !self.is_content && !self.is_secret
    }
}

/// What a text is for what it is called.
fn secret(name: &str, text: &str) -> Option<Name> {
    let (name, secrecy) = member::secrecy(name)?;
    // A scheme may stand before it.
    let value = text.rsplit(' ').next().unwrap_or_default();
    let is_secret = match secrecy {
        Secrecy::Always => !member::is_stand_in(text),
        Secrecy::IfRandom => member::is_random(value) && text.len() <= value.len() + 12,
    };
    if !is_secret || text.starts_with(MARK) {
        return None;
    }
    let mut findings = Scan::new(text).findings(Kinds::SECRETS, |_| None);
    match (findings.pop(), findings.is_empty()) {
        (Some(only), true) if only.range == (0..text.len()) => Some(only.name),
        _ => Some(name),
    }
}
