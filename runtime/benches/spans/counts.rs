//! The tables of instructions and allocations, in Markdown.

use crate::callgrind::{self, Counts, RunCounts};
use crate::contender::{Contender, State};
use crate::measure::Order;
use crate::scenario::Scenario;

/// What a column is about.
#[derive(Clone, Copy)]
enum Column {
    Span(Scenario),
    /// Over the same stream without a span.
    Chunk,
}

struct Cell {
    instructions: f64,
    lost: f64,
}

pub(crate) fn order(contender: Contender, state: State, scenario: Scenario) -> Order {
    let made = scenario.made();
    let runs = (5000 / (made.spans + made.attributes / 10)).clamp(1, 1000);
    Order { contender, state, scenario, runs, threads: 1 }
}

pub(crate) fn print() {
    callgrind::require();
    for state in State::ALL {
        print_pipeline(state);
    }
    println!(
        "\n### One span with attributes, and spans inside each other: instructions of the caller\n"
    );
    println!("Per span.\n");
    print_columns(&[
        ("3 attributes", Column::Span(Scenario::Attributes(3))),
        ("30", Column::Span(Scenario::Attributes(30))),
        ("300", Column::Span(Scenario::Attributes(300))),
        ("1 deep", Column::Span(Scenario::Depth(1))),
        ("10", Column::Span(Scenario::Depth(10))),
        ("50", Column::Span(Scenario::Depth(50))),
    ]);
    println!("\n### Spans in flight, and streams: instructions of the caller\n");
    println!("Per span, and per chunk of a stream over the same stream without a span.\n");
    print_columns(&[
        ("1 in flight", Column::Span(Scenario::Held(1))),
        ("100", Column::Span(Scenario::Held(100))),
        ("10,000", Column::Span(Scenario::Held(10_000))),
        ("100,000", Column::Span(Scenario::Held(100_000))),
        ("a chunk", Column::Chunk),
    ]);
}

fn print_pipeline(state: State) {
    println!("\n### The pipeline, {}: instructions and allocations\n", state.title());
    println!(
        "| | caller | over no spans | ratio | background | together, ratio | \
         allocations of the caller | in the background |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let rows: Vec<(Contender, RunCounts)> = Contender::in_state(state)
        .into_iter()
        .map(|contender| {
            eprintln!("counting: {}, {}", contender.title(), state.title());
            (contender, callgrind::count(order(contender, state, Scenario::Pipeline)))
        })
        .collect();
    let of = |wanted: Contender| {
        rows.iter().find(|(it, _)| *it == wanted).map(|(_, counts)| *counts).unwrap_or_default()
    };
    let (plain, base) = (of(Contender::Plain), of(Contender::BASE));
    let together = |it: &RunCounts| it.caller.instructions + it.background.instructions;
    for (contender, counts) in &rows {
        let RunCounts { caller, background, lost } = counts;
        println!(
            "| {} | {}{} | {} | {:.2} | {} | {:.2} | {} | {} |",
            contender.title(),
            grouped(caller.instructions),
            lost_note(*lost),
            grouped(caller.instructions - plain.caller.instructions),
            caller.instructions / base.caller.instructions,
            grouped(background.instructions),
            together(counts) / together(&base),
            decimal(*caller),
            decimal(*background),
        );
    }
}

fn print_columns(columns: &[(&str, Column)]) {
    let titles: Vec<&str> = columns.iter().map(|(title, _)| *title).collect();
    println!("| | {} |", titles.join(" | "));
    println!("|---|{}", "---|".repeat(columns.len()));
    for contender in Contender::ALL {
        print!("| {} |", contender.title());
        for (title, column) in columns {
            eprintln!("counting: {}, {title}", contender.title());
            let Cell { instructions, lost } = match *column {
                Column::Span(scenario) => per_span(contender, scenario),
                Column::Chunk => per_chunk(contender),
            };
            print!(" {}{} |", grouped(instructions), lost_note(lost));
        }
        println!();
    }
}

fn per_span(contender: Contender, scenario: Scenario) -> Cell {
    let (instructions, figures) =
        callgrind::count_caller(order(contender, State::Enabled, scenario));
    #[allow(clippy::cast_precision_loss, reason = "a count of spans")]
    let spans = scenario.spans() as f64;
    Cell { instructions: instructions / spans, lost: figures.lost() }
}

fn per_chunk(contender: Contender) -> Cell {
    let of = |contender, chunks| {
        let order = order(contender, State::Enabled, Scenario::Stream(chunks));
        callgrind::count_caller(Order { runs: 50, ..order })
    };
    let each = |contender| {
        let [few, many] = [100, 1100].map(|chunks| of(contender, chunks));
        let lost = few.1.lost().max(many.1.lost());
        Cell { instructions: (many.0 - few.0) / 1000.0, lost }
    };
    let Cell { instructions, lost } = each(contender);
    Cell { instructions: instructions - each(Contender::Plain).instructions, lost }
}

fn decimal(counts: Counts) -> String {
    format!("{:.1}", counts.allocations)
}

/// Nothing, unless something was lost.
pub(crate) fn lost_note(lost: f64) -> String {
    if lost > 0.0 { format!(" ({:.1} % lost)", 100.0 * lost) } else { String::new() }
}

/// `12,345`
pub(crate) fn grouped(number: f64) -> String {
    let digits = format!("{:.0}", number.abs());
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if number <= -0.5 { format!("-{text}") } else { text }
}
