//! Instructions and allocations, counted by Valgrind: no other program on the machine changes them.

use std::fs;
use std::process::Command;

use tempfile::{TempDir, tempdir_in};

use crate::measure::{Figures, Order};

/// Of one thread, or of several together.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) instructions: f64,
    pub(crate) allocations: f64,
}

/// Of one run of a scenario.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RunCounts {
    pub(crate) caller: Counts,
    /// Of all other threads.
    pub(crate) background: Counts,
    /// The share of what was made that did not reach the exporter.
    pub(crate) lost: f64,
}

/// Stops unless Valgrind is there.
pub(crate) fn require() {
    let version = Command::new("valgrind").arg("--version").output();
    assert!(
        version.is_ok_and(|it| it.status.success()),
        "Valgrind counts instructions; install `valgrind`"
    );
}

/// Instructions of the calling thread in the runs that are measured, and nowhere else.
pub(crate) fn count_caller(order: Order) -> (f64, Figures) {
    let Profile { caller, figures, .. } = Profile::take(order, &[ON_CALLER]);
    assert!(caller.instructions > 0.0, "no `measured_runs` in the profile of {order:?}");
    #[allow(clippy::cast_precision_loss, reason = "thousands of runs")]
    let runs = order.runs as f64;
    (caller.instructions / runs, figures)
}

/// The same, and what needs the difference between a short and a long process: allocations, which
/// Valgrind counts everywhere, and what the other threads do.
pub(crate) fn count(order: Order) -> RunCounts {
    let few = Order { runs: order.runs / 5, ..order };
    let [start, end] = [few, order].map(|order| Profile::take(order, &[]));
    #[allow(clippy::cast_precision_loss, reason = "thousands of runs")]
    let each = |start: f64, end: f64| (end - start) / (order.runs - few.runs) as f64;
    let (instructions, figures) = count_caller(order);
    RunCounts {
        caller: Counts {
            instructions,
            allocations: each(start.caller.allocations, end.caller.allocations),
        },
        background: Counts {
            instructions: each(start.background.instructions, end.background.instructions),
            allocations: each(start.background.allocations, end.background.allocations),
        },
        lost: figures.lost(),
    }
}

/// Prints which functions the instructions of a run are in, with what they call.
pub(crate) fn print_profile(order: Order) {
    let print = |title: &str, profile: &Profile, is_printed: fn(&str) -> bool| {
        for file in fs::read_dir(profile.folder.path()).expect("the folder can be read") {
            let path = file.expect("the folder can be read").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if !is_printed(&name) {
                continue;
            }
            let output = Command::new("callgrind_annotate")
                .args(["--inclusive=yes", "--threshold=100"])
                .arg(&path)
                .output()
                .expect("`callgrind_annotate` comes with Valgrind");
            let text = String::from_utf8_lossy(&output.stdout);
            println!("\n{title}, {} runs\n", order.runs);
            for line in text.lines().filter(|line| line.contains('%')).take(60) {
                println!("{}", line.split(" [").next().unwrap_or(line).replace("???:", ""));
            }
        }
    };
    print("the caller", &Profile::take(order, &[ON_CALLER]), |name| name == "out-01");
    print("a thread in the background", &Profile::take(order, &[]), |name| name > "out-01");
}

/// Valgrind counts in this function alone.
const ON_CALLER: &str = "--toggle-collect=*measured_runs";

/// What Valgrind saw of one process.
struct Profile {
    caller: Counts,
    background: Counts,
    figures: Figures,
    /// Where it wrote that down.
    folder: TempDir,
}

impl Profile {
    fn take(order: Order, options: &[&str]) -> Self {
        let folder = tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder can be made");
        let mut in_front = [
            "valgrind",
            "--tool=callgrind",
            "--separate-threads=yes",
            // One thread runs at a time: without this the callers starve the others.
            "--fair-sched=try",
            "-q",
        ]
        .map(String::from)
        .to_vec();
        in_front.push(format!("--callgrind-out-file={}", folder.path().join("out").display()));
        in_front.extend(options.iter().copied().map(String::from));
        let figures = order.measure(&in_front);
        let (mut caller, mut background) = (Counts::default(), Counts::default());
        for file in fs::read_dir(folder.path()).expect("the folder can be read") {
            let path = file.expect("the folder can be read").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            // `out-01` is the first thread's; `out` alone holds nothing.
            let Some(number) = name.strip_prefix("out-").and_then(|it| it.parse::<u32>().ok())
            else {
                continue;
            };
            let text = fs::read_to_string(&path).expect("the profile can be read");
            let counts = if number == 1 { &mut caller } else { &mut background };
            counts.instructions += instructions(&text);
            counts.allocations += allocations(&text);
        }
        Self { caller, background, figures, folder }
    }
}

fn instructions(profile: &str) -> f64 {
    let total = profile.lines().find_map(|line| line.strip_prefix("totals: "));
    total.and_then(|total| total.trim().parse().ok()).unwrap_or_default()
}

/// Calls of what takes memory. A name stands behind its number where it comes up first.
fn allocations(profile: &str) -> f64 {
    const NAMES: [&str; 5] = ["malloc", "calloc", "realloc", "aligned_alloc", "posix_memalign"];
    let mut numbers = Vec::new();
    let mut is_one = false;
    let mut calls = 0.0;
    for line in profile.lines() {
        if let Some(function) = line.strip_prefix("cfn=").or_else(|| line.strip_prefix("fn=")) {
            let (number, name) = function.split_once(' ').unwrap_or((function, ""));
            if NAMES.contains(&name.split('\'').next().unwrap_or_default()) {
                numbers.push(number);
            }
            is_one = line.starts_with('c') && numbers.contains(&number);
        } else if let (true, Some(line)) = (is_one, line.strip_prefix("calls=")) {
            let count = line.split(' ').next().and_then(|it| it.parse::<f64>().ok());
            calls += count.unwrap_or_default();
        }
    }
    calls
}
