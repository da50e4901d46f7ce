//! The attribute macros of `spanline`.
