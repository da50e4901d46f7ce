//! The table of programs that are killed.

use std::time::Duration;

use spanline_faults::{Account, Kills, Measure, Protocol, Round, kills};
use tempfile::TempDir;

use crate::PROGRAMS;

/// In each way and over each protocol.
const ROUNDS: u64 = 100;
const LATEST: Duration = Duration::from_secs(2);

/// What the programs have.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Receiver,
    HalfAReceiver,
    HalfAReceiverAndSpool,
}

impl Way {
    const ALL: [Self; 3] = [Self::Receiver, Self::HalfAReceiver, Self::HalfAReceiverAndSpool];

    fn title(self) -> &'static str {
        match self {
            Self::Receiver => "without a spool",
            Self::HalfAReceiver => "the same, the receiver away every second time",
            Self::HalfAReceiverAndSpool => "the same, with a spool",
        }
    }
}

/// Whether only the newest were lost, and with a spool all others arrived.
pub(crate) fn print(seed: u64) -> bool {
    let measure = Measure {
        variables: &[("OTEL_BSP_SCHEDULE_DELAY", "500")],
        pause: Duration::from_millis(5),
        ..Measure::full()
    };
    eprintln!("kills: six times {ROUNDS}, with the seed {seed}");
    let ways = Way::ALL.map(|way| Protocol::ALL.map(|protocol| (way, protocol)));
    let runs: Vec<_> = std::thread::scope(|scope| {
        let started: Vec<_> = ways
            .as_flattened()
            .iter()
            .map(|(way, protocol)| {
                scope.spawn(move || {
                    let has_spool = *way == Way::HalfAReceiverAndSpool;
                    let folder = has_spool.then(|| tempfile::tempdir().unwrap());
                    let spool = folder.as_ref().map(|folder: &TempDir| folder.path().to_owned());
                    let is_away = *way != Way::Receiver;
                    let plan = Kills { rounds: ROUNDS, seed, latest: LATEST, is_away, spool };
                    kills(PROGRAMS, *protocol, &measure, &plan)
                })
            })
            .collect();
        started.into_iter().map(|run| run.join().unwrap()).collect()
    });
    println!(
        "\n| | protocol | kills | ended | arrived | twice | lost | at most in one kill | \
         lost though newer ones arrived |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    let mut is_well = true;
    for ((way, protocol), (account, rounds)) in ways.as_flattened().iter().zip(&runs) {
        let Account { sent, arrived, twice, counted, on_disk, .. } = *account;
        let sum = |of: fn(&Round) -> u64| rounds.iter().map(of).sum::<u64>();
        let out_of_turn = sum(|round| round.lost_before_arrived);
        println!(
            "| {} | {protocol} | {} | {sent} | {arrived} | {twice} | {} | {} | {out_of_turn} |",
            way.title(),
            rounds.len(),
            sum(|round| round.lost),
            rounds.iter().map(|round| round.lost).max().unwrap(),
        );
        is_well &= out_of_turn + counted + on_disk == 0
            && (*way == Way::HalfAReceiverAndSpool || twice == 0);
    }
    is_well
}
