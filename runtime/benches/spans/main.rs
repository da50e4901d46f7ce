//! What a span costs, beside the same work without spans and with those of peers.
//!
//! ```text
//! cargo bench -p spanline-benches                    # all tables, in Markdown
//! cargo bench -p spanline-benches -- counts          # those of instructions and allocations
//! cargo bench -p spanline-benches -- times [--rounds 11]
//! cargo bench -p spanline-benches -- profile spanline-metrics enabled
//! cargo bench -p spanline-benches -- guard           # fails if ours grew beyond what is recorded
//! cargo bench -p spanline-benches -- record          # writes `recorded.txt` anew
//! ```
//!
//! Counts want Valgrind; times are ratios within a round, the median of all rounds.
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
mod counts;
mod exporter;
mod guard;
mod measure;
mod scenario;
mod times;
mod versions;

use std::process::ExitCode;

use measure::Order;

const ROUNDS: usize = 11;

fn main() -> ExitCode {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["measure", ..] => {
            Order::parse(&arguments[1..]).expect("an order of this program itself").carry_out();
        }
        [] => {
            versions::print();
            counts::print();
            times::print(ROUNDS);
        }
        ["counts"] => counts::print(),
        ["times"] => times::print(ROUNDS),
        ["times", "--rounds", rounds] => {
            times::print(rounds.parse().expect("`--rounds` needs a count"));
        }
        ["profile", contender, state] => {
            let named = [contender, state, "pipeline", "1000", "1"].map(String::from);
            let order = Order::parse(&named).expect("names of a contender and of a state");
            callgrind::print_profile(order);
        }
        ["guard"] => return guard::check(),
        ["record"] => guard::record(),
        _ => panic!("expected `counts`, `times`, `profile`, `guard` or `record`, found {words:?}"),
    }
    ExitCode::SUCCESS
}
