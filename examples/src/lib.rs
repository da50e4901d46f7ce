//! What the examples share: text to search, a search, a model to ask.

pub mod corpus;
pub mod loopback;
pub mod model;
pub mod retrieval;
