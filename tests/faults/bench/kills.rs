//! The table of programs that are killed.

use std::time::Duration;

use spanline_faults::{Kills, Measure, Protocol, Round, kills};

use crate::PROGRAMS;

const ROUNDS: u64 = 200;
const LATEST: Duration = Duration::from_secs(2);

/// Whether nothing came up that nobody sent, and nothing twice.
pub(crate) fn print(seed: u64) -> bool {
    let measure = Measure {
        variables: &[("OTEL_BSP_SCHEDULE_DELAY", "500")],
        pause: Duration::from_millis(5),
        ..Measure::full()
    };
    eprintln!("kills: {ROUNDS}, with the seed {seed}");
    let plan = Kills { rounds: ROUNDS / 2, seed, latest: LATEST, spool: None };
    let halves = std::thread::scope(|scope| {
        Protocol::ALL
            .map(|protocol| {
                let plan = plan.clone();
                scope.spawn(move || kills(PROGRAMS, protocol, &measure, &plan))
            })
            .map(|run| run.join().unwrap())
    });
    println!("\n| protocol | kills | ended | arrived | twice | lost | at most in one kill |");
    println!("|---|---|---|---|---|---|---|");
    for (protocol, (account, rounds)) in Protocol::ALL.into_iter().zip(&halves) {
        println!(
            "| {protocol} | {} | {} | {} | {} | {} | {} |",
            rounds.len(),
            account.sent,
            account.arrived,
            account.twice,
            rounds.iter().map(|round| round.lost).sum::<u64>(),
            rounds.iter().map(|Round { lost, .. }| *lost).max().unwrap(),
        );
    }
    halves.iter().all(|(account, _)| account.twice == 0)
}
