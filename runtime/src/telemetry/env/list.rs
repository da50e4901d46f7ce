//! Lists of words, separated by commas.

use super::reader::quoted;

/// What a list said.
#[derive(Debug)]
pub(super) struct Listed<T> {
    /// In order, without repetition.
    pub(super) values: Vec<T>,
    /// It said `none`, and nothing else of use.
    pub(super) none: bool,
    /// What was wrong with the other words.
    pub(super) problems: Vec<String>,
}

impl<T> Listed<T> {
    /// Of a value that could not be read.
    pub(super) fn unread(problem: String) -> Self {
        Self { values: Vec::new(), none: false, problems: vec![problem] }
    }

    /// Whether something in it can be followed.
    pub(super) fn says_something(&self) -> bool {
        self.none || !self.values.is_empty()
    }
}

/// Reads a list of `known` words; `unavailable` ones come with what to use in their place.
pub(super) fn parse<T: Clone + PartialEq>(
    text: &str,
    known: &[(&str, T)],
    unavailable: &[(&str, &str)],
) -> Listed<T> {
    let mut listed = Listed { values: Vec::new(), none: false, problems: Vec::new() };
    let mut none = false;
    for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        let is = |name: &str| name.eq_ignore_ascii_case(word);
        if is("none") {
            none = true;
        } else if let Some((_, value)) = known.iter().find(|(name, _)| is(name)) {
            if !listed.values.contains(value) {
                listed.values.push(value.clone());
            }
        } else if let Some((_, instead)) = unavailable.iter().find(|(name, _)| is(name)) {
            listed.problems.push(format!("{} {instead}", quoted(word)));
        } else {
            listed.problems.push(format!("{} is unknown", quoted(word)));
        }
    }
    if none && !listed.values.is_empty() {
        listed.problems.push("\"none\" has no meaning beside others".to_owned());
    }
    listed.none = none && listed.values.is_empty();
    listed
}
