//! What is masked.

use super::{assert_decided, attempt, quiet, settings};
use crate::content::mask::{Mask, MaskFunction};
use crate::telemetry::settings::{Overrides, Settings};

const TEXT: &str = "password=x a@b.de 4111111111111111 DE89370400440532013000";
const ALL: &str = "password=[masked:password] [masked:email] [masked:card] [masked:iban]";

fn of_text(settings: &Settings) -> String {
    settings.masks.text(TEXT).into_owned()
}

#[test]
fn secrets_are_masked_everywhere_and_the_rest_in_content_if_nothing_is_said() {
    let settings = quiet(&[]);
    assert_eq!(of_text(&settings), TEXT.replace("=x ", "=[masked:password] "));
    assert_eq!(settings.masks.content(TEXT), ALL);
    assert_decided(&settings, "masks: secrets; in content secrets,email,card,iban (default)");
}

#[test]
fn what_is_said_counts_for_content_too() {
    for (said, expected) in [
        ("secrets", TEXT.replace("=x ", "=[masked:password] ")),
        ("card , EMAIL", TEXT.replace("a@b.de 4111111111111111", "[masked:email] [masked:card]")),
        ("all", ALL.to_owned()),
        ("none", TEXT.to_owned()),
    ] {
        let settings = quiet(&[("SPANLINE_MASKS", said)]);
        assert_eq!(of_text(&settings), expected, "{said}");
        assert_eq!(settings.masks.content(TEXT), expected, "{said}");
    }
    assert_decided(&quiet(&[("SPANLINE_MASKS", "none")]), "masks: none (SPANLINE_MASKS)");
    assert_decided(&quiet(&[("SPANLINE_MASKS", "iban,card")]), "masks: card,iban (SPANLINE_MASKS)");
}

#[test]
fn a_word_that_nobody_knows_masks_everything() {
    for (said, problem) in [
        ("secrets,mails", "\"mails\" is unknown"),
        ("none,email", "\"none\" has no meaning beside others"),
    ] {
        let settings = settings(&[("SPANLINE_MASKS", said)]);
        assert_eq!(of_text(&settings), ALL);
        let rest = "expected a list of secrets, email, card and iban, or all or none; using all";
        assert_eq!(settings.warnings, [format!("SPANLINE_MASKS: {problem}; {rest}")]);
    }
}

#[test]
fn masks_of_the_code_win_and_functions_come_on_top() {
    let overrides = Overrides {
        masks: Some(vec![Mask::Iban]),
        mask_functions: vec![MaskFunction(std::sync::Arc::new(|text: &str| {
            text.contains("a@b.de").then(|| text.replace("a@b.de", "somebody"))
        }))],
        ..Overrides::default()
    };
    let settings = attempt(&[("SPANLINE_MASKS", "none")], &overrides).unwrap();
    let expected = TEXT.replace("a@b.de", "somebody");
    assert_eq!(of_text(&settings), expected.replace("DE89370400440532013000", "[masked:iban]"));
    assert_decided(&settings, "masks: iban (code)");
    assert_decided(&settings, "mask functions: 1 (code)");
}

#[cfg(feature = "mask-patterns")]
#[test]
fn a_pattern_with_a_mistake_is_an_error_that_names_it() {
    let with = |expression: &str| Overrides {
        mask_patterns: vec![("ticket".to_owned(), expression.to_owned())],
        ..Overrides::default()
    };
    let settings = attempt(&[], &with(r"T-\d+")).unwrap();
    assert_eq!(settings.masks.text("T-12"), "[masked:ticket]");
    assert_decided(&settings, "mask of your own: ticket (code)");
    let error = attempt(&[], &with("T-(")).unwrap_err().to_string();
    let start = "mask \"ticket\": \"T-(\" is no regular expression: unclosed group; expected ";
    assert!(error.starts_with(start), "{error}");
}
