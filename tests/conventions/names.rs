//! The names that the library knows, read from where they are written.

use std::path::Path;

use super::table::{METRICS, type_of};

/// Attributes of the conventions that no span has: of metrics.
pub(crate) const UNSEEN: [&str; 1] = ["gen_ai.token.type"];

pub(crate) fn constants(module: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runtime/src/semconv.rs");
    let text = std::fs::read_to_string(path).unwrap();
    let start = text.find(&format!("pub(crate) mod {module} {{")).unwrap();
    let module = &text[start..start + text[start..].find("\n}").unwrap()];
    let mut names: Vec<String> = module
        .split(": &str =")
        .skip(1)
        .map(|rest| rest.split('"').nth(1).unwrap().to_owned())
        .collect();
    names.sort();
    names
}

/// The attributes of the conventions.
pub(crate) fn known() -> Vec<String> {
    let names = constants("attribute");
    names.into_iter().filter(|name| !name.starts_with("spanline.")).collect()
}

#[test]
fn every_attribute_is_in_a_table_or_under_our_prefix() {
    let names = constants("attribute");
    assert!(names.len() > 50, "{names:?}");
    let strangers: Vec<&String> = names
        .iter()
        .filter(|name| !name.starts_with("spanline.") && type_of(name).is_none())
        .collect();
    assert_eq!(strangers, Vec::<&String>::new());
}

#[test]
fn every_metric_is_in_the_table_or_under_our_prefix() {
    let names = constants("metric");
    assert!(names.len() >= METRICS.len(), "{names:?}");
    let strangers: Vec<&String> = names
        .iter()
        .filter(|name| {
            !name.starts_with("spanline.") && METRICS.iter().all(|rule| rule.name != **name)
        })
        .collect();
    assert_eq!(strangers, Vec::<&String>::new());
}
