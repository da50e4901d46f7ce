//! What annotated functions cost the compiler, and what they add to a program and to its futures,
//! beside the same functions without attributes and with those of peers.
//!
//! ```text
//! cargo bench -p spanline --bench compile -- [--rounds 5] [only this contender …]
//! ```
//!
//! Needs a POSIX shell, whose `times` tells the CPU time of a compiler, and the crates registry.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measurement that cannot go on stops and says so"
)]

mod compiler;
mod contender;
mod nesting;
mod program;
mod workspace;

use std::fmt::Write as _;

use compiler::{Compiler, Task};
use contender::{CONTENDERS, Contender};
use nesting::Growth;
use workspace::Workspace;

fn main() {
    let (rounds, names) = arguments();
    let contenders: Vec<&Contender> = CONTENDERS
        .iter()
        .filter(|contender| {
            names.is_empty() || contender.is_plain() || names.iter().any(|it| it == contender.name)
        })
        .collect();
    let workspace = Workspace::lay_out(&contenders);

    let mut measured: Vec<Measured<'_>> = contenders
        .iter()
        .map(|contender| {
            eprintln!("{}: dependencies, sizes and depth", contender.name);
            let compiler = Compiler::prepare(&workspace, contender);
            let text = compiler.text_size();
            let growth = Growth::measure(&workspace, contender);
            Measured { contender, compiler, seconds: Default::default(), text, growth }
        })
        .collect();
    for round in 1..=rounds {
        for measured in &mut measured {
            eprintln!("{}: round {round} of {rounds}", measured.contender.name);
            for (task, seconds) in Task::ALL.into_iter().zip(&mut measured.seconds) {
                seconds.push(measured.compiler.run(task));
            }
        }
    }
    print!("{}", table(&measured, rounds));
}

/// One contender's figures, times in order of the tasks.
struct Measured<'a> {
    contender: &'a Contender,
    compiler: Compiler<'a>,
    seconds: [Vec<f64>; Task::ALL.len()],
    text: u64,
    growth: Growth,
}

fn arguments() -> (usize, Vec<String>) {
    let mut rounds = 5;
    let mut names = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            // Cargo says so to every benchmark.
            "--bench" => {}
            "--rounds" => {
                rounds = arguments
                    .next()
                    .and_then(|count| count.parse().ok())
                    .filter(|rounds| *rounds > 0)
                    .expect("`--rounds` needs a count");
            }
            name if CONTENDERS.iter().any(|contender| contender.name == name) => {
                names.push(argument);
            }
            _ => panic!(
                "no contender is named `{argument}`; there are {}",
                CONTENDERS.map(|contender| contender.name).join(", ")
            ),
        }
    }
    (rounds, names)
}

fn table(measured: &[Measured<'_>], rounds: usize) -> String {
    let plain = &measured[0];
    let mut table = format!(
        "{}; {} functions, median of {rounds} rounds; CPU time against {}\n\n",
        compiler::version(),
        program::FUNCTIONS,
        plain.contender.title,
    );
    table.push_str("| | `check`, one edit | `check` | debug build | release build | `.text` | a function more |");
    for depth in nesting::SIZED {
        let _ = write!(table, " future, depth {depth} |");
    }
    table.push_str(" deepest that runs | deepest that is `Send` |\n|---|---|---|---|---|---|---|");
    table.push_str(&"---|".repeat(nesting::SIZED.len() + 2));
    table.push('\n');
    for it in measured {
        let _ = write!(table, "| {} |", it.contender.title);
        for (seconds, plain_seconds) in it.seconds.iter().zip(&plain.seconds) {
            let (own, base) = (median(seconds), median(plain_seconds));
            if it.contender.is_plain() {
                let _ = write!(table, " {base:.2} s |");
            } else {
                let _ = write!(table, " {:.2} |", own / base);
            }
        }
        let more = it.text.saturating_sub(plain.text) / program::FUNCTIONS as u64;
        let _ = write!(table, " {} KiB | {more} B |", it.text / 1024);
        for size in it.growth.sizes {
            let _ = write!(table, " {size} B |");
        }
        let _ = writeln!(table, " {} | {} |", it.growth.runs, it.growth.spawns);
    }
    table
}

fn median(seconds: &[f64]) -> f64 {
    let mut seconds = seconds.to_vec();
    seconds.sort_by(f64::total_cmp);
    let middle = seconds.len() / 2;
    if seconds.len().is_multiple_of(2) {
        f64::midpoint(seconds[middle - 1], seconds[middle])
    } else {
        seconds[middle]
    }
}
