//! Spans of other OpenTelemetry code: the global tracer provider, feeding the same queue.

use std::sync::Arc;
use std::time::Duration;

use opentelemetry::Context;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, Span, SpanData, SpanLimits, SpanProcessor};

use super::settings::Settings;
use crate::Sampler;
use crate::export::ring::Intake;
use crate::span::active::provisional;

/// Hands every ended span over; the queue, the limits and the exporters are ours.
#[derive(Debug)]
struct HandOver(Arc<Intake>);

impl SpanProcessor for HandOver {
    fn on_start(&self, _: &mut Span, parent: &Context) {
        // Whatever is around it has to be a span now.
        provisional::settle(parent.clone());
    }

    fn on_end(&self, span: SpanData) {
        if span.span_context.is_sampled() {
            self.0.submit_foreign(span);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

pub(crate) fn tracer_provider(
    settings: &Settings,
    resource: Resource,
    intake: Arc<Intake>,
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
        .with_sampler(sdk_sampler(settings.sampler))
        .with_span_processor(HandOver(intake))
        .build()
}

fn sdk_sampler(sampler: Sampler) -> opentelemetry_sdk::trace::Sampler {
    use opentelemetry_sdk::trace::Sampler as Sdk;
    match sampler {
        Sampler::AlwaysOn => Sdk::AlwaysOn,
        Sampler::AlwaysOff => Sdk::AlwaysOff,
        Sampler::TraceIdRatio(ratio) => Sdk::TraceIdRatioBased(ratio),
        Sampler::ParentBasedAlwaysOn => Sdk::ParentBased(Box::new(Sdk::AlwaysOn)),
        Sampler::ParentBasedAlwaysOff => Sdk::ParentBased(Box::new(Sdk::AlwaysOff)),
        Sampler::ParentBasedTraceIdRatio(ratio) => {
            Sdk::ParentBased(Box::new(Sdk::TraceIdRatioBased(ratio)))
        }
    }
}
