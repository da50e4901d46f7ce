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
    let jobs: Vec<(usize, Protocol)> = (0..SCENARIOS.len())
        .flat_map(|scenario| Protocol::ALL.map(|protocol| (scenario, protocol)))
        .collect();
    let next = AtomicUsize::new(0);
    let rows: Vec<Mutex<Option<Row>>> = jobs.iter().map(|_| Mutex::new(None)).collect();
    let objections = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((number, (scenario, protocol))) = {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    jobs.get(number).map(|job| (number, *job))
                } {
                    let scenario = &SCENARIOS[scenario];
                    eprintln!("faults: {}, {protocol}", scenario.title);
                    let (account, figures) = run(PROGRAMS, scenario, protocol, measure);
                    let objection = scenario.objection(protocol, &account, &figures);
                    objections.lock().unwrap().extend(objection);
                    let said = figures.reasons().into_iter().chain(figures.remarks()).next();
                    let said = said.map(|said| without_address(&said)).unwrap_or_default();
                    *rows[number].lock().unwrap() = Some(Row { account, said });
                }
            });
        }
    });
    let rows: Vec<Row> = rows.into_iter().map(|row| row.into_inner().unwrap().unwrap()).collect();
    println!(
        "\n| what the receiver does | protocol | sent | arrived | twice | counted as lost | lost and not counted | what `health()` says |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for (scenario, rows) in SCENARIOS.iter().zip(rows.chunks(2)) {
        let [grpc, http] = rows else { unreachable!("two protocols") };
        if grpc == http {
            print_row(scenario, "both", grpc);
        } else {
            for (protocol, row) in Protocol::ALL.into_iter().zip(rows) {
                print_row(scenario, protocol.name(), row);
            }
        }
    }
    let objections = objections.into_inner().unwrap();
    for objection in &objections {
        eprintln!("not as it has to be: {objection}");
    }
    objections.is_empty()
}

fn print_row(scenario: &Scenario, protocol: &str, row: &Row) {
    let Row { account, said } = row;
    let uncounted = account.silently_lost();
    let counted = match account.counted_and_arrived() {
        0 => account.counted.to_string(),
        spans => format!("{}, of which {spans} arrived", account.counted),
    };
    println!(
        "| {} | {protocol} | {} | {} | {} | {counted} | {uncounted} | {said} |",
        scenario.title, account.sent, account.arrived, account.twice,
    );
}

/// Ports are others every time.
fn without_address(said: &str) -> String {
    let said = said.strip_prefix("traces: ").unwrap_or(said);
    let mut words: Vec<&str> = said.split(' ').collect();
    for word in &mut words {
        if word.starts_with("http://127.0.0.1:") || word.starts_with("https://127.0.0.1:") {
            *word = "…";
        }
    }
    words.join(" ")
}
