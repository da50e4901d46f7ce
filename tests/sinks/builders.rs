//! Sinks by hand.

use futures::sink::SinkExt as _;
use spanline::{Agent, LlmCall, Pipeline, Retrieval, SpanBuilder, Stage, Tool};
use spanline_tests::telemetry::watch;

use crate::{KEYS, Worker};

#[tokio::test]
async fn every_builder_runs_a_sink() {
    let ((), trace) = watch(async {
        let worker = Worker::default;
        Box::pin(Pipeline::new("p").run_sink(worker())).send(1).await.unwrap();
        Box::pin(Stage::new("stage").run_sink(worker())).send(1).await.unwrap();
        Box::pin(LlmCall::new("local", "m").run_sink(worker())).send(1).await.unwrap();
        Box::pin(Agent::new("a").run_sink(worker())).send(1).await.unwrap();
        Box::pin(Tool::new("t").run_sink(worker())).send(1).await.unwrap();
        Box::pin(Retrieval::new("d").run_sink(worker())).send(1).await.unwrap();
        Box::pin(SpanBuilder::new("span").run_sink(worker())).send(1).await.unwrap();
        let mut fails = Box::pin(Stage::new("fails").run_sink(worker()));
        assert!(fails.send(10).await.is_err());
        drop(Stage::new("unused").run_sink(worker()));
    })
    .await;
    assert_eq!(
        trace.tree_with(&KEYS),
        "chat m <client> spanline.sink.items=1\n  work\n\
         execute_tool t spanline.sink.items=1\n  work\n\
         fails error \"10 is too large\" error.type=\"_OTHER\" spanline.sink.items=1\n  \
           work error \"10 is too large\" error.type=\"_OTHER\"\n\
         invoke_agent a spanline.sink.items=1\n  work\n\
         invoke_workflow p spanline.sink.items=1\n  work\n\
         retrieval d <client> spanline.sink.items=1\n  work\n\
         span spanline.sink.items=1\n  work\n\
         stage spanline.sink.items=1\n  work\n"
    );
}

#[tokio::test]
async fn a_closure_reads_errors_of_any_kind() {
    let ((), trace) = watch(async {
        let sink = Worker::default().sink_map_err(|_| 413_u16);
        let sink = Stage::new("any").run_sink_with(sink, |status, outcome| {
            outcome.fail(status.to_string(), "too large");
        });
        assert_eq!(Box::pin(sink).send(10).await, Err(413));
    })
    .await;
    assert_eq!(
        trace.tree_with(&KEYS),
        "any error \"too large\" error.type=\"413\" spanline.sink.items=1\n  \
           work error \"10 is too large\" error.type=\"_OTHER\"\n"
    );
}
