//! What a check finds of what only a whole process shows.

use std::sync::{Arc, Mutex};

use spanline::opentelemetry::global;
use spanline::{Stage, Telemetry, trace_stage};

#[trace_stage("annotated")]
fn annotated() {}

fn built() {
    Stage::new("built").run_blocking(|| Ok::<_, String>(())).unwrap();
}

pub(crate) fn check() {
    let telemetry = spanline::init().unwrap();
    println!("{}", telemetry.check());
    telemetry.shutdown().unwrap();
}

pub(crate) fn early() {
    annotated();
    built();
    let telemetry = spanline::init().unwrap();
    annotated();
    let health = telemetry.health();
    println!("{health}\n{}", telemetry.check());
    println!("started early: {}", health.started_early);
    telemetry.shutdown().unwrap();
}

pub(crate) fn again() {
    for _ in 0..3 {
        assert!(!spanline::is_enabled());
        let telemetry = spanline::init().unwrap();
        annotated();
        built();
        println!("started early: {}", telemetry.health().started_early);
        telemetry.shutdown().unwrap();
        annotated();
        built();
    }
}

/// A callback of a metric runs there.
pub(crate) fn inside() {
    let telemetry = Arc::new(spanline::init().unwrap());
    let report = Arc::new(Mutex::new(None));
    let (asked, told) = (Arc::downgrade(&telemetry), Arc::clone(&report));
    let meter = global::meter("tests");
    let gauge = meter.u64_observable_gauge("ours");
    let gauge = gauge.with_callback(move |_| {
        if let Some(telemetry) = asked.upgrade() {
            *told.lock().unwrap() = Some(telemetry.check());
        }
    });
    let _gauge = gauge.build();
    telemetry.flush().unwrap();
    println!("{}", report.lock().unwrap().take().unwrap());
    telemetry.shutdown().unwrap();
}

/// Says whatever can be said.
pub(crate) fn secrets() {
    let builder = Telemetry::builder().otlp_header("x-code", "canary-of-code");
    println!("{builder:?}");
    println!("{:?}", Telemetry::builder().otlp_endpoint("http://me:canary@host/?key=canary"));
    let telemetry = builder.init().unwrap();
    built();
    let report = telemetry.check();
    println!("{report}\n{report:?}");
    let error = telemetry.shutdown().unwrap_err();
    println!("{error}\n{error:?}\n{telemetry:?}");
    let health = telemetry.health();
    println!("{health}\n{health:?}");
}
