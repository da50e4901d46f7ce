//! What the compiler and Clippy find in a function they find in it annotated: each expectation here
//! is met, and one that is not would be told.
#![deny(warnings, unfulfilled_lint_expectations)]
#![warn(clippy::all, clippy::pedantic, missing_docs, unused)]
#![expect(dead_code, reason = "nothing here is called but by itself")]

use spanline::{trace_span, trace_stage};

#[expect(clippy::must_use_candidate)]
#[trace_stage]
/// Says what it is.
pub fn unmarked(number: u32) -> u32 {
    number + 1
}

#[expect(clippy::ptr_arg)]
#[trace_stage]
fn of_vector(words: &Vec<String>) -> usize {
    words.len()
}

#[expect(clippy::ptr_arg)]
#[trace_stage]
async fn of_vector_later(words: &Vec<String>) -> usize {
    words.len()
}

#[expect(clippy::too_many_arguments)]
#[trace_span]
fn many(a1: u8, a2: u8, a3: u8, a4: u8, a5: u8, a6: u8, a7: u8, a8: u8) -> u8 {
    a1 + a2 + a3 + a4 + a5 + a6 + a7 + a8
}

#[expect(clippy::too_many_arguments)]
#[trace_span]
async fn many_later(a1: u8, a2: u8, a3: u8, a4: u8, a5: u8, a6: u8, a7: u8, a8: u8) -> u8 {
    a1 + a2 + a3 + a4 + a5 + a6 + a7 + a8
}

#[expect(clippy::missing_errors_doc)]
#[trace_span]
/// Says what it does, and not when it fails.
pub fn fails(text: &str) -> Result<u32, std::num::ParseIntError> {
    text.parse()
}

#[expect(clippy::missing_panics_doc)]
#[trace_span]
/// Says what it does, and not when it panics.
#[must_use]
pub fn panics(text: &str) -> u32 {
    text.parse().unwrap()
}

#[trace_span]
#[expect(clippy::redundant_clone)]
fn clones(text: &str) -> String {
    let owned = text.to_owned();
    owned.clone()
}

#[expect(unused_variables)]
#[trace_stage]
fn unused(number: u32) {}

#[expect(unused_mut)]
#[trace_stage]
async fn unchanged(mut number: u32) -> u32 {
    number
}

#[expect(non_snake_case)]
#[trace_stage]
fn Shouted(Number: u32) -> u32 {
    Number
}

#[expect(unreachable_code)]
#[trace_stage]
fn unreachable() -> u32 {
    return 1;
    2
}

#[expect(unused_must_use)]
#[trace_stage]
async fn ignores() {
    fails("1");
}

#[expect(deprecated)]
#[trace_stage]
async fn calls_the_old() -> u32 {
    old()
}

#[deprecated = "there is a new one"]
#[trace_stage]
fn old() -> u32 {
    1
}

mod never_called {
    use spanline::trace_stage;

    #[expect(dead_code)]
    #[trace_stage]
    fn blocking() {}

    #[expect(dead_code)]
    #[trace_stage]
    async fn later() {}

    pub(super) struct Store;

    #[trace_stage]
    impl Store {
        #[expect(dead_code, clippy::unused_self)]
        fn blocking(&self) {}

        #[expect(dead_code, clippy::unused_self)]
        async fn later(&self) {}
    }
}

/// Has some.
#[expect(missing_docs)]
pub mod undocumented {
    use spanline::trace_stage;

    #[trace_stage]
    pub fn blocking() {}

    #[trace_stage]
    pub async fn later() {}
}

fn main() {}
