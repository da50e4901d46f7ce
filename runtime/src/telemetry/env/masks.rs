//! What is masked.

use std::sync::Arc;

use super::list::{self, Listed};
use super::reader::{Origin, Reader};
use super::table;
use crate::content::mask::{Kinds, Mask, Masks};
use crate::telemetry::settings::Overrides;

pub(super) const EXPECTED: &str = "a list of secrets, email, card and iban, or all or none";

const WORDS: [(&str, Option<Mask>); 5] = [
    ("secrets", Some(Mask::Secrets)),
    ("email", Some(Mask::Email)),
    ("card", Some(Mask::Card)),
    ("iban", Some(Mask::Iban)),
    ("all", None),
];

/// The built-in ones that are chosen, and those of the code.
pub(super) fn masks(reader: &mut Reader<'_>, overrides: &Overrides) -> Arc<Masks> {
    let variable = table::SPANLINE_MASKS;
    let all = || WORDS.iter().filter_map(|(_, mask)| *mask);
    let (chosen, origin) = match (&overrides.masks, reader.text(variable)) {
        (Some(masks), _) => (Some(masks.clone()), Origin::Code),
        (None, None) => (None, Origin::Default),
        (None, Some(text)) => {
            let listed = text.map_or_else(Listed::unread, |text| list(&text));
            // A word that nobody knows may have been meant to keep something in.
            reader.warn_list(variable, &listed, EXPECTED, "all");
            let is_all = !listed.problems.is_empty() || listed.values.contains(&None);
            let masks = if is_all {
                all().collect()
            } else {
                listed.values.into_iter().flatten().collect()
            };
            (Some(masks), Origin::Variable(variable.name()))
        }
    };
    let (mut masks, shown) = match chosen {
        None => (Masks::default(), "secrets; in content secrets,email,card,iban".to_owned()),
        Some(chosen) => {
            let kinds: Kinds = chosen.iter().copied().collect();
            let words: Vec<&str> = WORDS
                .iter()
                .filter(|(_, mask)| mask.is_some_and(|mask| chosen.contains(&mask)))
                .map(|(word, _)| *word)
                .collect();
            let shown = if words.is_empty() { "none".to_owned() } else { words.join(",") };
            (Masks::new(kinds, kinds), shown)
        }
    };
    reader.decide("masks", shown, origin);
    add_own(reader, overrides, &mut masks);
    Arc::new(masks)
}

fn add_own(reader: &mut Reader<'_>, overrides: &Overrides, masks: &mut Masks) {
    #[cfg(feature = "mask-patterns")]
    for (name, expression) in &overrides.mask_patterns {
        match masks.add_pattern(name, expression) {
            Ok(()) => reader.decide("mask of your own", name, Origin::Code),
            Err(problem) => {
                let expected =
                    "a name and a regular expression, as in .mask(\"ticket\", r\"T-\\d+\")";
                let _ = reader.fail(&format!("mask {name:?}"), problem, expected);
            }
        }
    }
    for function in &overrides.mask_functions {
        masks.add_function(function.clone());
    }
    if !overrides.mask_functions.is_empty() {
        reader.decide("mask functions", overrides.mask_functions.len(), Origin::Code);
    }
}

/// `all` is no mask.
pub(super) fn list(text: &str) -> Listed<Option<Mask>> {
    list::parse(text, &WORDS, &[])
}
