//! The table of programs that are killed.

use std::time::Duration;

use spanline_faults::{Account, Kills, Measure, Protocol, Round, kills};

use crate::PROGRAMS;

/// In each way and over each protocol.
const ROUNDS: u64 = 100;
const LATEST: Duration = Duration::from_secs(2);

/// Whether only the newest were lost.
pub(crate) fn print(seed: u64) -> bool {
    let measure = Measure {
        variables: &[("OTEL_BSP_SCHEDULE_DELAY", "500")],
        pause: Duration::from_millis(5),
        ..Measure::full()
    };
    eprintln!("kills: four times {ROUNDS}, with the seed {seed}");
    let ways = [false, true].map(|is_away| Protocol::ALL.map(|protocol| (is_away, protocol)));
    let runs: Vec<_> = std::thread::scope(|scope| {
        let started: Vec<_> = ways
            .as_flattened()
            .iter()
            .map(|(is_away, protocol)| {
                let plan = Kills { rounds: ROUNDS, seed, latest: LATEST, is_away: *is_away };
                scope.spawn(move || kills(PROGRAMS, *protocol, &measure, &plan))
            })
            .collect();
        started.into_iter().map(|run| run.join().unwrap()).collect()
    });
    println!(
        "\n| the receiver is | protocol | kills | ended | arrived | twice | lost | at most in one kill | \
         lost though newer ones arrived |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    let mut is_well = true;
    for ((is_away, protocol), (account, rounds)) in ways.as_flattened().iter().zip(&runs) {
        let Account { sent, arrived, twice, .. } = *account;
        let sum = |of: fn(&Round) -> u64| rounds.iter().map(of).sum::<u64>();
        let out_of_turn = sum(|round| round.lost_before_arrived);
        println!(
            "| {} | {protocol} | {} | {sent} | {arrived} | {twice} | {} | {} | {out_of_turn} |",
            if *is_away { "away every second time" } else { "there" },
            rounds.len(),
            sum(|round| round.lost),
            rounds.iter().map(|round| round.lost).max().unwrap(),
        );
        is_well &= out_of_turn + twice == 0;
    }
    is_well
}
