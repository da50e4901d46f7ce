//! Each mistake under its caret; each shape of function beside its expansion.

mod expansions;
mod mistakes;
mod responses;
