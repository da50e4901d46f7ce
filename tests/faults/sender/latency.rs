//! What an annotated function costs its caller, call by call, beside the same function without.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use spanline::trace_stage;

/// As many spans touch every page of the thread's ring.
const TO_WARM_UP: u64 = 6_000;
const AT_ONCE_TO_WARM_UP: u64 = 8;
/// Calls of each kind between two pauses.
const AT_ONCE: u64 = 2;
const PAUSE: Duration = Duration::from_millis(1);

fn work(input: u64) -> u64 {
    (0..64).fold(input, |sum, step| std::hint::black_box(sum.rotate_left(5) ^ step))
}

#[inline(never)]
fn plain(input: u64) -> u64 {
    work(input)
}

#[inline(never)]
#[trace_stage("score", kind = "ranker", attributes(input = input))]
fn annotated(input: u64) -> u64 {
    work(input)
}

/// In turns for so many seconds.
pub(crate) fn run(seconds: &str) -> Value {
    let time = Duration::from_secs(seconds.parse().unwrap());
    let (mut without, mut with) = (Vec::new(), Vec::new());
    let (mut ended, mut input) = (0_u64, 0);
    while ended < TO_WARM_UP {
        for _ in 0..AT_ONCE_TO_WARM_UP {
            std::hint::black_box(plain(input) ^ annotated(input));
            ended += 1;
        }
        std::thread::sleep(PAUSE);
    }
    let started = Instant::now();
    while started.elapsed() < time {
        for _ in 0..AT_ONCE {
            input += 1;
            without.push(timed(plain, input));
            with.push(timed(annotated, input));
            ended += 1;
        }
        std::thread::sleep(PAUSE);
    }
    let [without, with] = [without, with].map(quantiles);
    json!({ "ended": ended, "plain": without, "annotated": with })
}

fn timed(function: fn(u64) -> u64, input: u64) -> u64 {
    let started = Instant::now();
    std::hint::black_box(function(input));
    u64::try_from(started.elapsed().as_nanos()).unwrap()
}

/// The median, the 99th percentile and the largest, in nanoseconds.
fn quantiles(mut nanoseconds: Vec<u64>) -> [u64; 3] {
    nanoseconds.sort_unstable();
    let last = nanoseconds.len() - 1;
    [last / 2, last * 99 / 100, last].map(|place| nanoseconds[place])
}
