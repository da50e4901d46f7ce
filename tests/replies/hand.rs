//! Replies that are handed over by hand.

use futures::stream::{self, StreamExt as _};
use spanline::LlmCall;
use spanline_tests::telemetry::{telemetry, watch, watch_blocking};

use crate::{ANSWERED, answer, told};

#[tokio::test]
async fn builders_read_what_they_are_given() {
    telemetry();
    let call = || LlmCall::new("acme", None::<&str>);
    let run = call().run_with(async { answer() }, |answer, outcome| outcome.response(answer));
    assert_eq!(told(&watch(run).await.1), ANSWERED);
    let blocking = || call().run_blocking_with(answer, |answer, outcome| outcome.response(answer));
    assert_eq!(told(&watch_blocking(blocking).1), ANSWERED);
    let stream = call()
        .run_stream_with(stream::iter([answer()]), |answer, outcome| outcome.response(answer));
    assert_eq!(told(&watch(stream.count()).await.1), ANSWERED);
}

#[test]
fn a_guard_and_the_current_span_read_what_they_are_given() {
    let call = || LlmCall::new("acme", None::<&str>);
    let guarded = || {
        let mut span = call().start();
        span.response(&answer());
        span.end();
    };
    assert_eq!(told(&watch_blocking(guarded).1), ANSWERED);
    let current = || {
        call().run_blocking_with(
            || {
                spanline::current().response(&answer());
            },
            |(), _| (),
        );
    };
    assert_eq!(told(&watch_blocking(current).1), ANSWERED);
}

#[test]
fn a_guard_that_is_dropped_tells_what_it_read() {
    let dropped = || {
        let mut span = LlmCall::new("acme", None::<&str>).start();
        span.response(&answer());
    };
    assert_eq!(told(&watch_blocking(dropped).1), ANSWERED);
}
