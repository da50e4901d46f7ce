//! The table of faults where there is a spool.

use std::sync::Mutex;

use spanline_faults::{Account, Measure, Protocol, Scenario, run_on_small_disk, run_twice};

use crate::PROGRAMS;
use crate::faults::{are_none, of_each, print_rows, without_address};

/// In KiB: less than what is sent.
const SMALL_DISK: u64 = 256;

#[derive(PartialEq)]
struct Row {
    first: Account,
    last: Account,
}

/// Whether each fault did what it may do, and no more.
pub(crate) fn print(measure: &Measure) -> bool {
    let objections = Mutex::new(Vec::new());
    let rows = of_each(|scenario, protocol| {
        eprintln!("spool: {}, {protocol}", scenario.title);
        let runs = run_twice(PROGRAMS, scenario, protocol, measure);
        objections.lock().unwrap().extend(scenario.objection_with_spool(protocol, &runs));
        let [(first, _), (last, _)] = runs;
        Row { first, last }
    });
    println!(
        "\n| what the receiver does | protocol | sent | arrived | on disk | counted as lost | after the \
         next start: arrived | twice | on disk | counted as lost | lost and not counted |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    print_rows(&rows, |Row { first, last }| {
        format!(
            "{} | {} | {} | {} | {} | {} | {} | {} | {}",
            first.sent,
            first.arrived,
            first.on_disk,
            first.counted,
            last.arrived,
            last.twice,
            last.on_disk,
            last.counted,
            last.silently_lost(),
        )
    });
    let is_counted = print_small_disk();
    are_none(&objections.into_inner().unwrap()) && is_counted
}

/// A disk has room for some of the spans.
fn print_small_disk() -> bool {
    println!(
        "\n| what the receiver does | protocol | sent | arrived | on disk | counted as lost | \
         lost and not counted | what `health()` says |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let mut is_counted = true;
    for title in ["none", "nobody listens"] {
        for protocol in Protocol::ALL {
            let scenario = Scenario::named(title);
            let measure = Measure::full();
            let Some((account, figures)) =
                run_on_small_disk(PROGRAMS, scenario, protocol, &measure, SMALL_DISK)
            else {
                eprintln!("spool: this system lets nobody mount a small disk");
                return false;
            };
            let Account { sent, arrived, counted, on_disk, .. } = account;
            let said = figures.reasons().into_iter().next().unwrap_or_default();
            println!(
                "| {title} | {protocol} | {sent} | {arrived} | {on_disk} | {counted} | {} | {} |",
                account.silently_lost(),
                without_address(&said),
            );
            is_counted &= sent == arrived + on_disk + counted && counted == figures.told();
        }
    }
    is_counted
}
