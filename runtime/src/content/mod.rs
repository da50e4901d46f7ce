//! What goes into a model and comes out of it: recorded where the user asks for it, and compiled in by
//! the feature `content` alone.

pub(crate) mod message;
pub(crate) mod piece;
