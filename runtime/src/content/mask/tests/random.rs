//! Whatever the text is.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Map, Value};

use super::{findings, masked};
use crate::content::mask::{Kinds, Masks};

fn settings() -> ProptestConfig {
    ProptestConfig {
        cases: 256,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(7),
        ..ProptestConfig::default()
    }
}

/// Something that no text may keep, with a piece of it that is enough.
fn secret() -> impl Strategy<Value = (String, String)> {
    let key = |start: &'static str| {
        "[a-z]{3}[A-Z]{3}[0-9]{4}[a-zA-Z0-9]{30}"
            .prop_map(move |body| (format!("{start}{body}"), body))
    };
    prop_oneof![
        key("sk-"),
        key("sk-proj-"),
        key("sk-ant-"),
        key("AIza"),
        key("ghp_"),
        key("github_pat_"),
        key("xoxb-"),
        key("hf_"),
        key("sk_live_"),
        "[A-Z0-9]{16}".prop_map(|body| (format!("AKIA{body}"), body)),
        "[a-z]{4,12}[0-9]{2}".prop_map(|body| (format!("{body}@example.com"), body)),
        "[a-z]{4,12}[0-9]{2}".prop_map(|body| (format!("password={body}"), body)),
        "[a-z]{4,12}[0-9]{4}".prop_map(|body| (format!("?api_key={body}"), body)),
        "[a-z]{4,12}[0-9]{2}".prop_map(|body| (format!("http://me:{body}@host"), body)),
        "[a-z]{8,12}[0-9]{2}".prop_map(|body| (format!("Bearer {body}"), body)),
        card().prop_map(|card| (card.clone(), card)),
    ]
}

/// A number with the check digit that belongs to it, in groups or not.
fn card() -> impl Strategy<Value = String> {
    ("4[0-9]{14}", prop_oneof![Just(""), Just(" "), Just("-")]).prop_map(|(start, between)| {
        let digits: Vec<u32> = start.chars().filter_map(|digit| digit.to_digit(10)).collect();
        let doubled = |(place, digit): (usize, &u32)| match place % 2 {
            0 if *digit > 4 => digit * 2 - 9,
            0 => digit * 2,
            _ => *digit,
        };
        let sum: u32 = digits.iter().rev().enumerate().map(doubled).sum();
        let number = format!("{start}{}", (10 - sum % 10) % 10);
        let groups: Vec<&str> = (0..4).map(|group| &number[group * 4..group * 4 + 4]).collect();
        groups.join(between)
    })
}

fn kinds() -> impl Strategy<Value = Kinds> {
    any::<[bool; 4]>().prop_map(|[secrets, email, card, iban]| Kinds { secrets, email, card, iban })
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        secret().prop_map(|(secret, _)| Value::from(secret)),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((any::<String>(), inner), 0..6)
                .prop_map(|members| Value::from(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// The same but for strings.
fn skeleton(value: &Value) -> Value {
    match value {
        Value::String(_) => Value::from(""),
        Value::Array(items) => items.iter().map(skeleton).collect(),
        Value::Object(members) => members.values().map(skeleton).collect(),
        other => other.clone(),
    }
}

proptest! {
    #![proptest_config(settings())]

    #[test]
    fn no_secret_stays_wherever_it_stands(
        before in ".{0,20}",
        (secret, body) in secret(),
        after in ".{0,20}",
    ) {
        // What belongs to a word is another word.
        let text = format!("{before} {secret}\n{after}");
        let seen = masked(&text);
        prop_assert!(!seen.contains(&body), "{text:?} is {seen:?}");
        let nested = serde_json::json!({"a": [{&text: text}], "b": serde_json::json!([text]).to_string()});
        let seen = masked(&nested.to_string());
        prop_assert!(!seen.contains(&body), "{nested} is {seen}");
        let debugged = format!("Error({text:?})");
        let seen = masked(&debugged);
        prop_assert!(!seen.contains(&body), "{debugged} is {seen}");
    }

    #[test]
    fn nothing_is_found_elsewhere_than_where_it_may_start(
        before in "[a-zA-Z0-9@.:=/\\\"'\\[\\]m -]{0,40}",
        (secret, _) in secret(),
        after in any::<String>(),
        kinds in kinds(),
    ) {
        let account = "GB82 WEST 1234 5698 7654 32";
        for text in [format!("{before}{secret} {after}"), format!("{before} {account}"), before] {
            let [where_it_may, everywhere] = findings(&text, kinds);
            prop_assert_eq!(where_it_may, everywhere, "{:?}", text);
        }
    }

    #[test]
    fn a_second_time_changes_nothing(
        before in any::<String>(),
        (secret, _) in secret(),
        after in any::<String>(),
    ) {
        let once = masked(&format!("{before}{secret}{after}"));
        prop_assert_eq!(masked(&once), once);
    }

    #[test]
    fn text_without_secrets_stays_byte_for_byte(words in "[a-zA-Zéß ,.!?()\n]{0,200}") {
        let masks = Masks::default();
        prop_assert!(matches!(masks.content(&words), std::borrow::Cow::Borrowed(_)));
        prop_assert_eq!(masks.counts(), []);
    }

    #[test]
    fn json_keeps_all_but_its_strings(value in json()) {
        // A text that is one number is no JSON to speak of.
        let text = serde_json::json!([value]).to_string();
        let once = masked(&text);
        let seen: Value = serde_json::from_str(&once).unwrap();
        let whole: Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(skeleton(&seen), skeleton(&whole));
        prop_assert_eq!(masked(&once), once);
    }

    #[test]
    fn any_text_is_read_to_its_end(text in "[a-z0-9@.:=/\\\\\"'\\[\\] -]{0,300}") {
        let once = masked(&text);
        prop_assert_eq!(masked(&once), once);
        prop_assert!(super::steps(&text) <= 200 * (text.len() as u64 + 1));
    }
}
