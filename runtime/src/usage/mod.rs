//! What a model call consumed, and what that costs.

#[cfg(feature = "content")]
pub(crate) mod answer;
pub(crate) mod bill;
mod client;
pub(crate) mod money;
pub(crate) mod price;
#[cfg(any(feature = "async-openai", feature = "json"))]
mod reasoning;
pub(crate) mod reply;
pub(crate) mod saying;
#[cfg(feature = "json")]
pub(crate) mod shape;
pub(crate) mod tokens;
