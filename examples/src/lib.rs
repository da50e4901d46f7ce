//! What the examples share: text to search, a search, a model to ask.

pub mod corpus;
pub mod loopback;
pub mod model;
pub mod retrieval;

/// The code that readers see compiles.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
#[doc = include_str!("../../docs/concepts.md")]
#[doc = include_str!("../../docs/exporters.md")]
#[doc = include_str!("../../docs/outcomes.md")]
struct Documentation;
