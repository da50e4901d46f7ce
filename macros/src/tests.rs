//! The macros, in process: what they say and what they write.

mod error_types;
mod expansions;
mod mistakes;
mod responses;
