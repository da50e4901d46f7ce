//! What a model call consumed.

mod client;
#[cfg(any(feature = "async-openai", feature = "json"))]
mod reasoning;
pub(crate) mod reply;
#[cfg(feature = "json")]
pub(crate) mod shape;
pub(crate) mod tokens;
