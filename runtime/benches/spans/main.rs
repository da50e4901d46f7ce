//! What a span costs, beside the same work without spans and with those of peers.
//!
//! ```text
//! cargo bench -p spanline-benches                    # all tables
//! cargo bench -p spanline-benches -- instructions    # those of counts alone
//! cargo bench -p spanline-benches -- times [--rounds 31]
//! ```
//!
//! Instructions and allocations want Valgrind; times are ratios within a round, the median of all
//! rounds.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measurement that cannot go on stops and says so"
)]
#![allow(clippy::unused_async, reason = "every contender is asked alike")]

mod callgrind;
mod contender;
mod exporter;
mod measure;
mod scenario;
mod table;

use measure::Order;

fn main() {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["measure", ..] => {
            Order::parse(&arguments[1..]).expect("an order of this program itself").carry_out();
        }
        [] => {
            table::instructions();
            table::times(11);
        }
        ["instructions"] => table::instructions(),
        ["times"] => table::times(31),
        ["times", "--rounds", rounds] => {
            table::times(rounds.parse().expect("`--rounds` needs a count"));
        }
        _ => panic!("expected `instructions`, `times` or `times --rounds 31`, found {words:?}"),
    }
}
