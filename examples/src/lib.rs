//! What the examples share: text to search, a search, a model to ask.

pub mod corpus;
pub mod loopback;
pub mod model;
pub mod retrieval;

// What readers see compiles.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
#[cfg(doctest)]
#[doc = include_str!("../../docs/coming-from-tracing.md")]
struct ComingFromTracing;
#[cfg(doctest)]
#[doc = include_str!("../../docs/concepts.md")]
struct Concepts;
#[cfg(doctest)]
#[doc = include_str!("../../docs/content.md")]
struct Content;
#[cfg(doctest)]
#[doc = include_str!("../../docs/conventions.md")]
struct Conventions;
#[cfg(doctest)]
#[doc = include_str!("../../docs/costs.md")]
struct Costs;
#[cfg(doctest)]
#[doc = include_str!("../../docs/events.md")]
struct Events;
#[cfg(doctest)]
#[doc = include_str!("../../docs/exporters.md")]
struct Exporters;
#[cfg(doctest)]
#[doc = include_str!("../../docs/layers.md")]
struct Layers;
#[cfg(doctest)]
#[doc = include_str!("../../docs/identity.md")]
struct Identity;
#[cfg(doctest)]
#[doc = include_str!("../../docs/masks.md")]
struct Masks;
#[cfg(doctest)]
#[doc = include_str!("../../docs/money.md")]
struct Money;
#[cfg(doctest)]
#[doc = include_str!("../../docs/names.md")]
struct Names;
#[cfg(doctest)]
#[doc = include_str!("../../docs/outcomes.md")]
struct Outcomes;
#[cfg(doctest)]
#[doc = include_str!("../../docs/sampling.md")]
struct Sampling;
#[cfg(doctest)]
#[doc = include_str!("../../docs/usage.md")]
struct Usage;
