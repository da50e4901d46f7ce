//! Spans that end on other threads, and after their root.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use spanline::{Pipeline, Stage, TailSampling, Telemetry, carry};

use super::{failing, kept, recovered, stage, start, start_with, turn, well};

#[test]
fn an_error_on_another_thread_before_the_root_ends_is_seen_however_the_rings_are_read() {
    const THREADS: usize = 4;
    const TRACES: usize = 200;
    let run = start_with(|builder| {
        // Many looks at the rings, while these are written.
        builder.tail_sampling(TailSampling::new().errors()).batch_size(4).queue_size(100_000)
    });
    let roots = Arc::new(AtomicUsize::new(0));
    thread::scope(|scope| {
        // Somebody asks for everything all the time.
        scope.spawn(|| {
            while roots.load(Ordering::Relaxed) < THREADS * TRACES {
                run.telemetry.flush().unwrap();
            }
        });
        for _ in 0..THREADS {
            let (work, given) = channel::<Box<dyn FnOnce() + Send>>();
            scope.spawn(move || given.into_iter().for_each(|work| work()));
            let roots = Arc::clone(&roots);
            scope.spawn(move || {
                for number in 0..TRACES {
                    Pipeline::new("work").run_blocking_with(
                        || {
                            let (done, finished) = channel();
                            let child = carry(move || {
                                if number % 2 == 0 { failing("child") } else { stage("child") }
                            });
                            work.send(Box::new(move || {
                                child();
                                done.send(()).unwrap();
                            }))
                            .unwrap();
                            finished.recv().unwrap();
                        },
                        |(), _| (),
                    );
                    roots.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(roots.load(Ordering::Relaxed), THREADS * TRACES);
    let (trees, health) = run.end();
    let one = r#"invoke_workflow work spanline.sampling.rule="errors"
  child error "an error occurred when formatting an argument" error.type="core::fmt::Error"
"#;
    assert!(trees == one.repeat(THREADS * TRACES / 2), "{trees}");
    assert_eq!(kept(&health), [("errors", (THREADS * TRACES / 2) as u64)]);
    assert_eq!(health.dropped_spans, (THREADS * TRACES) as u64);
    assert_eq!(health.early_decisions, []);
}

#[test]
fn what_ends_after_its_root_goes_where_that_went() {
    let run = start(TailSampling::new().errors());
    let late = |failing: bool| {
        Pipeline::new("work").run_blocking_with(
            || {
                if failing {
                    super::failing("child");
                }
                Stage::new("late").start()
            },
            |_, _| (),
        )
    };
    let (of_kept, of_dropped) = (late(true), late(false));
    run.flushed();
    thread::spawn(move || of_kept.end()).join().unwrap();
    // Even an error: the rest of its trace is gone.
    thread::spawn(move || of_dropped.fail(&std::fmt::Error)).join().unwrap();
    let (trees, health) = run.end();
    assert_eq!(
        trees,
        r#"invoke_workflow work spanline.sampling.rule="errors"
  child error "an error occurred when formatting an argument" error.type="core::fmt::Error"
  late
"#
    );
    assert_eq!(kept(&health), [("errors", 1)]);
    assert_eq!((health.dropped_traces, health.dropped_spans), (1, 2));
}

#[test]
fn a_flush_sends_what_has_ended_and_leaves_what_is_open_for_later() {
    let run = start(TailSampling::new().errors());
    recovered("ended");
    let open = Pipeline::new("open").start();
    {
        let _attached = open.attach();
        failing("first");
    }
    let ended = r#"invoke_workflow ended spanline.sampling.rule="errors"
  work error "an error occurred when formatting an argument" error.type="core::fmt::Error"
"#;
    assert_eq!(run.flushed(), ended);
    let health = run.health();
    assert_eq!(health.held_traces, 1);
    assert!(health.held_bytes > 100, "{health:?}");
    {
        let _attached = open.attach();
        stage("second");
    }
    open.end();
    let all = format!(
        "{ended}{}",
        r#"invoke_workflow open spanline.sampling.rule="errors"
  first error "an error occurred when formatting an argument" error.type="core::fmt::Error"
  second
"#
    );
    assert_eq!(run.flushed(), all);
    assert_eq!((run.health().held_traces, run.health().held_bytes), (0, 0));
    assert_eq!(run.end().0, all);
}

#[test]
fn a_shutdown_decides_what_is_open_by_what_is_known_of_it() {
    let run = start(TailSampling::new().errors().first(1));
    let open = [Pipeline::new("one").start(), Pipeline::new("other").start()];
    {
        let _attached = open[0].attach();
        failing("failed");
        stage("done");
    }
    {
        let _attached = open[1].attach();
        stage("done");
    }
    let (trees, health) = run.end();
    assert_eq!(
        trees,
        r#"… done
… failed error "an error occurred when formatting an argument" error.type="core::fmt::Error"
"#
    );
    assert_eq!(kept(&health), [("errors", 1)]);
    assert_eq!((health.dropped_traces, health.dropped_spans), (1, 1));
    assert_eq!(health.early_decisions, [(String::from("shutdown"), 2)]);
    drop(open);
}

#[test]
fn more_than_a_queue_of_kept_spans_is_sent_without_loss() {
    const SPANS: usize = 5000;
    let run = start_with(|builder| {
        builder.tail_sampling(TailSampling::new().errors()).batch_size(16).queue_size(64)
    });
    let root = Pipeline::new("large").start();
    {
        let _attached = root.attach();
        failing("failed");
        for number in 0..SPANS {
            stage("step");
            if number % 32 == 0 {
                run.telemetry.flush().unwrap();
            }
        }
    }
    assert_eq!(run.flushed(), "");
    root.end();
    let (trees, _) = run.end();
    assert_eq!(trees.lines().count(), SPANS + 2);
    assert_eq!(trees.lines().filter(|line| *line == "  step").count(), SPANS);
}

#[test]
fn without_rules_traces_go_as_they_end() {
    let run = start_with(|builder| builder);
    let open = Pipeline::new("open").start();
    {
        let _attached = open.attach();
        well("inside");
    }
    assert_eq!(run.flushed(), "… invoke_workflow inside\n  work\n");
    open.end();
    run.telemetry.shutdown().unwrap();
    assert_eq!(run.trees(), "invoke_workflow open\n  invoke_workflow inside\n    work\n");
    assert_eq!(run.telemetry.health().tail_sampling, None);
}

/// Takes the first batch and never answers.
#[derive(Debug)]
struct Stalled;

impl SpanExporter for Stalled {
    async fn export(&self, _: Vec<SpanData>) -> OTelSdkResult {
        pending().await
    }
}

#[test]
fn what_is_kept_and_cannot_be_sent_is_lost_and_counted_and_what_is_dropped_is_not() {
    const SPANS: usize = 300;
    let _turn = turn();
    let telemetry = Telemetry::builder()
        .metrics_to([])
        .span_exporter(Stalled)
        .tail_sampling(TailSampling::new().errors())
        .batch_size(16)
        .queue_size(64)
        .shutdown_timeout(Duration::from_millis(200))
        .init()
        .unwrap();
    let root = Pipeline::new("large").start();
    {
        let _attached = root.attach();
        for number in 0..SPANS {
            failing("step");
            if number % 32 == 0 {
                telemetry.flush().unwrap();
            }
        }
    }
    root.end();
    let open = Pipeline::new("open").start();
    {
        let _attached = open.attach();
        failing("below");
    }
    well("well");
    let error = telemetry.shutdown().unwrap_err();
    // The root and what is below the open one are among them.
    assert_eq!(error.lost_spans(), SPANS as u64 + 2, "{error}");
    let health = telemetry.health().tail_sampling.unwrap();
    assert_eq!(kept(&health), [("errors", 2)]);
    assert_eq!((health.dropped_traces, health.dropped_spans, health.held_traces), (1, 2, 0));
}
