//! fastrace, reported to OpenTelemetry's exporter.

use std::borrow::Cow;
use std::time::Duration;

use ::fastrace::collector::Config;
use ::fastrace::prelude::*;
use futures::{StreamExt as _, stream};
use opentelemetry::InstrumentationScope;
use opentelemetry_sdk::Resource;

use super::{Failure, Reply, State, TearDown, Works, plain};
use crate::exporter::Counter;

pub(super) fn works() -> Works {
    Works {
        pipeline: |input| Box::pin(pipeline(input)),
        attributes: |count| Box::pin(rooted("attributes", attributes(count))),
        nested: |depth| Box::pin(rooted_nested(depth)),
        held: |input| Box::pin(rooted("held", plain::stage(input))),
        stream: |chunks| {
            let span = root("chat a-large");
            Box::pin(stream::iter(0..chunks).map(move |chunk| {
                let _guard = span.set_local_parent();
                chunk
            }))
        },
    }
}

/// What a root is made of: fastrace asks for the decision with it.
static SAMPLED: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(true);

fn root(name: &'static str) -> Span {
    let sampled = SAMPLED.load(std::sync::atomic::Ordering::Relaxed);
    Span::root(name, SpanContext::random().sampled(sampled))
}

pub(super) fn set_up(state: State, counter: Counter) -> TearDown {
    if state == State::NotSetUp {
        return Box::new(|| ());
    }
    SAMPLED.store(state == State::Enabled, std::sync::atomic::Ordering::Relaxed);
    let reporter = fastrace_opentelemetry::OpenTelemetryReporter::new(
        counter,
        Cow::Owned(Resource::builder().with_service_name("bench").build()),
        InstrumentationScope::builder("bench").build(),
    );
    let config = Config::default().report_interval(Duration::from_millis(10));
    ::fastrace::set_reporter(reporter, config);
    Box::new(::fastrace::flush)
}

async fn rooted(
    name: &'static str,
    work: impl Future<Output = Result<u64, Failure>>,
) -> Result<u64, Failure> {
    work.in_span(root(name)).await
}

async fn pipeline(input: u64) -> Result<u64, Failure> {
    rooted("answer", async {
        let read = read(input, "the question", 0.5).await?;
        let found = retrieve(read, "the question", 0.5).await?;
        let prompt = prompt(found, "the question", 0.5).await?;
        Ok(complete(prompt).await?.output_tokens)
    })
    .await
}

#[trace(properties = { "query": "{query}", "share": "{share}", "input": "{input}" })]
async fn read(input: u64, query: &str, share: f64) -> Result<u64, Failure> {
    plain::stage(input).await
}

#[trace(properties = { "query": "{query}", "share": "{share}", "input": "{input}" })]
async fn retrieve(input: u64, query: &str, share: f64) -> Result<u64, Failure> {
    plain::stage(input).await
}

#[trace(properties = { "query": "{query}", "share": "{share}", "input": "{input}" })]
async fn prompt(input: u64, query: &str, share: f64) -> Result<u64, Failure> {
    plain::stage(input).await
}

#[trace(
    name = "chat a-large",
    properties = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "acme",
        "gen_ai.request.model": "a-large",
        "gen_ai.request.temperature": "0.2",
        "gen_ai.request.max_tokens": "400"
    }
)]
async fn complete(input: u64) -> Result<Reply, Failure> {
    let reply = plain::complete(input).await?;
    LocalSpan::add_properties(|| {
        [
            ("gen_ai.response.model", reply.model.to_owned()),
            ("gen_ai.usage.input_tokens", reply.input_tokens.to_string()),
            ("gen_ai.usage.output_tokens", reply.output_tokens.to_string()),
        ]
    });
    Ok(reply)
}

async fn attributes(count: usize) -> Result<u64, Failure> {
    LocalSpan::add_properties(|| {
        crate::scenario::KEYS.iter().take(count).map(|key| (*key, String::from("1")))
    });
    Ok(count as u64)
}

async fn rooted_nested(depth: usize) -> Result<u64, Failure> {
    rooted("nested", async {
        if depth <= 1 {
            return Ok(0);
        }
        Ok(nested(depth - 1).await? + 1)
    })
    .await
}

#[trace]
async fn nested(depth: usize) -> Result<u64, Failure> {
    if depth <= 1 {
        return Ok(0);
    }
    let inner: std::pin::Pin<Box<dyn Future<Output = _>>> = Box::pin(nested(depth - 1));
    Ok(inner.await? + 1)
}
