//! opentelemetry_sdk by hand: the tracer kept, attributes given with the builder.

use std::sync::{LazyLock, OnceLock};
use std::time::{Duration, Instant};

use futures::{StreamExt as _, stream};
use opentelemetry::global::{self, BoxedTracer};
use opentelemetry::metrics::{Histogram, Meter, MeterProvider as _};
use opentelemetry::trace::{
    FutureExt as _, Span, SpanKind, Status, TraceContextExt as _, Tracer, TracerProvider as _,
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

impl Instruments {
    fn of(meter: &Meter) -> Self {
        Self {
            stage_duration: meter.f64_histogram("stage.duration").build(),
            operation_duration: meter.f64_histogram("gen_ai.client.operation.duration").build(),
            token_usage: meter.u64_histogram("gen_ai.client.token.usage").build(),
        }
    }
}

/// A tracer that the program keeps, so that nobody looks it up for each span.
trait Kept: Tracer<Span: Span + Send + Sync + 'static> + Sized + 'static {
    fn kept() -> &'static Self;
}

impl Kept for SdkTracer {
    fn kept() -> &'static Self {
        TRACER.get().expect("the tracer is set up")
    }
}

/// What a library has in a program that sets nothing up.
impl Kept for BoxedTracer {
    fn kept() -> &'static Self {
        static KEPT: LazyLock<BoxedTracer> = LazyLock::new(|| global::tracer("bench"));
        &KEPT
    }
}

pub(super) fn works(state: State) -> Works {
    match state {
        State::Enabled | State::SampledOut => works_with::<SdkTracer>(),
        State::NotSetUp => works_with::<BoxedTracer>(),
    }
}

fn works_with<T: Kept>() -> Works {
    Works {
        pipeline: |input| Box::pin(pipeline::<T>(input)),
        attributes: |count| Box::pin(attributes::<T>(count)),
        nested: |depth| Box::pin(nested::<T>(depth)),
        held: |input| Box::pin(held::<T>(input)),
        stream: |chunks| {
            let context = Context::current_with_span(T::kept().start("chat a-large"));
            Box::pin(stream::iter(0..chunks).map(move |chunk| {
                let _guard = context.clone().attach();
                chunk
            }))
        },
    }
}

pub(super) fn tracer_provider(state: State, counter: Counter, queue: usize) -> SdkTracerProvider {
    let sampler = match state {
        State::Enabled => Sampler::ParentBased(Box::new(Sampler::AlwaysOn)),
        State::SampledOut | State::NotSetUp => Sampler::AlwaysOff,
    };
    let config = BatchConfigBuilder::default()
        .with_scheduled_delay(Duration::from_millis(10))
        .with_max_queue_size(queue)
        .build();
    let processor = BatchSpanProcessor::builder(counter).with_batch_config(config).build();
    SdkTracerProvider::builder().with_span_processor(processor).with_sampler(sampler).build()
}

pub(super) fn set_up(state: State, counter: Counter, queue: usize, has_metrics: bool) -> TearDown {
    if state == State::NotSetUp {
        if has_metrics {
            let _ = INSTRUMENTS.set(Instruments::of(&global::meter("bench")));
        }
        return Box::new(|| ());
    }
    let provider = tracer_provider(state, counter, queue);
    let _ = TRACER.set(provider.tracer("bench"));
    let meter_provider = has_metrics.then(|| {
        let provider = SdkMeterProvider::builder()
            .with_reader(PeriodicReader::builder(Forgetful).build())
            .build();
        let _ = INSTRUMENTS.set(Instruments::of(&provider.meter("bench")));
        provider
    });
    Box::new(move || {
        let _ = provider.shutdown();
        if let Some(provider) = meter_provider {
            let _ = provider.shutdown();
        }
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

async fn pipeline<T: Kept>(input: u64) -> Result<u64, Failure> {
    let span = T::kept().span_builder("answer").start(T::kept());
    let context = Context::current_with_span(span);
    let result = async {
        let read = stage::<T>("read", "the question", input).await?;
        let found = stage::<T>("retrieve", "the question", read).await?;
        let prompt = stage::<T>("prompt", "the question", found).await?;
        Ok(complete::<T>(prompt).await?.output_tokens)
    }
    .with_context(context.clone())
    .await;
    end(&context, result.as_ref().map(|_| ()));
    result
}

async fn stage<T: Kept>(
    name: &'static str,
    query: &'static str,
    input: u64,
) -> Result<u64, Failure> {
    let span = T::kept()
        .span_builder(name)
        .with_attributes([
            KeyValue::new("query", query),
            KeyValue::new("share", 0.5),
            KeyValue::new("input", i64::try_from(input).unwrap_or_default()),
        ])
        .start(T::kept());
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

async fn complete<T: Kept>(input: u64) -> Result<Reply, Failure> {
    let span = T::kept()
        .span_builder("chat a-large")
        .with_kind(SpanKind::Client)
        .with_attributes([
            KeyValue::new("gen_ai.operation.name", "chat"),
            KeyValue::new("gen_ai.provider.name", "acme"),
            KeyValue::new("gen_ai.request.model", "a-large"),
            KeyValue::new("gen_ai.request.temperature", 0.2),
            KeyValue::new("gen_ai.request.max_tokens", 400_i64),
        ])
        .start(T::kept());
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

async fn held<T: Kept>(input: u64) -> Result<u64, Failure> {
    let context = Context::current_with_span(T::kept().start("held"));
    let result = plain::stage(input).with_context(context.clone()).await;
    end(&context, result.as_ref().map(|_| ()));
    result
}

async fn attributes<T: Kept>(count: usize) -> Result<u64, Failure> {
    let context = Context::current_with_span(T::kept().start("attributes"));
    for key in crate::scenario::KEYS.iter().take(count) {
        context.span().set_attribute(KeyValue::new(*key, 1_i64));
    }
    context.span().end();
    Ok(count as u64)
}

async fn nested<T: Kept>(depth: usize) -> Result<u64, Failure> {
    let context = Context::current_with_span(T::kept().start("nested"));
    let result = async {
        if depth <= 1 {
            return Ok(0);
        }
        let inner: std::pin::Pin<Box<dyn Future<Output = Result<u64, Failure>>>> =
            Box::pin(nested::<T>(depth - 1));
        Ok(inner.await? + 1)
    }
    .with_context(context.clone())
    .await;
    end(&context, result.as_ref().map(|_| ()));
    result
}
