//! What is found, what is not, and what it costs.

mod examples;
mod random;
mod whole;

use super::scan::{Finding, Scan};
use super::start::Starts;
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

/// What is found, when something is thought to start only where it may, and when it may everywhere.
fn findings(text: &str, kinds: Kinds) -> [Vec<Finding>; 2] {
    [Starts::of(kinds), Starts::EVERYWHERE].map(|starts| {
        let measured = |rest: &str| rest.starts_with(MARK).then_some(MARK.len());
        Scan::new(text).findings_at(kinds, measured, starts)
    })
}
