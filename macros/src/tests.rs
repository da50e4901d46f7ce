//! Each mistake under its caret; each shape of function beside its expansion.

mod expansions;
mod half_typed;
mod mistakes;
