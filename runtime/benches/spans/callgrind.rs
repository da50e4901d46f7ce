//! Instructions and allocations, counted by Valgrind: exact, and the same on every machine.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::measure::Order;

/// Of one run of a scenario.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) caller_instructions: f64,
    pub(crate) background_instructions: f64,
    pub(crate) caller_allocations: f64,
    pub(crate) background_allocations: f64,
}

/// Whether Valgrind is there.
pub(crate) fn is_installed() -> bool {
    Command::new("valgrind").arg("--version").output().is_ok_and(|it| it.status.success())
}

/// The difference between a short and a long process, so that what they start with is left out.
pub(crate) fn count(order: Order) -> Counts {
    let few = whole(Order { runs: order.runs / 5, ..order });
    let many = whole(order);
    #[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
    let each =
        |few: u64, many: u64| (many as f64 - few as f64) / (order.runs - order.runs / 5) as f64;
    Counts {
        caller_instructions: each(few[0].instructions, many[0].instructions),
        background_instructions: each(few[1].instructions, many[1].instructions),
        caller_allocations: each(few[0].allocations, many[0].allocations),
        background_allocations: each(few[1].allocations, many[1].allocations),
    }
}

#[derive(Clone, Copy, Default)]
struct Thread {
    instructions: u64,
    allocations: u64,
}

/// The first thread, and all others together.
fn whole(order: Order) -> [Thread; 2] {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("callgrind");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder can be made");
    let status = Command::new("valgrind")
        .args(["--tool=callgrind", "--separate-threads=yes", "-q"])
        .arg(format!("--callgrind-out-file={}", folder.join("out").display()))
        .arg(std::env::current_exe().expect("this program has a path"))
        .args(order.arguments())
        .env("SPANLINE_FILE", "/dev/null")
        .stdout(std::process::Stdio::null())
        .status()
        .expect("Valgrind can be started");
    assert!(status.success(), "{order:?} failed under Valgrind");
    let mut threads = [Thread::default(); 2];
    for file in fs::read_dir(&folder).expect("the folder can be read") {
        let path = file.expect("the folder can be read").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // `out-01` is the first thread's; `out` alone holds nothing.
        let Some(number) = name.strip_prefix("out-").and_then(|it| it.parse::<u32>().ok()) else {
            continue;
        };
        let text = fs::read_to_string(&path).expect("the profile can be read");
        let sums = &mut threads[usize::from(number != 1)];
        sums.instructions += instructions(&text);
        sums.allocations += allocations(&text);
    }
    threads
}

fn instructions(profile: &str) -> u64 {
    let total = profile.lines().find_map(|line| line.strip_prefix("totals: "));
    total.and_then(|total| total.trim().parse().ok()).unwrap_or_default()
}

/// Calls of what takes memory. A name stands behind its number where it comes up first.
fn allocations(profile: &str) -> u64 {
    const NAMES: [&str; 5] = ["malloc", "calloc", "realloc", "aligned_alloc", "posix_memalign"];
    let mut numbers = Vec::new();
    let mut is_one = false;
    let mut calls = 0;
    for line in profile.lines() {
        if let Some(function) = line.strip_prefix("cfn=").or_else(|| line.strip_prefix("fn=")) {
            let (number, name) = function.split_once(' ').unwrap_or((function, ""));
            if NAMES.contains(&name.split('\'').next().unwrap_or_default()) {
                numbers.push(number);
            }
            is_one = line.starts_with('c') && numbers.contains(&number);
        } else if let (true, Some(line)) = (is_one, line.strip_prefix("calls=")) {
            let count = line.split(' ').next().and_then(|it| it.parse::<u64>().ok());
            calls += count.unwrap_or_default();
        }
    }
    calls
}
