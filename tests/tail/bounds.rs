//! Traces whose roots do not end.

use std::time::Duration;

use spanline::{Pipeline, SpanGuard, TailSampling};

use super::{failing, kept, stage, start, start_with, well};

/// An open pipeline in which this has ended.
fn open(name: &'static str, work: impl FnOnce()) -> SpanGuard {
    let root = Pipeline::new(name).start();
    {
        let _attached = root.attach();
        work();
    }
    root
}

#[test]
fn beyond_the_number_of_traces_the_oldest_is_decided_and_what_follows_goes_where_it_went() {
    let run = start(TailSampling::new().errors().max_traces(1));
    let failed = open("failed", || failing("first"));
    assert_eq!(run.flushed(), "");
    // This pushes the one before it out, and is pushed out itself, while its root is open.
    let fine = open("fine", || stage("first"));
    well("one");
    // Of what has ended nothing is in the way.
    well("two");
    let known = r#"… first error "an error occurred when formatting an argument" error.type="core::fmt::Error"
"#;
    assert_eq!(run.flushed(), known);
    assert_eq!(run.health().early_decisions, [(String::from("max_traces"), 2)]);
    {
        let _attached = failed.attach();
        stage("second");
    }
    failed.end();
    // What was dropped without its root may yet fail: from here on it is a trace of its own.
    {
        let _attached = fine.attach();
        failing("second");
    }
    fine.end();
    let (trees, health) = run.end();
    assert_eq!(
        trees,
        r#"invoke_workflow failed spanline.sampling.rule="errors"
  first error "an error occurred when formatting an argument" error.type="core::fmt::Error"
  second
invoke_workflow fine spanline.sampling.rule="errors"
  second error "an error occurred when formatting an argument" error.type="core::fmt::Error"
"#
    );
    assert_eq!(kept(&health), [("errors", 2)]);
    assert_eq!((health.dropped_traces, health.dropped_spans), (3, 5));
}

#[test]
fn beyond_the_number_of_bytes_the_oldest_is_decided() {
    const TRACES: usize = 50;
    let run = start(TailSampling::new().errors().max_bytes(100_000));
    let large = "x".repeat(10_000);
    let mut roots = Vec::new();
    for _ in 0..TRACES {
        roots.push(open("open", || {
            spanline::Stage::new("large")
                .attribute("text", large.as_str())
                .run_blocking_with(|| (), |(), _| ());
        }));
        run.telemetry.flush().unwrap();
        let health = run.health();
        assert!(health.held_bytes <= 100_000, "{health:?}");
    }
    let health = run.health();
    assert!((5..10).contains(&health.held_traces), "{health:?}");
    let early = TRACES - health.held_traces;
    assert_eq!(health.early_decisions, [(String::from("max_bytes"), early as u64)]);
    drop(roots);
    assert_eq!(run.end().0.lines().filter(|line| line.contains("large")).count(), 0);
}

#[test]
fn beyond_its_age_a_trace_is_decided() {
    let sampling = TailSampling::new().errors().max_age(Duration::from_millis(1));
    let run =
        start_with(|builder| builder.tail_sampling(sampling).batch_delay(Duration::from_millis(1)));
    let root = open("open", || failing("failed"));
    // Nobody asks for it: the clock does.
    while run.trees().is_empty() {
        std::thread::yield_now();
    }
    assert_eq!(run.health().early_decisions, [(String::from("max_age"), 1)]);
    root.end();
    assert_eq!(
        run.end().0,
        r#"invoke_workflow open spanline.sampling.rule="errors"
  failed error "an error occurred when formatting an argument" error.type="core::fmt::Error"
"#
    );
}
