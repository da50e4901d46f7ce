//! A sender that is killed at a random moment, again and again.

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Duration;

use crate::{
    Account, Fault, Length, Manner, Measure, Programs, Protocol, Receiver, Script, Setting,
    SpanKey, spans_of,
};

/// How often, and when.
#[derive(Clone, Debug)]
pub struct Kills {
    pub rounds: u64,
    /// Any other does as well: with the same, a run can be repeated as far as clocks allow.
    pub seed: u64,
    /// A kill comes at most so long after the first span has ended.
    pub latest: Duration,
    /// Whether the receiver is away about every second time.
    pub is_away: bool,
    /// Where senders keep what they could not send yet, if they do: one after the other in the same place.
    pub spool: Option<PathBuf>,
}

/// What one kill cost.
#[derive(Clone, Debug)]
pub struct Round {
    pub killed_after: Duration,
    pub ended: u64,
    /// Ended, and never arrived.
    pub lost: u64,
    /// Those of them that ended before one that arrived.
    pub lost_before_arrived: u64,
}

/// Each round is a sender of its own; what was lost is known when all are over.
#[must_use]
pub fn kills(
    programs: Programs,
    protocol: Protocol,
    measure: &Measure,
    kills: &Kills,
) -> (Account, Vec<Round>) {
    let mut random = fastrand::Rng::with_seed(kills.seed);
    let setting =
        Setting { manner: Manner::Normal, script: Script::new(&[Fault::Take]), writes: true };
    let mut receiver = Receiver::present(programs, setting);
    let endpoint = format!("http://{}", receiver.address());
    let sender = |length: &Length| {
        let sender = measure.sender(programs, length).to(protocol, &endpoint);
        sender.spool(kills.spool.as_deref())
    };
    let mut is_up = true;
    let (mut counted, mut on_disk) = (0, 0);
    let mut ended: Vec<(Duration, Vec<SpanKey>)> = Vec::new();
    for _ in 0..kills.rounds {
        if kills.is_away && random.bool() == is_up {
            if is_up {
                receiver.stop();
            } else {
                receiver.start();
            }
            is_up = !is_up;
        }
        let mut running = sender(&Length::ForEver).start();
        // A process that has not begun yet has nothing to lose.
        running.wait_until("its first span ended", measure.patience, |diary| {
            !spans_of(diary).is_empty()
        });
        let killed_after = kills.latest.mul_f64(random.f64());
        std::thread::sleep(killed_after);
        ended.push((killed_after, running.kill()));
    }
    if !is_up {
        receiver.start();
    }
    if kills.spool.is_some() {
        // Whoever comes last sends what the others have left.
        let (figures, _) = sender(&Length::Pipelines(0)).start().wait(measure.patience);
        (counted, on_disk) = (figures.lost(), figures.on_disk());
    }
    receiver.stop();
    let arrived = receiver.spans();
    let sent: Vec<SpanKey> = ended.iter().flat_map(|(_, spans)| spans.clone()).collect();
    let account = Account::new(&sent, &arrived, counted, on_disk);
    let arrived: HashSet<SpanKey> = arrived.into_iter().collect();
    let rounds = ended
        .into_iter()
        .map(|(killed_after, spans)| {
            let lost: Vec<bool> = spans.iter().map(|span| !arrived.contains(span)).collect();
            let count = |lost: &[bool]| lost.iter().filter(|is_lost| **is_lost).count() as u64;
            let last_arrived = lost.iter().rposition(|is_lost| !is_lost).unwrap_or(0);
            Round {
                killed_after,
                ended: spans.len() as u64,
                lost: count(&lost),
                lost_before_arrived: count(&lost[..last_arrived]),
            }
        })
        .collect();
    (account, rounds)
}
