//! Pipelines whose traces are kept or not, and their metrics.

use std::time::{Duration, Instant};

use futures::stream::{self, StreamExt as _};
use opentelemetry::global;
use opentelemetry::trace::{Status, TraceContextExt, Tracer};
use spanline::{LlmCall, Pipeline, Stage, TraceContext, trace_llm_call, trace_stage};

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

/// Says which functions of a result were called: none but those that metrics need.
pub(crate) fn unsampled_results() {
    fn read(what: &str) -> String {
        println!("read {what}");
        what.to_owned()
    }
    #[trace_llm_call(
        provider = "openai",
        model = "m",
        ok_if = |answer| { println!("tested"); *answer > 0 },
        result(gen_ai.response.model = |_| read("model"), text = |_| read("text")),
    )]
    fn call() -> u8 {
        1
    }
    #[trace_stage(result(text = |()| read("text of a stage")))]
    fn stage() -> Result<(), Text> {
        call();
        Err(Text)
    }
    /// Displayed for traces alone.
    struct Text;
    impl std::fmt::Display for Text {
        fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            formatter.write_str(&read("error"))
        }
    }
    let telemetry = spanline::init().unwrap();
    assert!(stage().is_err());
    let items = Stage::new("items").run_stream_with(stream::iter([1]), |number, outcome| {
        outcome.attribute("number", *number);
        outcome.attribute("error.type", "told");
    });
    assert_eq!(futures::executor::block_on(items.count()), 1);
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
    let _ = std::thread::spawn(|| std::process::exit(0)).join();
}

/// Three collections, each of 1,500 stages that only it has and that ran twice.
pub(crate) fn series() {
    let telemetry = spanline::init().unwrap();
    for round in ["first", "second", "third"] {
        for _ in 0..2 {
            for stage in 0..1500 {
                Stage::new(format!("{round}-{stage}"))
                    .run_blocking(|| Ok::<_, String>(()))
                    .unwrap();
            }
        }
        telemetry.flush().unwrap();
    }
    // A shutdown would collect once more, and so would an exit of this thread.
    let _ = std::thread::spawn(|| std::process::exit(0)).join();
}
