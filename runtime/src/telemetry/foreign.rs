//! Spans of other OpenTelemetry code: the global tracer provider, feeding the same queue.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use opentelemetry::trace::{
    Link, Span as _, SpanContext, SpanId, SpanKind, TraceContextExt as _, TraceId,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{
    SamplingDecision, SamplingResult, SdkTracerProvider, ShouldSample, Span, SpanData, SpanLimits,
    SpanProcessor,
};

use super::settings::Settings;
use crate::Sampler;
use crate::export::processor::GivenProcessor;
use crate::export::ring::{Foreign, Intake};
use crate::identity::{self, Associations};
use crate::span::active::provisional;
use crate::span::around;
use crate::span::trace_start::{Root, SampleIf, TraceStart};

/// Hands every ended span over; the queue, the limits and the exporters are ours.
#[derive(Debug)]
struct HandOver {
    intake: Arc<Intake>,
    /// What open spans share with others, which is known only when they start.
    shared: Mutex<HashMap<SpanId, Arc<Associations>>>,
    /// How many of these there are: nobody waits where nothing is shared.
    sharing: AtomicUsize,
    /// Those of the program are told of starts here, and of ends on the export thread.
    processors: Vec<GivenProcessor>,
}

impl HandOver {
    fn new(intake: Arc<Intake>, processors: Vec<GivenProcessor>) -> Self {
        Self { intake, shared: Mutex::default(), sharing: AtomicUsize::new(0), processors }
    }

    fn share(&self, span: SpanId, associations: &Arc<Associations>) {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        shared.insert(span, Arc::clone(associations));
        self.sharing.store(shared.len(), Ordering::Release);
    }

    fn take_shared(&self, span: SpanId) -> Option<Arc<Associations>> {
        if self.sharing.load(Ordering::Acquire) == 0 {
            return None;
        }
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let associations = shared.remove(&span);
        self.sharing.store(shared.len(), Ordering::Release);
        associations
    }
}

impl SpanProcessor for HandOver {
    fn on_start(&self, span: &mut Span, parent: &Context) {
        // Whatever is around it has to be a span now.
        let parent = provisional::settle(parent.clone());
        let span_context = span.span_context();
        around::enter_foreign(span_context, &parent);
        if span_context.is_sampled()
            && let Some(associations) = identity::of(&parent)
        {
            self.share(span_context.span_id(), associations);
        }
        for processor in &self.processors {
            processor.on_start(span, &parent);
        }
    }

    fn on_end(&self, span: SpanData) {
        around::leave_foreign(&span.span_context);
        if span.span_context.is_sampled() {
            let associations = self.take_shared(span.span_context.span_id());
            self.intake.submit_foreign(Foreign { span, associations });
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    /// Nobody tells us of the ends of spans any more.
    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        around::forget_foreign();
        Ok(())
    }
}

pub(crate) fn tracer_provider(
    settings: &Settings,
    resource: Resource,
    intake: Arc<Intake>,
    processors: Vec<GivenProcessor>,
) -> SdkTracerProvider {
    let limit = |limit: usize| u32::try_from(limit).unwrap_or(u32::MAX);
    let mut limits = SpanLimits::default();
    // The export thread cuts these by what they are worth, the SDK by when they came: all that may
    // come from one span for ever is more than memory holds.
    limits.max_attributes_per_span = limit(settings.limits.room().choice());
    limits.max_events_per_span = limit(settings.limits.events);
    limits.max_links_per_span = limit(settings.limits.links);
    limits.max_attributes_per_event = limit(settings.limits.event_attributes);
    limits.max_attributes_per_link = limit(settings.limits.link_attributes);
    SdkTracerProvider::builder()
        .with_resource(resource)
        .with_span_limits(limits)
        .with_sampler(sdk_sampler(settings))
        .with_span_processor(HandOver::new(intake, processors))
        .build()
}

/// A function of the program, as the SDK asks it.
#[derive(Clone, Debug)]
struct Asked(SampleIf);

impl ShouldSample for Asked {
    fn should_sample(
        &self,
        parent: Option<&Context>,
        trace_id: TraceId,
        name: &str,
        _: &SpanKind,
        attributes: &[KeyValue],
        _: &[Link],
    ) -> SamplingResult {
        let none = Context::new();
        let context = parent.unwrap_or(&none);
        let span = context.span();
        let known = Some(span.span_context()).filter(|known| known.is_valid());
        let inherited = known.map(SpanContext::is_sampled);
        let sampled = match known {
            Some(known) if !known.is_remote() => known.is_sampled(),
            _ => {
                let trace_id = u128::from_be_bytes(trace_id.to_bytes());
                let root = Root::Foreign(name, attributes);
                self.0.is_sampled(&TraceStart::new(trace_id, inherited, context, root))
            }
        };
        SamplingResult {
            decision: if sampled {
                SamplingDecision::RecordAndSample
            } else {
                SamplingDecision::Drop
            },
            attributes: Vec::new(),
            trace_state: known.map(|known| known.trace_state().clone()).unwrap_or_default(),
        }
    }
}

fn sdk_sampler(settings: &Settings) -> Box<dyn ShouldSample> {
    use opentelemetry_sdk::trace::Sampler as Sdk;
    if let Some(sample_if) = &settings.sample_if {
        return Box::new(Asked(sample_if.clone()));
    }
    Box::new(match settings.sampler {
        Sampler::AlwaysOn => Sdk::AlwaysOn,
        Sampler::AlwaysOff => Sdk::AlwaysOff,
        Sampler::TraceIdRatio(ratio) => Sdk::TraceIdRatioBased(ratio),
        Sampler::ParentBasedAlwaysOn => Sdk::ParentBased(Box::new(Sdk::AlwaysOn)),
        Sampler::ParentBasedAlwaysOff => Sdk::ParentBased(Box::new(Sdk::AlwaysOff)),
        Sampler::ParentBasedTraceIdRatio(ratio) => {
            Sdk::ParentBased(Box::new(Sdk::TraceIdRatioBased(ratio)))
        }
    })
}
