//! Pipelines whose traces are kept or not, and their metrics.

use std::time::{Duration, Instant};

use opentelemetry::global;
use opentelemetry::trace::{Status, TraceContextExt, Tracer};
use spanline::{LlmCall, Pipeline, Stage, TraceContext};

/// Pipelines that one run of `work` makes.
const PIPELINES: u64 = 400;

fn pipeline(pipeline: Pipeline) {
    pipeline.run_blocking_with(
        || {
            Stage::new("prepare").run_blocking(|| Ok::<_, String>(())).unwrap();
            let call = LlmCall::new("openai", "m").start();
            {
                let _attached = call.attach();
                global::tracer("theirs").in_span("request", |_| ());
            }
            call.usage((10_u32, 3_u32));
            call.end();
        },
        |(), _| (),
    );
}

/// Many traces of four spans.
pub(crate) fn work() {
    let telemetry = spanline::init().unwrap();
    for _ in 0..PIPELINES {
        pipeline(Pipeline::new("work"));
    }
    telemetry.shutdown().unwrap();
    println!("{}", telemetry.health());
}

/// One trace below a parent that is sampled, and one below a parent that is not.
pub(crate) fn remote() {
    let telemetry = spanline::init().unwrap();
    for parent in [
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-1af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
    ] {
        pipeline(Pipeline::new("work").parent(TraceContext::from_traceparent(parent)));
    }
    telemetry.shutdown().unwrap();
}

/// What code writes on spans that are not kept still decides their metrics, each its own.
pub(crate) fn unsampled_writes() {
    let telemetry = spanline::init().unwrap();
    Pipeline::new("outer").run_blocking_with(
        || {
            LlmCall::new("openai", "outer").run_blocking_with(
                || {
                    spanline::current().usage((1_u8, 2_u8));
                    Stage::new("inner").run_blocking_with(
                        || {
                            spanline::current().usage((50_u8, 60_u8));
                            spanline::current().record_error(&std::fmt::Error);
                        },
                        |(), _| (),
                    );
                },
                |(), _| (),
            );
            Stage::new("theirs").run_blocking_with(
                || opentelemetry::Context::current().span().set_status(Status::error("no")),
                |(), _| (),
            );
        },
        |(), _| (),
    );
    telemetry.shutdown().unwrap();
}

/// Runs until metrics went out three times on their own.
pub(crate) fn intervals() {
    let telemetry = spanline::init().unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    let points = || -> u64 {
        telemetry.health().exporters.iter().map(|exporter| exporter.exported_points).sum()
    };
    while points() < 3 {
        Stage::new("again").run_blocking(|| Ok::<_, String>(())).unwrap();
        assert!(Instant::now() < deadline, "no metrics on their own");
        std::thread::sleep(Duration::from_millis(1));
    }
    // Without a flush: what is in the file by now went there on the interval.
    std::process::exit(0);
}
