//! Faults over real sockets: a sender and a receiver, each a process of its own, and an account of what
//! was sent, what arrived and what was counted as lost.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a harness stops at what it did not expect"
)]

mod account;
mod disk;
mod fault;
mod judgement;
mod kill;
mod outage;
mod port;
mod receiver;
mod run;
mod scenario;
mod sender;

pub use self::account::Account;
pub use self::disk::{run_on_small_disk, run_until_read_only, run_with_short_files};
pub use self::fault::{Fault, Manner, Script};
pub use self::kill::{Kills, Round, kills};
pub use self::outage::{Outage, outage};
pub use self::port::Port;
pub use self::receiver::{Receiver, Setting, taken as receiver_file};
pub use self::run::{Measure, run, run_twice, scripted};
pub use self::scenario::{Endpoint, Fate, SCENARIOS, Scenario};
pub use self::sender::{Figures, Length, Protocol, Running, Sender};

/// Where the two programs are: Cargo tells tests and benches alone.
#[derive(Clone, Copy, Debug)]
pub struct Programs {
    pub sender: &'static str,
    pub receiver: &'static str,
}

/// A span, as its ids in hexadecimal: `trace id-span id`.
pub type SpanKey = String;

/// Reads a file of one span per line; the last line may have been cut by the end of its writer.
#[must_use]
pub fn spans_of(path: &std::path::Path) -> Vec<SpanKey> {
    const LENGTH: usize = 32 + 1 + 16;
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines().filter(|line| line.len() == LENGTH).map(String::from).collect()
}
