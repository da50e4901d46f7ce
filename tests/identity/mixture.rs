//! Many at once never mix.

use std::future::Future;

use futures::future::join_all;
use futures::stream::{self, StreamExt as _};
use opentelemetry::global;
use opentelemetry::trace::Tracer as _;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use spanline::{Pipeline, carry_future, scope, trace_pipeline, trace_stage};
use spanline_tests::telemetry::watch;

#[trace_stage(name = name)]
async fn step(name: &str) {
    for _ in 0..3 {
        tokio::task::yield_now().await;
    }
    global::tracer("theirs").in_span(format!("theirs of {name}"), |_| ());
}

#[trace_pipeline(name = session, session = session)]
async fn run(session: &str) {
    for _ in 0..5 {
        step(session).await;
        tokio::task::yield_now().await;
    }
}

fn session(span: &Span) -> &str {
    let found: Vec<_> = span.attributes.iter().filter(|it| it.key == "session.id").collect();
    let [found] = found.as_slice() else { panic!("{} sessions of {}", found.len(), span.name) };
    match found.value.as_ref().and_then(|value| value.value.as_ref()) {
        Some(Value::StringValue(session)) => session,
        other => panic!("{other:?}"),
    }
}

/// Each span is named for its session.
async fn each_is_in_its_own(work: impl Future<Output = ()>, spans: usize) {
    let ((), trace) = watch(work).await;
    let inside: Vec<&Span> = trace.spans.iter().filter(|span| span.name != "test").collect();
    assert_eq!(inside.len(), spans);
    for span in inside {
        assert!(span.name.ends_with(session(span)), "{} in {}", span.name, session(span));
    }
}

#[tokio::test]
async fn sessions_that_take_turns_on_one_thread_do_not_mix() {
    let names: Vec<String> = (10..60).map(|number| format!("s-{number}")).collect();
    each_is_in_its_own(
        async {
            join_all(names.iter().map(|name| run(name))).await;
        },
        50 * 11,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sessions_on_many_threads_do_not_mix() {
    each_is_in_its_own(
        async {
            let tasks = (10..60).map(|number| {
                tokio::spawn(carry_future(async move {
                    let name = format!("s-{number}");
                    let steps = async {
                        for _ in 0..5 {
                            step(&name).await;
                        }
                    };
                    scope().session(&name).run(steps).await;
                }))
            });
            for task in join_all(tasks).await {
                task.unwrap();
            }
        },
        50 * 10,
    )
    .await;
}

#[tokio::test]
async fn streams_that_take_turns_do_not_mix() {
    each_is_in_its_own(
        async {
            let streams = ["s-1", "s-2", "s-3"].map(|name| {
                let steps = stream::iter(0..4).then(move |_| step(name));
                Box::pin(scope().session(name).run_stream(steps))
            });
            assert_eq!(stream::select_all(streams).count().await, 12);
        },
        24,
    )
    .await;
}

#[tokio::test]
async fn a_session_inside_another_gives_it_back() {
    each_is_in_its_own(
        async {
            let inner = async {
                scope().session("s-2").run(step("s-2")).await;
                step("s-1").await;
            };
            let outer = Pipeline::new("s-1").session("s-1").run_with(inner, |(), _| ());
            tokio::join!(outer, scope().session("s-3").run(step("s-3")));
        },
        7,
    )
    .await;
}
