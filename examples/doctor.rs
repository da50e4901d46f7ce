//! Says whether telemetry, as this environment configures it, arrives; and if not, what to change.
//!
//! ```text
//! cargo run --example doctor
//! OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4317 cargo run --example doctor
//! ```
//!
//! You will see every setting with the variable that it came from, then a line for each exporter: one
//! span, one metric point and, where log records go somewhere, one log record were sent there, and this
//! is what came back. The program ends with 1 if anything is wrong. With nothing configured the span
//! is printed to the console, like any other.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for a terminal")]

use std::process::ExitCode;

fn main() -> ExitCode {
    let telemetry = match spanline::init() {
        Ok(telemetry) => telemetry,
        Err(error) => {
            eprintln!("doctor: {error}");
            return ExitCode::FAILURE;
        }
    };
    let health = telemetry.health();
    for decision in &health.decisions {
        println!("{decision}");
    }
    // Warnings were written to stderr already; here they are beside what they are about.
    for warning in &health.warnings {
        println!("warning: {warning}");
    }
    let report = telemetry.check();
    println!("\n{report}");
    if let Err(error) = telemetry.shutdown() {
        eprintln!("doctor: {error}");
        return ExitCode::FAILURE;
    }
    if report.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
