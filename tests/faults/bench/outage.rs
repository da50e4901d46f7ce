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
    let [grpc, http] = std::thread::scope(|scope| {
        Protocol::ALL
            .map(|protocol| scope.spawn(move || outage(PROGRAMS, protocol, &measure, plan)))
            .map(|run| run.join().unwrap())
    });
    println!(
        "\n| protocol | sent | arrived | twice | counted as lost | lost and not counted | of these found the queue full |"
    );
    println!("|---|---|---|---|---|---|---|");
    for (protocol, (account, figures)) in Protocol::ALL.into_iter().zip([&grpc, &http]) {
        let Account { sent, arrived, twice, counted, .. } = *account;
        println!(
            "| {protocol} | {sent} | {arrived} | {twice} | {counted} | {} | {} |",
            account.silently_lost(),
            figures.number("dropped"),
        );
    }
    [grpc, http].iter().all(|(account, figures)| {
        account.silently_lost() == 0
            && account.counted_and_arrived() == 0
            && account.counted == figures.told()
    })
}
