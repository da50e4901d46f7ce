//! JSON, patterns and functions of the program's own, and counts.

use std::sync::Arc;

use serde_json::{Value, json};

use super::masked;
use crate::content::mask::{Kinds, Mask, MaskFunction, Masks};

const KEY: &str = "sk-aB3dE5gH7jK9mN1pQ3sT5vW7";

#[test]
fn only_the_strings_inside_json_change() {
    let text = r#" [ {"role":"user", "n": 4111111111111111, "x": 1.50, "parts": [{"content": "I am alice@example.com\n"}]} , 12345678901234567890123 ]"#;
    assert_eq!(masked(text), text.replace("alice@example.com", "[masked:email]"));
    let quoted = r#"{"a":"\u0061lice\u0040example.com says \"hi\""}"#;
    assert_eq!(masked(quoted), r#"{"a":"[masked:email] says \"hi\""}"#);
    let half = format!(r#"{{"a":"\ud800 {KEY}"}}"#);
    assert!(!masked(&half).contains(KEY));
}

#[test]
fn json_inside_strings_is_read_too() {
    let arguments = json!({"user": "u", "password": "hunter2", "to": ["a@b.de"]}).to_string();
    let outer = json!([{"type": "tool_call", "arguments": arguments}]).to_string();
    let seen: Value = serde_json::from_str(&masked(&outer)).unwrap();
    let seen: Value = serde_json::from_str(seen[0]["arguments"].as_str().unwrap()).unwrap();
    let expected = json!({"user": "u", "password": "[masked:password]", "to": ["[masked:email]"]});
    assert_eq!(seen, expected);
}

#[test]
fn a_member_may_be_secret_for_its_name() {
    let text = r#"{"api_key":"abcdef1234567890","next":"abcdef1234567890","secret":["a","b"],"token":5,"z":{"token":"short"},"last":"plain"}"#;
    let expected = r#"{"api_key":"[masked:api-key]","next":"abcdef1234567890","secret":["[masked:credential]","[masked:credential]"],"token":5,"z":{"token":"short"},"last":"plain"}"#;
    assert_eq!(masked(text), expected);
    assert_eq!(
        masked(r#"[{"token":"x"},"words behind it"]"#),
        r#"[{"token":"x"},"words behind it"]"#
    );
}

#[test]
fn an_attribute_may_be_secret_for_its_name() {
    let masks = Masks::default();
    for (name, text, expected) in [
        ("db.password", "hunter2", "[masked:password]"),
        ("http.request.header.cookie", "a=b; c=d", "[masked:credential]"),
        ("http.request.header.authorization", "Bearer abcdef123456", "[masked:authorization]"),
        ("http.request.header.x-api-key", KEY, "[masked:openai-key]"),
        ("user.token", "abcdef123456", "[masked:credential]"),
        ("gen_ai.token.type", "input", "input"),
        ("token", "the next word", "the next word"),
        ("password", "[masked:password]", "[masked:password]"),
        ("password", "", ""),
        ("password", "none", "none"),
    ] {
        assert_eq!(masks.member(Some(name), text, false), expected, "{name}");
    }
}

#[test]
fn keys_of_maps_are_masked_and_none_gets_lost() {
    let mut value = json!({"a@b.de": 1, "c@d.de": 2, "role": "user"});
    let masks = Masks::default();
    masks.json(&mut value);
    assert_eq!(value, json!({"[masked:email]": 1, "[masked:email] 2": 2, "role": "user"}));
    assert_eq!(masked(r#"{"a@b.de":1}"#), r#"{"[masked:email]":1}"#);
}

#[test]
fn values_and_their_text_are_masked_alike() {
    let value = json!({"a": [{"password": "x"}, "alice@example.com"], "b": {"c": KEY, "d": 1.5}});
    let mut masked_value = value.clone();
    Masks::default().json(&mut masked_value);
    assert_eq!(serde_json::from_str::<Value>(&masked(&value.to_string())).unwrap(), masked_value);
}

#[test]
fn deep_json_is_masked_without_deep_calls() {
    let deep = "[".repeat(500_000);
    assert_eq!(masked(&deep), deep);
    let closed = format!("{deep}\"{KEY}\"{}", "]".repeat(500_000));
    assert_eq!(masked(&closed), closed.replace(KEY, "[masked:openai-key]"));
    let half = format!("{deep}\"{KEY}\"");
    assert_eq!(masked(&half), half.replace(KEY, "[masked:openai-key]"));
}

#[test]
fn what_tells_of_a_person_is_masked_in_content_unless_it_is_chosen() {
    let text = format!("alice@example.com {KEY}");
    let masks = Masks::default();
    assert_eq!(masks.text(&text), "alice@example.com [masked:openai-key]");
    assert_eq!(masks.content(&text), "[masked:email] [masked:openai-key]");
    let email: Kinds = [Mask::Email].into_iter().collect();
    let masks = Masks::new(email, email);
    assert_eq!(masks.text(&text), format!("[masked:email] {KEY}"));
    assert_eq!(masks.content(&text), format!("[masked:email] {KEY}"));
    let none = Masks::new(Kinds::default(), Kinds::default());
    assert_eq!(none.content(&text), text);
    let member = none.member(Some("password"), "hunter2", true);
    assert_eq!(member, "hunter2");
}

#[test]
fn texts_are_counted_by_what_was_in_them() {
    let masks = Masks::default();
    assert_eq!(masks.counts(), []);
    let _ = masks.content("a@b.de and c@d.de");
    let _ = masks.content(r#"["a@b.de", {"password": "x"}]"#);
    let _ = masks.content("nothing");
    assert_eq!(masks.counts(), [("email".to_owned(), 2), ("password".to_owned(), 1)]);
}

#[test]
fn a_function_sees_what_the_other_masks_left() {
    let mut masks = Masks::default();
    masks.add_function(MaskFunction(Arc::new(|text: &str| {
        assert!(!text.contains("boom"), "boom");
        assert!(!text.contains(KEY));
        text.contains("Bern").then(|| text.replace("Bern", "…"))
    })));
    assert_eq!(masks.text("in Bern"), "in …");
    assert_eq!(masks.text("in Basel"), "in Basel");
    assert_eq!(masks.text(&format!("{KEY} in Bern")), "[masked:openai-key] in …");
    assert_eq!(masks.text(r#"{"city":"Bern"}"#), r#"{"city":"…"}"#);
    assert_eq!(masks.text("boom"), "[masked:failed]");
    let counts = [("openai-key", 1), ("failed", 1), ("function", 3)];
    assert_eq!(masks.counts(), counts.map(|(name, count)| (name.to_owned(), count)));
}

#[cfg(feature = "mask-patterns")]
#[test]
fn a_pattern_of_the_programs_own_marks_what_it_matches() {
    let mut masks = Masks::default();
    masks.add_pattern("ticket", r"(?i)ticket-\d+").unwrap();
    masks.add_pattern("word", r"\bmask\w*").unwrap();
    let text = "TICKET-12, ticket-3 [masked:email] masked";
    let once = masks.text(text).into_owned();
    assert_eq!(once, "[masked:ticket], [masked:ticket] [masked:email] [masked:word]");
    assert_eq!(masks.text(&once), once);
    assert_eq!(masks.text("TICKET-"), "TICKET-");
    assert_eq!(masks.counts(), [("ticket".to_owned(), 1), ("word".to_owned(), 1)]);
}

#[cfg(feature = "mask-patterns")]
#[test]
fn a_pattern_with_a_mistake_is_told_apart() {
    let mut masks = Masks::default();
    for (name, expression, problem) in [
        ("ticket", "(", r#""(" is no regular expression: unclosed group"#),
        ("ticket", r"\d*", r#""\\d*" matches a text without anything in it"#),
        ("a ticket", "x", r#""a ticket" is no name of letters, digits, dashes and underscores"#),
    ] {
        assert_eq!(masks.add_pattern(name, expression), Err(problem.to_owned()));
    }
}
