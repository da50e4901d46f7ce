//! The names that the library knows, read from where they are written.

use std::collections::BTreeSet;
use std::path::Path;

use super::table::{METRICS, type_of};

/// Attributes of the conventions that no span has: of metrics.
pub(crate) const UNSEEN: [&str; 1] = ["gen_ai.token.type"];

fn source(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runtime/src").join(file);
    std::fs::read_to_string(path).unwrap()
}

fn of(text: &str) -> Vec<String> {
    let mut names: Vec<String> = text
        .split(": &str =")
        .skip(1)
        .map(|rest| rest.split('"').nth(1).unwrap().to_owned())
        .collect();
    names.sort();
    names
}

/// The names that a module has.
pub(crate) fn constants(file: &str, module: &str) -> Vec<String> {
    let text = source(file);
    let start = text.find(&format!("pub(crate) mod {module} {{")).unwrap();
    of(&text[start..start + text[start..].find("\n}").unwrap()])
}

/// The names of all conventions.
pub(crate) fn all() -> BTreeSet<String> {
    let files = ["semconv.rs", "semconv/genai_main.rs", "semconv/openinference.rs"];
    files.into_iter().flat_map(|file| of(&source(file))).collect()
}

/// The attributes of the conventions.
pub(crate) fn known() -> Vec<String> {
    let names = constants("semconv.rs", "attribute");
    names.into_iter().filter(|name| !name.starts_with("spanline.")).collect()
}

#[test]
fn every_attribute_is_in_a_table_or_under_our_prefix() {
    let names = constants("semconv.rs", "attribute");
    assert!(names.len() > 50, "{names:?}");
    let strangers: Vec<&String> = names
        .iter()
        .filter(|name| !name.starts_with("spanline.") && type_of(name).is_none())
        .collect();
    assert_eq!(strangers, Vec::<&String>::new());
}

#[test]
fn every_metric_is_in_the_table_or_under_our_prefix() {
    let names = constants("semconv.rs", "metric");
    assert!(names.len() >= METRICS.len(), "{names:?}");
    let strangers: Vec<&String> = names
        .iter()
        .filter(|name| {
            !name.starts_with("spanline.") && METRICS.iter().all(|rule| rule.name != **name)
        })
        .collect();
    assert_eq!(strangers, Vec::<&String>::new());
}
