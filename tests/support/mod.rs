//! What the tests stand on: a receiver to send to, and an authority that signs certificates.
#![allow(dead_code, reason = "each test uses its part")]

pub(crate) mod authority;
pub(crate) mod receiver;
pub(crate) mod tree;
