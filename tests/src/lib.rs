//! What the tests read back: everything that was exported, by trace, and processes of their own.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::format_collect,
    clippy::missing_panics_doc,
    reason = "a test stops at what it did not expect"
)]

pub mod lines;
pub mod metric;
pub mod process;
pub mod telemetry;
pub mod trace;
