//! The table of faults.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use spanline_faults::{Account, Measure, Protocol, SCENARIOS, Scenario, run};

use crate::PROGRAMS;

/// Senders and receivers at once: most of them wait.
const AT_ONCE: usize = 6;

#[derive(Clone, PartialEq)]
struct Row {
    account: Account,
    said: String,
}

/// Whether each fault did what it may do, and no more.
pub(crate) fn print(measure: &Measure) -> bool {
    let objections = Mutex::new(Vec::new());
    let rows = of_each(|scenario, protocol| {
        eprintln!("faults: {}, {protocol}", scenario.title);
        let (account, figures) = run(PROGRAMS, scenario, protocol, measure);
        let objection = scenario.objection(protocol, &account, &figures);
        objections.lock().unwrap().extend(objection);
        let said = figures.reasons().into_iter().chain(figures.remarks()).next();
        Row { account, said: said.map(|said| without_address(&said)).unwrap_or_default() }
    });
    println!(
        "\n| what the receiver does | protocol | sent | arrived | twice | counted as lost | \
         lost and not counted | what `health()` says |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    print_rows(&rows, |row| {
        let Row { account, said } = row;
        let Account { sent, arrived, twice, .. } = account;
        let (counted, uncounted) = (counted(account), account.silently_lost());
        format!("{sent} | {arrived} | {twice} | {counted} | {uncounted} | {said}")
    });
    are_none(&objections.into_inner().unwrap())
}

/// Every fault over each protocol, several at a time, in the order of the table.
pub(crate) fn of_each<Row: Send>(run: impl Fn(&Scenario, Protocol) -> Row + Sync) -> Vec<Row> {
    let jobs: Vec<(&Scenario, Protocol)> = SCENARIOS
        .iter()
        .flat_map(|scenario| Protocol::ALL.map(|protocol| (scenario, protocol)))
        .collect();
    let next = AtomicUsize::new(0);
    let rows: Vec<Mutex<Option<Row>>> = jobs.iter().map(|_| Mutex::new(None)).collect();
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((row, (scenario, protocol))) = {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    rows.get(number).zip(jobs.get(number).copied())
                } {
                    *row.lock().unwrap() = Some(run(scenario, protocol));
                }
            });
        }
    });
    rows.into_iter().map(|row| row.into_inner().unwrap().unwrap()).collect()
}

/// One line for both protocols where they are alike.
pub(crate) fn print_rows<Row: PartialEq>(rows: &[Row], cells: impl Fn(&Row) -> String) {
    for (scenario, rows) in SCENARIOS.iter().zip(rows.chunks(Protocol::ALL.len())) {
        let title = scenario.title;
        if rows.iter().all(|row| *row == rows[0]) {
            println!("| {title} | both | {} |", cells(&rows[0]));
        } else {
            for (protocol, row) in Protocol::ALL.into_iter().zip(rows) {
                println!("| {title} | {protocol} | {} |", cells(row));
            }
        }
    }
}

pub(crate) fn are_none(objections: &[String]) -> bool {
    for objection in objections {
        eprintln!("not as it has to be: {objection}");
    }
    objections.is_empty()
}

pub(crate) fn counted(account: &Account) -> String {
    match account.counted_and_arrived() {
        0 => account.counted.to_string(),
        spans => format!("{}, of which {spans} arrived", account.counted),
    }
}

/// Ports are others every time.
pub(crate) fn without_address(said: &str) -> String {
    let said = said.strip_prefix("traces: ").unwrap_or(said);
    let mut words: Vec<&str> = said.split(' ').collect();
    for word in &mut words {
        if word.starts_with("http://127.0.0.1:") || word.starts_with("https://127.0.0.1:") {
            *word = "…";
        }
    }
    words.join(" ")
}
