//! The tables of CPU times, in Markdown: ratios within a round, the median of all rounds.

use crate::contender::{Contender, State};
use crate::counts::lost_note;
use crate::measure::{Figures, Order};
use crate::scenario::Scenario;

/// How often each thread runs the pipeline; whole chunks of one and of two threads.
const RUNS: u64 = 10_000;

/// A contender in one state on so many threads, round by round.
struct Row {
    contender: Contender,
    rounds: Vec<Figures>,
}

pub(crate) fn print(rounds: usize) {
    let settings =
        [(State::Enabled, 1), (State::Enabled, 2), (State::SampledOut, 1), (State::NotSetUp, 1)];
    let mut tables = settings.map(|(state, _)| {
        Contender::in_state(state)
            .into_iter()
            .map(|contender| Row { contender, rounds: Vec::new() })
            .collect::<Vec<Row>>()
    });
    for round in 1..=rounds {
        for ((state, threads), rows) in settings.into_iter().zip(&mut tables) {
            eprintln!("times: round {round} of {rounds}, {}, threads: {threads}", state.title());
            for Row { contender, rounds } in rows {
                let scenario = Scenario::Pipeline;
                let order = Order { contender: *contender, state, scenario, runs: RUNS, threads };
                rounds.push(order.measure(&[]));
            }
        }
    }
    let [one, two, sampled_out, not_set_up] = tables;
    println!("\n### The pipeline, set up: CPU time\n");
    println!(
        "| | caller | whole process | two threads: callers | whole process | \
         runs in the same time as one thread |"
    );
    println!("|---|---|---|---|---|---|");
    let (base, base_of_two) = (base(&one), base(&two));
    for (one, two) in one.iter().zip(&two) {
        println!(
            "| {} | {:.2}{} | {:.2} | {:.2}{} | {:.2} | {:.2} |",
            one.contender.title(),
            ratio(one, base, callers),
            lost_note(lost(one)),
            ratio(one, base, cpu),
            ratio(two, base_of_two, callers),
            lost_note(lost(two)),
            ratio(two, base_of_two, cpu),
            4.0 * ratio(one, two, time),
        );
    }
    print_note(base);
    for (state, rows) in [(State::SampledOut, &sampled_out), (State::NotSetUp, &not_set_up)] {
        let base = self::base(rows);
        println!("\n### The pipeline, {}: CPU time\n", state.title());
        println!("| | caller | whole process |\n|---|---|---|");
        for row in rows {
            println!(
                "| {} | {:.2} | {:.2} |",
                row.contender.title(),
                ratio(row, base, callers),
                ratio(row, base, cpu),
            );
        }
        print_note(base);
    }
}

fn base(rows: &[Row]) -> &Row {
    rows.iter().find(|row| row.contender == Contender::BASE).expect("the base is in every state")
}

fn callers(figures: &Figures) -> f64 {
    figures.callers.cpu.as_secs_f64()
}

/// What passes for all callers together.
fn time(figures: &Figures) -> f64 {
    figures.callers.time.as_secs_f64()
}

fn cpu(figures: &Figures) -> f64 {
    figures.cpu.as_secs_f64()
}

fn ratio(own: &Row, base: &Row, of: fn(&Figures) -> f64) -> f64 {
    median(own.rounds.iter().zip(&base.rounds).map(|(own, base)| of(own) / of(base)))
}

/// Of all rounds together.
fn lost(row: &Row) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "a few rounds")]
    let rounds = row.rounds.len() as f64;
    row.rounds.iter().map(Figures::lost).sum::<f64>() / rounds
}

fn print_note(base: &Row) {
    #[allow(clippy::cast_precision_loss, reason = "thousands of runs")]
    let each = |of: fn(&Figures) -> f64| median(base.rounds.iter().map(of)) * 1e6 / RUNS as f64;
    println!(
        "\n1.00 is {:.1} µs of the caller and {:.1} µs of the whole process, for one run.",
        each(callers),
        each(cpu)
    );
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len().is_multiple_of(2) {
        f64::midpoint(values[middle - 1], values[middle])
    } else {
        values[middle]
    }
}
