//! What a model call consumed.

pub(crate) mod tokens;
