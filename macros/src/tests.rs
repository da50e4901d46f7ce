//! The macros, in process: what they say and what they write.

mod content;
mod error_types;
mod expansions;
mod half_typed;
mod mistakes;
mod readings;
mod responses;
