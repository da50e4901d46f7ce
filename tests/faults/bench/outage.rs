//! The table of a receiver that is away for a while.

use std::time::Duration;

use spanline_faults::{Account, Measure, Outage, Protocol, outage};

use crate::PROGRAMS;

const AWAY: Duration = Duration::from_secs(60);

/// Whether everything was counted, and nothing lost with a spool.
pub(crate) fn print() -> bool {
    let measure = Measure { patience: Duration::from_secs(300), ..Measure::full() };
    let plan = Outage { before: 1500, down: AWAY, after: 1500 };
    eprintln!("outage: the receiver is away for {} s", AWAY.as_secs());
    let ways = [false, true].map(|is_spooled| Protocol::ALL.map(|protocol| (is_spooled, protocol)));
    let runs: Vec<_> = std::thread::scope(|scope| {
        let started: Vec<_> = ways
            .as_flattened()
            .iter()
            .map(|(is_spooled, protocol)| {
                scope.spawn(move || {
                    let folder = tempfile::tempdir().unwrap();
                    let spool = is_spooled.then(|| folder.path());
                    outage(PROGRAMS, *protocol, &measure, plan, spool)
                })
            })
            .collect();
        started.into_iter().map(|run| run.join().unwrap()).collect()
    });
    println!(
        "\n| | protocol | sent | arrived | twice | on disk at the end | counted as lost | \
         lost and not counted |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let mut is_well = true;
    for ((is_spooled, protocol), (account, figures)) in ways.as_flattened().iter().zip(&runs) {
        let Account { sent, arrived, twice, counted, on_disk, .. } = *account;
        println!(
            "| {} | {protocol} | {sent} | {arrived} | {twice} | {on_disk} | {counted} | {} |",
            if *is_spooled { "with a spool" } else { "without" },
            account.silently_lost(),
        );
        is_well &= account.silently_lost() + account.counted_and_arrived() + twice == 0;
        is_well &= counted == figures.told() && !(*is_spooled && counted > 0);
    }
    is_well
}
