//! The tables, in Markdown.

use crate::callgrind::{self, Counts};
use crate::contender::{Contender, State};
use crate::measure::{Figures, Order};
use crate::scenario::Scenario;

fn order(contender: Contender, state: State, scenario: Scenario) -> Order {
    let runs = (5000 / scenario.spans()).clamp(5, 1000);
    Order { contender, state, scenario, runs, threads: 1 }
}

/// Instructions and allocations.
pub(crate) fn instructions() {
    assert!(callgrind::is_installed(), "Valgrind counts instructions: install `valgrind`");
    for state in State::ALL {
        println!("\n## Pipeline of 5 spans, {}: instructions and allocations\n", state.name());
        println!("| | caller | background | allocations, caller | background |");
        println!("|---|---|---|---|---|");
        for contender in Contender::ALL {
            let Counts {
                caller_instructions,
                background_instructions,
                caller_allocations,
                background_allocations,
            } = callgrind::count(order(contender, state, Scenario::Pipeline));
            println!(
                "| {} | {caller_instructions:.0} | {background_instructions:.0} | \
                 {caller_allocations:.1} | {background_allocations:.1} |",
                contender.title()
            );
        }
    }
    println!("\n## Caller's instructions, enabled\n");
    let scenarios = [
        Scenario::Attributes(3),
        Scenario::Attributes(30),
        Scenario::Attributes(300),
        Scenario::Depth(1),
        Scenario::Depth(10),
        Scenario::Depth(50),
        Scenario::Held(1),
        Scenario::Held(100),
        Scenario::Held(10_000),
    ];
    print!("| per span |");
    for scenario in scenarios {
        print!(" {} |", scenario.argument());
    }
    println!(" chunk of a stream |");
    println!("|---|{}", "---|".repeat(scenarios.len() + 1));
    for contender in Contender::ALL {
        print!("| {} |", contender.title());
        for scenario in scenarios {
            let counts = callgrind::count(order(contender, State::Enabled, scenario));
            #[allow(clippy::cast_precision_loss, reason = "a count of spans")]
            let each = counts.caller_instructions / scenario.spans() as f64;
            print!(" {each:.0} |");
        }
        let stream = |chunks| {
            callgrind::count(order(contender, State::Enabled, Scenario::Stream(chunks)))
                .caller_instructions
        };
        println!(" {:.0} |", (stream(1100) - stream(100)) / 1000.0);
    }
}

/// Times as ratios to the first peer, round by round.
pub(crate) fn times(rounds: usize) {
    for (state, threads) in
        [(State::Enabled, 1), (State::Enabled, 2), (State::SampledOut, 1), (State::NotSetUp, 1)]
    {
        let mut all: Vec<Vec<Figures>> = Contender::ALL.iter().map(|_| Vec::new()).collect();
        for round in 1..=rounds {
            eprintln!("{}, {threads} threads: round {round} of {rounds}", state.name());
            for (contender, figures) in Contender::ALL.into_iter().zip(&mut all) {
                let scenario = Scenario::Pipeline;
                let runs = 20_000;
                let order = Order { contender, state, scenario, runs, threads };
                figures.push(order.measure());
            }
        }
        let base = Contender::ALL.iter().position(|it| *it == Contender::ByHand).unwrap_or(0);
        println!("\n## Pipeline of 5 spans, {}, {threads} threads: times\n", state.name());
        println!("| | caller, ns | caller, ratio | CPU of the process, ratio | lost |");
        println!("|---|---|---|---|---|");
        for (contender, figures) in Contender::ALL.into_iter().zip(&all) {
            let ratio = |of: fn(&Figures) -> f64| {
                median(figures.iter().zip(&all[base]).map(|(own, base)| of(own) / of(base)))
            };
            let nanoseconds = median(figures.iter().map(|it| it.callers.as_secs_f64() * 1e9));
            let made: u64 = figures.iter().map(|it| it.made).sum();
            let exported: u64 = figures.iter().map(|it| it.exported).sum();
            #[allow(clippy::cast_precision_loss, reason = "a share in percent")]
            let lost = match (contender, state) {
                (Contender::Plain, _) | (_, State::SampledOut | State::NotSetUp) => String::new(),
                _ => format!("{:.1} %", 100.0 - exported as f64 / made as f64 * 100.0),
            };
            println!(
                "| {} | {:.0} | {:.2} | {:.2} | {lost} |",
                contender.title(),
                nanoseconds / 20_000.0,
                ratio(|it| it.callers.as_secs_f64()),
                ratio(|it| it.cpu.as_secs_f64()),
            );
        }
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
