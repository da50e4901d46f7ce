//! Log records of other code: a logger provider that feeds the same exporters.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use opentelemetry::InstrumentationScope;
use opentelemetry::trace::{SpanId, TraceFlags, TraceId};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{
    LogProcessor, LoggerProviderBuilder, SdkLogRecord, SdkLoggerProvider,
};

use crate::export::log_record::LogRecord;
use crate::export::record_queue::RecordQueue;
use crate::span::active::provisional;
use crate::span::ambient;

/// Hands every record over; the queue, the limits and the exporters are ours.
#[derive(Debug)]
struct HandOver(Arc<RecordQueue>);

impl LogProcessor for HandOver {
    fn emit(&self, data: &mut SdkLogRecord, scope: &InstrumentationScope) {
        // What is around it has to be a span now.
        provisional::settle(ambient::current());
        let span = data.trace_context();
        let scope = match data.target() {
            // As the SDK's own exporters have it.
            Some(target) => named(target.clone(), scope),
            None => scope.clone(),
        };
        self.0.submit(LogRecord {
            time: data.timestamp(),
            observed: data.observed_timestamp().unwrap_or_else(SystemTime::now),
            severity: data.severity_number(),
            severity_text: data.severity_text(),
            event_name: data.event_name().unwrap_or_default(),
            body: data.body().cloned(),
            attributes: data.attributes_iter().cloned().collect(),
            dropped_attributes: 0,
            trace_id: span.map_or(TraceId::INVALID, |span| span.trace_id),
            span_id: span.map_or(SpanId::INVALID, |span| span.span_id),
            trace_flags: span.and_then(|span| span.trace_flags).unwrap_or(TraceFlags::NOT_SAMPLED),
            scope,
        });
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

fn named(name: Cow<'static, str>, scope: &InstrumentationScope) -> InstrumentationScope {
    let mut named =
        InstrumentationScope::builder(name).with_attributes(scope.attributes().cloned());
    if let Some(version) = scope.version() {
        named = named.with_version(version.to_owned());
    }
    if let Some(schema_url) = scope.schema_url() {
        named = named.with_schema_url(schema_url.to_owned());
    }
    named.build()
}

pub(super) fn provider(queue: Arc<RecordQueue>) -> SdkLoggerProvider {
    empty().with_log_processor(HandOver(queue)).build()
}

/// Takes no records.
pub(super) fn none() -> SdkLoggerProvider {
    empty().build()
}

/// The resource is the exporters' matter.
fn empty() -> LoggerProviderBuilder {
    SdkLoggerProvider::builder().with_resource(Resource::builder_empty().build())
}
