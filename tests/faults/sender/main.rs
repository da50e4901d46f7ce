//! A program as users write them: annotated functions, set up by its environment alone. At its end it
//! says in one line what it ended and what `health()` counted.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::panic,
    reason = "it says what it counted, and stops at what it did not expect"
)]

mod answer;
mod diary;
mod latency;
mod load;

use std::process::ExitCode;

use serde_json::{Value, json};
use spanline::Telemetry;

fn main() -> ExitCode {
    let telemetry = spanline::init().unwrap();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut said = match words[..] {
        ["answer", pipelines, pause, diary] => answer::run(pipelines, pause, diary),
        ["load", threads, seconds, hurry] => load::run(&telemetry, threads, seconds, hurry),
        ["latency", seconds] => latency::run(seconds),
        _ => panic!("no task {words:?}"),
    };
    let told = telemetry.shutdown().err();
    account(&telemetry, &mut said);
    said["told"] = told.as_ref().map_or(0, spanline::Error::lost_spans).into();
    println!("{said}");
    ExitCode::SUCCESS
}

fn account(telemetry: &Telemetry, said: &mut Value) {
    let health = telemetry.health();
    let exporters = &health.exporters;
    let mut reasons: Vec<(String, u64)> =
        exporters.iter().flat_map(|exporter| exporter.reasons.clone()).collect();
    reasons.sort_by_key(|(_, lost)| std::cmp::Reverse(*lost));
    let reasons: Vec<String> = reasons.into_iter().map(|(reason, _)| reason).collect();
    let remarks: Vec<&String> = exporters.iter().flat_map(|exporter| &exporter.remarks).collect();
    said["exported"] = exporters.iter().map(|exporter| exporter.exported_spans).sum::<u64>().into();
    said["lost"] = health.lost_spans().into();
    let spools = exporters.iter().filter_map(|exporter| exporter.spool.as_ref());
    said["on_disk"] = spools.map(|spool| spool.waiting).sum::<u64>().into();
    said["dropped"] = health.dropped_spans.into();
    said["waiting"] = exporters.iter().map(|exporter| exporter.queued_spans).sum::<usize>().into();
    said["reasons"] = json!(reasons);
    said["remarks"] = json!(remarks);
}
