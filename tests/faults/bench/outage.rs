//! The table of a receiver that is away for a while.

use std::time::Duration;

use spanline_faults::{Account, Measure, Outage, Protocol, outage};

use crate::PROGRAMS;

const AWAY: Duration = Duration::from_secs(60);

/// Whether everything was counted.
pub(crate) fn print() -> bool {
    let measure = Measure { patience: Duration::from_secs(300), ..Measure::full() };
    let plan = Outage { before: 1500, down: AWAY, after: 1500 };
    eprintln!("outage: the receiver is away for {} s", AWAY.as_secs());
    let runs = std::thread::scope(|scope| {
        Protocol::ALL
            .map(|protocol| scope.spawn(move || outage(PROGRAMS, protocol, &measure, plan)))
            .map(|run| run.join().unwrap())
    });
    println!(
        "\n| protocol | sent | arrived | twice | counted as lost | lost and not counted |\n\
         |---|---|---|---|---|---|"
    );
    let mut is_well = true;
    for (protocol, (account, figures)) in Protocol::ALL.into_iter().zip(&runs) {
        let Account { sent, arrived, twice, counted, .. } = *account;
        let uncounted = account.silently_lost();
        println!("| {protocol} | {sent} | {arrived} | {twice} | {counted} | {uncounted} |");
        is_well &= uncounted + account.counted_and_arrived() + twice == 0;
        is_well &= counted == figures.told();
    }
    is_well
}
