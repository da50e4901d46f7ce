//! Streams by hand.

use futures::stream::{self, StreamExt as _};
use spanline::{LlmCall, Pipeline, SpanBuilder, Stage};
use spanline_tests::telemetry::watch;

use crate::{KEYS, numbers};

#[tokio::test]
async fn every_builder_runs_a_stream() {
    let ((), trace) = watch(async {
        let results = || numbers(1).map(Ok::<_, std::io::Error>);
        assert_eq!(Pipeline::new("p").run_stream(results()).count().await, 1);
        assert_eq!(Stage::new("stage").run_stream(results()).count().await, 1);
        assert_eq!(LlmCall::new("local", "m").run_stream(results()).count().await, 1);
        assert_eq!(SpanBuilder::new("span").run_stream(results()).count().await, 1);
        let failing = stream::iter([Err("no"), Ok(1), Err("later")]);
        assert_eq!(Stage::new("fails").run_stream(failing).count().await, 3);
        drop(Stage::new("left").run_stream(results()));
    })
    .await;
    assert_eq!(
        trace.tree_with(&KEYS),
        "chat m <client> spanline.stream.chunks=1\n  work\n\
         fails error \"no\" error.type=\"_OTHER\" spanline.stream.chunks=3\n\
         invoke_workflow p spanline.stream.chunks=1\n  work\n\
         span spanline.stream.chunks=1\n  work\n\
         stage spanline.stream.chunks=1\n  work\n"
    );
}

#[tokio::test]
async fn a_closure_reads_items_of_any_kind_and_the_first_failure_holds() {
    let (count, trace) = watch(async {
        let stream = LlmCall::new("local", "any").run_stream_with(numbers(4), |number, outcome| {
            outcome.usage((2_u32, *number));
            if *number > 1 {
                outcome.fail("large", number);
            }
        });
        stream.count().await
    })
    .await;
    assert_eq!(count, 4);
    assert_eq!(
        trace.tree_with(&[&KEYS[..], &["gen_ai.usage.output_tokens"]].concat()),
        "chat any <client> error \"2\" error.type=\"large\" spanline.stream.chunks=4 \
         gen_ai.usage.output_tokens=3\n  work\n  work\n  work\n  work\n"
    );
}
