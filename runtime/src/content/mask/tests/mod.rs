//! What is found, what is not, and what it costs.

mod examples;
mod random;
mod whole;

use super::scan::Scan;
use super::{Kinds, MARK, Masks};

/// What content becomes.
fn masked(text: &str) -> String {
    Masks::default().content(text).into_owned()
}

/// How many looks at a byte it takes.
fn steps(text: &str) -> u64 {
    let mut scan = Scan::new(text);
    scan.findings(Kinds::ALL, |rest| rest.starts_with(MARK).then_some(MARK.len()));
    scan.steps.get()
}
