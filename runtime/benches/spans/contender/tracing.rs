//! `tracing` with the layer of tracing-opentelemetry, as its documentation sets it up, or with all that
//! one may do without switched off.

use ::tracing::{Instrument as _, Span, field, instrument};
use futures::StreamExt as _;
use futures::stream;
use opentelemetry::trace::TracerProvider as _;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::layer::SubscriberExt as _;

use super::{Failure, Reply, State, TearDown, Works, by_hand, plain};
use crate::exporter::Counter;

pub(super) fn works() -> Works {
    Works {
        pipeline: |input| Box::pin(pipeline(input)),
        attributes: |count| Box::pin(attributes(count)),
        nested: |depth| Box::pin(nested(depth)),
        held: |input| Box::pin(held(input)),
        stream: |chunks| {
            let span = ::tracing::info_span!("chat a-large");
            Box::pin(stream::iter(0..chunks).map(move |chunk| span.in_scope(|| chunk)))
        },
    }
}

pub(super) fn set_up(state: State, counter: Counter, queue: usize, is_lean: bool) -> TearDown {
    if state == State::NotSetUp {
        return Box::new(|| ());
    }
    let provider = by_hand::tracer_provider(state, counter, queue);
    let mut layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("bench"));
    if is_lean {
        layer = layer
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_level(false)
            .with_context_activation(false)
            .with_tracked_inactivity(false);
    }
    ::tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer))
        .expect("no other subscriber is set");
    Box::new(move || drop(provider.shutdown()))
}

#[instrument(name = "answer", skip_all, err)]
async fn pipeline(input: u64) -> Result<u64, Failure> {
    let read = read(input, "the question", 0.5).await?;
    let found = retrieve(read, "the question", 0.5).await?;
    let prompt = prompt(found, "the question", 0.5).await?;
    Ok(complete(prompt).await?.output_tokens)
}

#[instrument(skip_all, err, fields(query = query, share = share, input = input))]
async fn read(input: u64, query: &str, share: f64) -> Result<u64, Failure> {
    plain::stage(input).await
}

#[instrument(skip_all, err, fields(query = query, share = share, input = input))]
async fn retrieve(input: u64, query: &str, share: f64) -> Result<u64, Failure> {
    plain::stage(input).await
}

#[instrument(skip_all, err, fields(query = query, share = share, input = input))]
async fn prompt(input: u64, query: &str, share: f64) -> Result<u64, Failure> {
    plain::stage(input).await
}

#[instrument(
    name = "chat a-large",
    skip_all,
    err,
    fields(
        otel.kind = "client",
        gen_ai.operation.name = "chat",
        gen_ai.provider.name = "acme",
        gen_ai.request.model = "a-large",
        gen_ai.request.temperature = 0.2,
        gen_ai.request.max_tokens = 400,
        gen_ai.response.model = field::Empty,
        gen_ai.usage.input_tokens = field::Empty,
        gen_ai.usage.output_tokens = field::Empty,
    )
)]
async fn complete(input: u64) -> Result<Reply, Failure> {
    let reply = plain::complete(input).await?;
    let span = Span::current();
    span.record("gen_ai.response.model", reply.model);
    span.record("gen_ai.usage.input_tokens", reply.input_tokens);
    span.record("gen_ai.usage.output_tokens", reply.output_tokens);
    Ok(reply)
}

#[instrument(skip_all, err)]
async fn attributes(count: usize) -> Result<u64, Failure> {
    let span = Span::current();
    for key in crate::scenario::KEYS.iter().take(count) {
        span.set_attribute(*key, 1_i64);
    }
    Ok(count as u64)
}

async fn held(input: u64) -> Result<u64, Failure> {
    plain::stage(input).instrument(::tracing::info_span!("held")).await
}

#[instrument(skip_all, err)]
async fn nested(depth: usize) -> Result<u64, Failure> {
    if depth <= 1 {
        return Ok(0);
    }
    let inner: std::pin::Pin<Box<dyn Future<Output = _>>> = Box::pin(nested(depth - 1));
    Ok(inner.await? + 1)
}
