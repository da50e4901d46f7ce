//! Through the macros.

use std::time::Duration;

use ::spanline::{
    ExporterName, Sampler, Telemetry, trace_llm_call, trace_pipeline, trace_span, trace_stage,
};
use futures::{Stream, stream};

use super::{Failure, Reply, State, TearDown, Works, plain};
use crate::exporter::Counter;

pub(super) fn works() -> Works {
    Works {
        pipeline: |input| Box::pin(pipeline(input)),
        attributes: |count| Box::pin(attributes(count)),
        nested: |depth| Box::pin(nested(depth)),
        held: |input| Box::pin(held(input)),
        stream: |chunks| Box::pin(chunked(chunks)),
    }
}

pub(super) fn set_up(state: State, counter: Counter, queue: usize, has_metrics: bool) -> TearDown {
    if state == State::NotSetUp {
        return Box::new(|| ());
    }
    let sampler = match state {
        State::SampledOut => Sampler::AlwaysOff,
        _ => Sampler::ParentBasedAlwaysOn,
    };
    let telemetry = Telemetry::builder()
        .span_exporter(counter)
        .traces_to([])
        .metrics_to(has_metrics.then_some(ExporterName::File))
        .queue_size(queue)
        .batch_delay(Duration::from_millis(10))
        .sampler(sampler)
        .init()
        .expect("spanline can be set up");
    Box::new(move || drop(telemetry))
}

#[trace_pipeline("answer")]
async fn pipeline(input: u64) -> Result<u64, Failure> {
    let read = read(input, "the question", 0.5).await?;
    let found = retrieve(read, "the question", 0.5).await?;
    let prompt = prompt(found, "the question", 0.5).await?;
    Ok(complete(prompt).await?.output_tokens)
}

#[trace_stage("read", kind = "loader", attributes(query, share, input))]
async fn read(input: u64, query: &str, share: f64) -> Result<u64, Failure> {
    let _ = (query, share);
    plain::stage(input).await
}

#[trace_stage("retrieve", kind = "retriever", attributes(query, share, input))]
async fn retrieve(input: u64, query: &str, share: f64) -> Result<u64, Failure> {
    let _ = (query, share);
    plain::stage(input).await
}

#[trace_stage("prompt", kind = "template", attributes(query, share, input))]
async fn prompt(input: u64, query: &str, share: f64) -> Result<u64, Failure> {
    let _ = (query, share);
    plain::stage(input).await
}

#[trace_llm_call(
    provider = "acme",
    model = "a-large",
    temperature = 0.2,
    max_tokens = 400,
    result("gen_ai.response.model" = |reply| reply.model),
    usage = |reply| (reply.input_tokens, reply.output_tokens)
)]
async fn complete(input: u64) -> Result<Reply, Failure> {
    plain::complete(input).await
}

#[trace_span("attributes")]
async fn attributes(count: usize) -> Result<u64, Failure> {
    let current = ::spanline::current();
    for key in crate::scenario::KEYS.iter().take(count) {
        current.set(*key, 1_i64);
    }
    Ok(count as u64)
}

#[trace_stage("held")]
async fn held(input: u64) -> Result<u64, Failure> {
    plain::stage(input).await
}

#[trace_stage("nested")]
async fn nested(depth: usize) -> Result<u64, Failure> {
    if depth <= 1 {
        return Ok(0);
    }
    let inner: std::pin::Pin<Box<dyn Future<Output = _>>> = Box::pin(nested(depth - 1));
    Ok(inner.await? + 1)
}

#[trace_llm_call(provider = "acme", model = "a-large", streaming = true)]
fn chunked(chunks: u64) -> impl Stream<Item = u64> {
    stream::iter(0..chunks)
}
