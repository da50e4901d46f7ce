//! The attributes of a function hold as without ours.
#![deny(missing_docs, unused, deprecated)]

mod library {
    use spanline::trace_stage;

    #[trace_stage] #[must_use = "it is costly"] pub fn weigh() -> u32 { 1 }

    #[trace_stage] #[must_use = "it is costly"] pub async fn weigh_later() -> u32 { 1 }

    #[trace_stage] #[deprecated = "ask `weigh`"] pub fn count() {}
}

use spanline::trace_stage;

#[trace_stage] pub fn undocumented() {}
//~            ^^^^^^^^^^^^^^^^^^^^^ missing documentation for a function

/// It has some.
#[trace_stage] pub fn documented() {}

fn main() {
    library::weigh();
//~ ^^^^^^^^^^^^^^^^ unused return value of `weigh` that must be used
    library::weigh_later();
//~ ^^^^^^^^^^^^^^^^^^^^^^ unused implementer of `Future` that must be used
//~ ^^^^^^^^^^^^^^^^^^^^^^ unused return value of `weigh_later` that must be used
    library::count();
//~          ^^^^^ use of deprecated function `library::count`: ask `weigh`
}
