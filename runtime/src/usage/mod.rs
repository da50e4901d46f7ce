//! What a model call consumed.

pub(crate) mod reply;
#[cfg(feature = "json")]
pub(crate) mod shape;
pub(crate) mod tokens;
