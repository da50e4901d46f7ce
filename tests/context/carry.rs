//! Work and values that go to other threads, tasks and processes.

use std::sync::mpsc;

use spanline::{Envelope, Stage, TraceContext, carry, carry_future, trace_stage};
use spanline_tests::telemetry::{watch, watch_blocking};

#[trace_stage(name = name)]
fn step(name: &str) {}

#[trace_stage("worker", parent = job)]
fn work(job: &Envelope<u32>) -> Envelope<u32> {
    Envelope::seal(job.payload() * 2)
}

#[test]
fn a_carried_closure_runs_in_the_context_it_was_made_in() {
    let ((), trace) = watch_blocking(|| {
        let job = Stage::new("maker").run_blocking_with(|| carry(|| step("job")), |_, _| ());
        std::thread::spawn(move || {
            job();
            step("after");
        })
        .join()
        .unwrap();
    });
    assert_eq!(trace.tree(), "maker\n  job\n");
}

#[test]
fn jobs_of_a_pool_keep_their_makers() {
    let ((), trace) = watch_blocking(|| {
        let (sender, receiver) = mpsc::channel::<Box<dyn FnOnce() + Send>>();
        let thread = std::thread::spawn(move || receiver.into_iter().for_each(|job| job()));
        for name in ["one", "two"] {
            Stage::new(name).run_blocking_with(
                || sender.send(Box::new(carry(|| step("job")))).unwrap(),
                |(), _| (),
            );
        }
        drop(sender);
        thread.join().unwrap();
    });
    assert_eq!(trace.tree(), "one\n  job\ntwo\n  job\n");
}

#[tokio::test]
async fn a_carried_future_runs_in_the_context_it_was_made_in() {
    let ((), trace) = watch(async {
        let block = Stage::new("maker")
            .run_blocking_with(|| carry_future(async { step("in a task") }), |_, _| ());
        tokio::spawn(block).await.unwrap();
        tokio::task::spawn_blocking(carry(|| step("blocking"))).await.unwrap();
    })
    .await;
    assert_eq!(trace.tree(), "blocking\nmaker\n  in a task\n");
}

#[tokio::test]
async fn an_envelope_carries_its_trace_through_a_channel() {
    let ((), trace) = watch(async {
        let (sender, mut receiver) = tokio::sync::mpsc::channel(1);
        let actor = tokio::spawn(async move {
            while let Some(job) = receiver.recv().await {
                work(&job);
            }
        });
        Stage::new("requester")
            .run_with(async { sender.send(Envelope::seal(7)).await.unwrap() }, |(), _| ())
            .await;
        drop(sender);
        actor.await.unwrap();
    })
    .await;
    assert_eq!(trace.tree(), "requester\n  worker\n");
    let worker = trace.span("worker");
    assert_eq!(worker.flags & 0x200, 0, "the parent is of this process");
}

#[test]
fn a_serialized_envelope_carries_its_trace_to_another_process() {
    let ((), trace) = watch_blocking(|| {
        let text = Stage::new("requester").run_blocking_with(
            || serde_json::to_string(&Envelope::seal(7_u32)).unwrap(),
            |_, _| (),
        );
        let job: Envelope<u32> = serde_json::from_str(&text).unwrap();
        assert!(job.headers().contains_key("traceparent"), "{text}");
        assert_eq!(*work(&job).payload(), 14);
    });
    assert_eq!(trace.tree(), "requester\n  worker\n");
    assert_eq!(trace.span("worker").flags & 0x200, 0x200, "the parent is of another process");
}

#[test]
fn a_response_is_linked_back_to_who_made_it() {
    let ((), trace) = watch_blocking(|| {
        let answer =
            Stage::new("request").run_blocking_with(|| work(&Envelope::seal(7)), |_, _| ());
        Stage::new("response").links(&answer).run_blocking_with(|| (), |(), _| ());
        assert_eq!(answer.into_payload(), 14);
    });
    let link = &trace.span("response").links[0];
    assert_eq!(link.span_id, trace.span("worker").span_id);
}

#[test]
fn a_foreign_message_without_a_trace_opens_all_the_same() {
    let job: Envelope<u32> = serde_json::from_str(r#"{"payload":7}"#).unwrap();
    assert_eq!(*job.payload(), 7);
    assert!(!job.context().is_valid());
    assert!(!Envelope::seal_in(TraceContext::default(), 1).context().is_valid());
}
