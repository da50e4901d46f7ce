//! Panics, wherever they happen.

use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::sync::mpsc::channel;

use spanline::{Stage, TraceContext, trace_pipeline, trace_stage};
use spanline_tests::telemetry::{metrics, watch, watch_blocking};

#[trace_stage]
async fn explodes(number: u8) -> Result<u8, String> {
    tokio::task::yield_now().await;
    assert_eq!(number, 0, "bad number");
    Ok(number)
}

#[trace_stage]
fn explodes_blocking(message: &'static str) -> u8 {
    panic_any(message)
}

#[tokio::test]
async fn a_panic_in_async_code_is_panicked() {
    use futures::FutureExt as _;
    let ((), trace) = watch(async {
        AssertUnwindSafe(explodes(1)).catch_unwind().await.unwrap_err();
    })
    .await;
    assert_eq!(
        trace.tree(),
        "explodes error \"panicked: assertion `left == right` failed: bad number\\n  left: 1\\n \
         right: 0\" error.type=\"panic\"\n"
    );
}

#[test]
fn a_panic_in_blocking_code_is_panicked() {
    let ((), trace) = watch_blocking(|| {
        catch_unwind(|| explodes_blocking("boom")).unwrap_err();
        catch_unwind(|| Stage::new("odd").run_blocking(|| -> Result<(), String> { panic_any(5) }))
            .unwrap_err();
    });
    assert_eq!(
        trace.tree(),
        "explodes_blocking error \"panicked: boom\" error.type=\"panic\"\n\
         odd error \"panicked\" error.type=\"panic\"\n"
    );
}

#[tokio::test]
async fn a_panic_in_a_task_is_its_own_and_not_that_of_who_waits() {
    #[trace_pipeline("catches")]
    async fn catches() -> Result<(), tokio::task::JoinError> {
        let lost = tokio::spawn(explodes(1)).await;
        assert!(lost.unwrap_err().is_panic());
        Ok(())
    }
    #[trace_pipeline("passes-on")]
    async fn passes_on() -> Result<(), tokio::task::JoinError> {
        tokio::spawn(explodes(0)).await?.unwrap();
        tokio::spawn(explodes(2)).await?.unwrap();
        Ok(())
    }
    let ((), trace) = watch(async {
        catches().await.unwrap();
        passes_on().await.unwrap_err();
    })
    .await;
    let error_type = |name: &str| trace.attribute(name, "error.type");
    assert_eq!(error_type("invoke_workflow catches"), "");
    assert_eq!(
        error_type("invoke_workflow passes-on"),
        "\"tokio::runtime::task::error::JoinError\""
    );
    let panicked = trace.spans.iter().filter(|span| span.name == "explodes");
    let mut types: Vec<_> =
        panicked.map(|span| spanline_tests::trace::attribute(span, "error.type")).collect();
    types.sort();
    assert_eq!(types, [None, Some("\"panic\"".into()), Some("\"panic\"".into())]);
}

#[test]
fn a_panic_in_a_thread_is_panicked() {
    let ((), trace) = watch_blocking(|| {
        let parent = TraceContext::current();
        let thread = std::thread::spawn(move || {
            Stage::new("thread")
                .parent(parent)
                .run_blocking(|| -> Result<(), String> { panic_any(String::from("in a thread")) })
        });
        thread.join().unwrap_err();
    });
    assert_eq!(trace.tree(), "thread error \"panicked: in a thread\" error.type=\"panic\"\n");
}

#[test]
fn a_panic_in_a_pool_is_panicked_and_the_thread_serves_the_next_job() {
    type Job = Box<dyn FnOnce() + Send>;
    let ((), trace) = watch_blocking(|| {
        let (jobs, received) = channel::<Job>();
        let worker = std::thread::spawn(move || {
            for job in received {
                let _ = catch_unwind(AssertUnwindSafe(job));
                assert_eq!(spanline::current().trace_id(), None, "nothing stays behind");
            }
        });
        for (name, fails) in [("first", true), ("second", false)] {
            let parent = TraceContext::current();
            let job = Stage::new(name).parent(parent).attribute("fails", fails);
            jobs.send(Box::new(move || {
                job.run_blocking_with(|| assert!(!fails, "{name}"), |(), _| ());
            }))
            .unwrap();
        }
        drop(jobs);
        worker.join().unwrap();
    });
    assert_eq!(trace.tree(), "first error \"panicked: first\" error.type=\"panic\"\nsecond\n");
}

#[tokio::test]
async fn a_panic_goes_through_every_span_that_it_unwinds() {
    #[trace_pipeline("unwound")]
    async fn outer() -> Result<u8, String> {
        middle().await
    }
    #[trace_stage]
    async fn middle() -> Result<u8, String> {
        Ok(explodes_blocking("deep"))
    }
    let ((), trace) = watch(async {
        tokio::spawn(outer()).await.unwrap_err();
    })
    .await;
    let panicked = "error \"panicked: deep\" error.type=\"panic\"";
    assert_eq!(
        trace.tree(),
        format!(
            "invoke_workflow unwound {panicked}\n  middle {panicked}\n    explodes_blocking {panicked}\n"
        )
    );
}

#[tokio::test]
async fn the_panic_is_the_one_that_the_body_raised() {
    let caught = tokio::spawn(async {
        Stage::new("typed").run(async { panic_any(vec![1, 2, 3]) as Result<(), String> }).await
    })
    .await;
    let panic = caught.unwrap_err().into_panic();
    assert_eq!(panic.downcast_ref::<Vec<i32>>(), Some(&vec![1, 2, 3]));
}

#[tokio::test]
async fn a_panic_counts_in_the_metric() {
    #[trace_stage("panic-counted")]
    async fn counted() {
        panic!("boom")
    }
    let ((), _) = watch(async {
        tokio::spawn(counted()).await.unwrap_err();
    })
    .await;
    assert_eq!(
        metrics().counts("spanline.stage.duration", "spanline.stage.name", "panic-counted"),
        "error.type=\"panic\" spanline.stage.name=\"panic-counted\": 1\n"
    );
}

#[test]
fn a_guard_that_a_panic_unwinds_is_panicked() {
    let ((), trace) = watch_blocking(|| {
        catch_unwind(|| {
            let guard = Stage::new("guarded").start();
            let _attached = guard.attach();
            panic!("boom")
        })
        .unwrap_err();
    });
    assert_eq!(trace.tree(), "guarded error \"panicked\" error.type=\"panic\"\n");
}
