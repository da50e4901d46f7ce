//! opentelemetry_sdk by hand: the tracer kept, attributes given with the builder.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use futures::{StreamExt as _, stream};
use opentelemetry::metrics::{Histogram, MeterProvider as _};
use opentelemetry::trace::{
    FutureExt as _, SpanKind, Status, TraceContextExt as _, Tracer as _, TracerProvider as _,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider};
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracer, SdkTracerProvider,
};

use super::{Failure, Reply, State, TearDown, Works, plain};
use crate::exporter::{Counter, Forgetful};

static TRACER: OnceLock<SdkTracer> = OnceLock::new();
static INSTRUMENTS: OnceLock<Instruments> = OnceLock::new();

struct Instruments {
    stage_duration: Histogram<f64>,
    operation_duration: Histogram<f64>,
    token_usage: Histogram<u64>,
}

pub(super) fn works() -> Works {
    Works {
        pipeline: |input| Box::pin(pipeline(input)),
        attributes: |count| Box::pin(attributes(count)),
        nested: |depth| Box::pin(nested(depth)),
        held: |input| Box::pin(stage("held", "x", input)),
        stream: |chunks| {
            let context = Context::current_with_span(tracer().start("chat a-large"));
            Box::pin(stream::iter(0..chunks).map(move |chunk| {
                let _guard = context.clone().attach();
                chunk
            }))
        },
    }
}

pub(super) fn tracer_provider(state: State, counter: Counter) -> SdkTracerProvider {
    let sampler = match state {
        State::Enabled => Sampler::ParentBased(Box::new(Sampler::AlwaysOn)),
        State::SampledOut | State::NotSetUp => Sampler::AlwaysOff,
    };
    let config =
        BatchConfigBuilder::default().with_scheduled_delay(Duration::from_millis(10)).build();
    let processor = BatchSpanProcessor::builder(counter).with_batch_config(config).build();
    SdkTracerProvider::builder().with_span_processor(processor).with_sampler(sampler).build()
}

pub(super) fn set_up(state: State, counter: Counter, has_metrics: bool) -> TearDown {
    if state == State::NotSetUp {
        return Box::new(|| ());
    }
    let provider = tracer_provider(state, counter);
    let _ = TRACER.set(provider.tracer("bench"));
    let meter_provider = has_metrics.then(|| {
        let provider = SdkMeterProvider::builder()
            .with_reader(PeriodicReader::builder(Forgetful).build())
            .build();
        let meter = provider.meter("bench");
        let _ = INSTRUMENTS.set(Instruments {
            stage_duration: meter.f64_histogram("stage.duration").build(),
            operation_duration: meter.f64_histogram("gen_ai.client.operation.duration").build(),
            token_usage: meter.u64_histogram("gen_ai.client.token.usage").build(),
        });
        provider
    });
    Box::new(move || {
        let _ = provider.shutdown();
        if let Some(provider) = meter_provider {
            let _ = provider.shutdown();
        }
    })
}

/// Without a set-up it is a tracer of a provider with no processor: what a library would have.
fn tracer() -> &'static SdkTracer {
    TRACER.get_or_init(|| {
        SdkTracerProvider::builder().with_sampler(Sampler::AlwaysOff).build().tracer("bench")
    })
}

fn end(context: &Context, result: Result<(), &Failure>) {
    let span = context.span();
    if let Err(error) = result {
        span.record_error(error);
        span.set_status(Status::error(error.to_string()));
    }
    span.end();
}

async fn pipeline(input: u64) -> Result<u64, Failure> {
    let span = tracer().span_builder("answer").start(tracer());
    let context = Context::current_with_span(span);
    let result = async {
        let read = stage("read", "the question", input).await?;
        let found = stage("retrieve", "the question", read).await?;
        let prompt = stage("prompt", "the question", found).await?;
        Ok(complete(prompt).await?.output_tokens)
    }
    .with_context(context.clone())
    .await;
    end(&context, result.as_ref().map(|_| ()));
    result
}

async fn stage(name: &'static str, query: &'static str, input: u64) -> Result<u64, Failure> {
    let span = tracer()
        .span_builder(name)
        .with_attributes([
            KeyValue::new("query", query),
            KeyValue::new("share", 0.5),
            KeyValue::new("input", i64::try_from(input).unwrap_or_default()),
        ])
        .start(tracer());
    let context = Context::current_with_span(span);
    let started = INSTRUMENTS.get().map(|_| Instant::now());
    let result = plain::stage(input).with_context(context.clone()).await;
    end(&context, result.as_ref().map(|_| ()));
    if let (Some(instruments), Some(started)) = (INSTRUMENTS.get(), started) {
        let attributes = [KeyValue::new("stage.name", name)];
        instruments.stage_duration.record(started.elapsed().as_secs_f64(), &attributes);
    }
    result
}

async fn complete(input: u64) -> Result<Reply, Failure> {
    let span = tracer()
        .span_builder("chat a-large")
        .with_kind(SpanKind::Client)
        .with_attributes([
            KeyValue::new("gen_ai.operation.name", "chat"),
            KeyValue::new("gen_ai.provider.name", "acme"),
            KeyValue::new("gen_ai.request.model", "a-large"),
            KeyValue::new("gen_ai.request.temperature", 0.2),
            KeyValue::new("gen_ai.request.max_tokens", 400_i64),
        ])
        .start(tracer());
    let context = Context::current_with_span(span);
    let started = INSTRUMENTS.get().map(|_| Instant::now());
    let result = plain::complete(input).with_context(context.clone()).await;
    if let Ok(reply) = &result {
        let tokens = |count: u64| i64::try_from(count).unwrap_or_default();
        context.span().set_attributes([
            KeyValue::new("gen_ai.response.model", reply.model),
            KeyValue::new("gen_ai.usage.input_tokens", tokens(reply.input_tokens)),
            KeyValue::new("gen_ai.usage.output_tokens", tokens(reply.output_tokens)),
        ]);
    }
    end(&context, result.as_ref().map(|_| ()));
    if let (Some(instruments), Some(started), Ok(reply)) = (INSTRUMENTS.get(), started, &result) {
        let common = [
            KeyValue::new("gen_ai.operation.name", "chat"),
            KeyValue::new("gen_ai.provider.name", "acme"),
            KeyValue::new("gen_ai.request.model", "a-large"),
            KeyValue::new("gen_ai.response.model", reply.model),
        ];
        instruments.operation_duration.record(started.elapsed().as_secs_f64(), &common);
        for (kind, count) in [("input", reply.input_tokens), ("output", reply.output_tokens)] {
            let [operation, provider, request, response] = common.clone();
            let kind = KeyValue::new("gen_ai.token.type", kind);
            instruments.token_usage.record(count, &[operation, provider, request, response, kind]);
        }
    }
    result
}

async fn attributes(count: usize) -> Result<u64, Failure> {
    let context = Context::current_with_span(tracer().start("attributes"));
    for key in crate::scenario::KEYS.iter().take(count) {
        context.span().set_attribute(KeyValue::new(*key, 1_i64));
    }
    context.span().end();
    Ok(count as u64)
}

async fn nested(depth: usize) -> Result<u64, Failure> {
    let context = Context::current_with_span(tracer().start("nested"));
    let result = async {
        if depth <= 1 {
            return Ok(0);
        }
        let inner: std::pin::Pin<Box<dyn Future<Output = Result<u64, Failure>>>> =
            Box::pin(nested(depth - 1));
        Ok(inner.await? + 1)
    }
    .with_context(context.clone())
    .await;
    end(&context, result.as_ref().map(|_| ()));
    result
}
