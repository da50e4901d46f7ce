//! What becomes of spans when receivers fail, and what their rate and latency are.
//!
//! ```text
//! cargo bench -p spanline-faults                     # all tables, in Markdown
//! cargo bench -p spanline-faults -- faults           # every fault, with all settings as they come
//! cargo bench -p spanline-faults -- faults --brief   # the same in seconds
//! cargo bench -p spanline-faults -- spool            # the same with a spool; also `--brief`
//! cargo bench -p spanline-faults -- outage           # the receiver is away for a minute
//! cargo bench -p spanline-faults -- kills [--seed 7] # six hundred programs are killed
//! cargo bench -p spanline-faults -- load             # spans per second, and memory
//! cargo bench -p spanline-faults -- latency          # what a call costs its caller
//! ```
//!
//! A hundred programs are killed in each of three ways and over each of two protocols: two hundred of
//! them have a spool.
//!
//! It fails if a span is lost that nobody counted.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measurement that cannot go on stops and says so"
)]

mod faults;
mod kills;
mod load;
mod outage;
mod spool;

use std::process::ExitCode;

use spanline_faults::{Measure, Programs};

const PROGRAMS: Programs = Programs {
    sender: env!("CARGO_BIN_EXE_faults-sender"),
    receiver: env!("CARGO_BIN_EXE_faults-receiver"),
};

fn main() -> ExitCode {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let is_well = match words[..] {
        [] => {
            let faults = faults::print(&Measure::full());
            let spool = spool::print(&Measure::full());
            let outage = outage::print();
            let kills = kills::print(fastrand::u64(..));
            load::print_rates();
            load::print_latency();
            faults && spool && outage && kills
        }
        ["faults"] => faults::print(&Measure::full()),
        ["faults", "--brief"] => faults::print(&Measure::brief()),
        ["spool"] => spool::print(&Measure::full()),
        ["spool", "--brief"] => spool::print(&Measure::brief()),
        ["outage"] => outage::print(),
        ["kills"] => kills::print(fastrand::u64(..)),
        ["kills", "--seed", seed] => kills::print(seed.parse().expect("a seed is a number")),
        ["load"] => {
            load::print_rates();
            true
        }
        ["latency"] => {
            load::print_latency();
            true
        }
        _ => panic!(
            "expected `faults`, `spool`, `outage`, `kills`, `load` or `latency`, found {words:?}"
        ),
    };
    if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
