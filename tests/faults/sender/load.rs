//! As many spans as can be sustained, or more than that.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use spanline::{Telemetry, trace_llm_call, trace_pipeline, trace_stage};

/// Spans that may be on their way where nothing is to be lost.
const ON_THE_WAY: u64 = 8_000;
const SPANS_PER_PIPELINE: u64 = 4;
/// Pipelines between two looks at the clock.
const AT_ONCE: u64 = 16;

#[trace_stage("retrieve", kind = "retriever", attributes(top_k = top_k))]
fn retrieve(question: u64, top_k: u64) -> u64 {
    std::hint::black_box(question + top_k)
}

#[trace_llm_call(provider = "openai", model = "gpt-4o-mini", usage = |_| (612_u32, 148_u32))]
fn complete(documents: u64) -> u64 {
    std::hint::black_box(documents)
}

#[trace_stage("check")]
fn check(reply: u64) -> bool {
    std::hint::black_box(reply) > 0
}

#[trace_pipeline("answer")]
fn answer(question: u64) -> bool {
    check(complete(retrieve(question, 5)))
}

/// On so many threads for so many seconds: `closed` waits where too much is on its way, `open` does not.
pub(crate) fn run(telemetry: &Telemetry, threads: &str, seconds: &str, hurry: &str) -> Value {
    let threads: u64 = threads.parse().unwrap();
    let time = Duration::from_secs(seconds.parse().unwrap());
    let is_closed = hurry == "closed";
    let (ended, is_full, is_over) =
        (AtomicU64::new(0), AtomicBool::new(false), AtomicBool::new(false));
    let started = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    if is_full.load(Ordering::Relaxed) {
                        std::thread::sleep(Duration::from_micros(200));
                        continue;
                    }
                    for question in 0..AT_ONCE {
                        std::hint::black_box(answer(question));
                    }
                    ended.fetch_add(AT_ONCE * SPANS_PER_PIPELINE, Ordering::Relaxed);
                }
            });
        }
        while started.elapsed() < time {
            if is_closed {
                let health = telemetry.health();
                let settled = health.exporters[0].exported_spans + health.lost_spans();
                let on_the_way = ended.load(Ordering::Relaxed).saturating_sub(settled);
                is_full.store(on_the_way > ON_THE_WAY, Ordering::Relaxed);
            }
            std::thread::sleep(Duration::from_micros(500));
        }
        is_over.store(true, Ordering::Relaxed);
    });
    let took = started.elapsed();
    // What was on its way when time was over is flushed after it, and is no part of the rate.
    let health = telemetry.health();
    json!({
        "ended": ended.load(Ordering::Relaxed),
        "milliseconds": u64::try_from(took.as_millis()).unwrap(),
        "exported_in_time": health.exporters[0].exported_spans,
    })
}
