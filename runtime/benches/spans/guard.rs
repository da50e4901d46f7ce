//! Whether our counts are still what they were when somebody last looked at them.
//!
//! Compilers and allocators differ, and move everybody's counts: what opentelemetry_sdk by hand
//! needs here, against what it needed when the counts were recorded, scales what we may need.

use std::fmt::Write as _;
use std::fs;
use std::process::ExitCode;

use crate::callgrind::{self, RunCounts};
use crate::contender::{Contender, State};
use crate::counts::order;
use crate::scenario::Scenario;
use crate::versions;

/// Beside the sources, so that a change of it is read with the change that caused it.
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/recorded.txt");

const YARDSTICK: (Contender, State) = (Contender::ByHand, State::Enabled);
const GUARDED: [(Contender, State); 3] = [
    (Contender::SpanlineWithMetrics, State::Enabled),
    (Contender::SpanlineWithMetrics, State::SampledOut),
    (Contender::SpanlineWithMetrics, State::NotSetUp),
];

/// A count of a run, in order of the file's columns.
struct Kind {
    name: &'static str,
    of: fn(&RunCounts) -> f64,
    /// What a count may grow by: this share of it, and so many.
    margin: (f64, f64),
    is_scaled: bool,
}

const KINDS: [Kind; 4] = [
    Kind {
        name: "instructions of the caller",
        of: |it| it.caller.instructions,
        margin: (0.10, 200.0),
        is_scaled: true,
    },
    // How many batches there are depends on time.
    Kind {
        name: "instructions in the background",
        of: |it| it.background.instructions,
        margin: (0.20, 500.0),
        is_scaled: true,
    },
    Kind {
        name: "allocations of the caller",
        of: |it| it.caller.allocations,
        margin: (0.0, 0.1),
        is_scaled: false,
    },
    Kind {
        name: "allocations in the background",
        of: |it| it.background.allocations,
        margin: (0.20, 1.0),
        is_scaled: false,
    },
];

/// Writes the file anew.
pub(crate) fn record() {
    callgrind::require();
    let mut text = format!(
        "# Counts of one run of the pipeline of five spans, with {}; written by\n\
         # cargo bench -p spanline-benches -- record\n#",
        versions::rustc()
    );
    for Kind { name, .. } in &KINDS {
        let _ = write!(text, " {name},");
    }
    text.truncate(text.len() - 1);
    text.push('\n');
    for (contender, state) in [YARDSTICK].into_iter().chain(GUARDED) {
        let counts = count(contender, state);
        let _ = write!(text, "{} {}", contender.name(), state.name());
        for Kind { of, .. } in &KINDS {
            let _ = write!(text, " {:.1}", of(&counts));
        }
        text.push('\n');
    }
    fs::write(FILE, &text).expect("the file of counts can be written");
    print!("{text}");
}

/// Counts anew, and compares.
pub(crate) fn check() -> ExitCode {
    callgrind::require();
    let recorded = fs::read_to_string(FILE).expect("the file of counts can be read");
    let recorded = |contender, state| {
        parse(&recorded, contender, state).unwrap_or_else(|| {
            panic!("{FILE} has no counts of {} {}", contender.name(), state.name())
        })
    };
    let (contender, state) = YARDSTICK;
    let caller = KINDS[0].of;
    let scale = caller(&count(contender, state)) / recorded(contender, state)[0];
    println!("{} needs {scale:.3} of the instructions that are recorded", contender.title());
    let (mut too_much, mut less) = (false, false);
    for (contender, state) in GUARDED {
        let counts = count(contender, state);
        for (kind, recorded) in KINDS.iter().zip(recorded(contender, state)) {
            let expected = if kind.is_scaled { recorded * scale } else { recorded };
            let (share, number) = kind.margin;
            let margin = expected * share + number;
            let counted = (kind.of)(&counts);
            // What is nothing all at once was not seen.
            assert!(recorded == 0.0 || counted > 0.0, "no {} were counted", kind.name);
            let verdict = if counted > expected + margin {
                too_much = true;
                "TOO MUCH"
            } else if counted < expected - margin {
                less = true;
                "less"
            } else {
                "ok"
            };
            println!(
                "{verdict}: {}, {}: {counted:.1}, recorded {expected:.1}, margin {margin:.1}",
                state.title(),
                kind.name
            );
        }
    }
    if too_much || less {
        println!("what is meant to cost this is recorded anew by:");
        println!("cargo bench -p spanline-benches -- record");
    }
    if too_much { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn count(contender: Contender, state: State) -> RunCounts {
    eprintln!("counting: {}, {}", contender.title(), state.title());
    let counts = callgrind::count(order(contender, state, Scenario::Pipeline));
    assert!(counts.lost == 0.0, "{} lost spans", contender.title());
    counts
}

/// The counts of a line, in order of the kinds.
fn parse(text: &str, contender: Contender, state: State) -> Option<[f64; KINDS.len()]> {
    let name = format!("{} {} ", contender.name(), state.name());
    let line = text.lines().find_map(|line| line.strip_prefix(&name))?;
    let counts: Vec<f64> = line.split(' ').filter_map(|it| it.parse().ok()).collect();
    counts.try_into().ok()
}
