//! One span, point or log record by an exporter's own way, past the queue and the account of what is
//! the program's.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use opentelemetry::InstrumentationScope;
use opentelemetry::logs::Severity;
use opentelemetry::metrics::MeterProvider as _;
use opentelemetry::trace::{
    SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::reader::MetricReader as _;
use opentelemetry_sdk::metrics::{ManualReader, SdkMeterProvider, Temporality};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};
use tokio::sync::oneshot;

use super::ledger::Ledger;
use super::log_record::{LogRecord, text};
use super::queue::Queue;
use super::reader::SharedReader;
use super::route::Parcel;
use super::{Delivery, Exporter};
use crate::telemetry::diagnosis::{Diagnosis, Finding};

/// What the records of a check are made of.
#[derive(Clone, Debug)]
pub(crate) struct CheckPlan {
    pub(crate) resource: Resource,
    pub(crate) scope: InstrumentationScope,
    /// Of the span, the metric and the event.
    pub(crate) name: &'static str,
    pub(crate) temporality: Temporality,
}

/// What one check sends: of each exporter's signal its one.
#[derive(Clone, Debug)]
pub(crate) struct Samples {
    pub(crate) trace_id: TraceId,
    span: SpanData,
    point: Arc<ResourceMetrics>,
    record: LogRecord,
}

/// One thing to send.
pub(crate) enum Sample {
    Span(Box<SpanData>),
    Point(Arc<ResourceMetrics>),
    Record(Box<LogRecord>),
}

/// What came of it: what the receiver says to what it took, or what is wrong.
pub(crate) type Checked = Result<Option<String>, Finding>;

impl CheckPlan {
    /// New ids and the time that it is.
    pub(crate) fn samples(&self) -> Samples {
        let trace_id = TraceId::from(rand::random::<u128>().max(1));
        let span_id = SpanId::from(rand::random::<u64>().max(1));
        let (flags, state) = (TraceFlags::SAMPLED, TraceState::default());
        let now = SystemTime::now();
        let span = SpanData {
            span_context: SpanContext::new(trace_id, span_id, flags, false, state),
            parent_span_id: SpanId::INVALID,
            parent_span_is_remote: false,
            span_kind: SpanKind::Internal,
            name: self.name.into(),
            start_time: now,
            end_time: now,
            attributes: Vec::new(),
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: Status::Unset,
            instrumentation_scope: self.scope.clone(),
        };
        let record = LogRecord {
            time: Some(now),
            observed: now,
            severity: Some(Severity::Info),
            severity_text: None,
            event_name: self.name,
            body: Some(text("a check of the exporters")),
            attributes: Vec::new(),
            dropped_attributes: 0,
            trace_id,
            span_id,
            trace_flags: flags,
            scope: self.scope.clone(),
        };
        let point = Arc::new(self.point());
        Samples { trace_id, span, point, record }
    }

    /// By a meter of its own: the program's is not to have it in every collection.
    fn point(&self) -> ResourceMetrics {
        let reader = Arc::new(ManualReader::builder().with_temporality(self.temporality).build());
        let provider = SdkMeterProvider::builder()
            .with_resource(self.resource.clone())
            .with_reader(SharedReader(Arc::clone(&reader)))
            .build();
        provider.meter_with_scope(self.scope.clone()).u64_counter(self.name).build().add(1, &[]);
        let mut collected = ResourceMetrics::default();
        // Nothing but the one counter is there to fail.
        let _ = reader.collect(&mut collected);
        collected
    }
}

impl Samples {
    fn of(&self, signal: &str) -> Sample {
        match signal {
            "metrics" => Sample::Point(Arc::clone(&self.point)),
            "logs" => Sample::Record(Box::new(self.record.clone())),
            _ => Sample::Span(Box::new(self.span.clone())),
        }
    }
}

/// The way to one exporter.
#[derive(Clone, Debug)]
pub(crate) struct Probe {
    pub(crate) ledger: Arc<Ledger>,
    way: Way,
}

#[derive(Clone, Debug)]
enum Way {
    /// A copy, so that a batch that is tried again and again is not in the way.
    #[cfg(any(feature = "otlp-grpc", feature = "otlp-http"))]
    Otlp(Box<super::otlp::OtlpExporter>, Resource),
    Queue(Arc<Queue>),
}

impl Probe {
    #[cfg_attr(
        not(any(feature = "otlp-grpc", feature = "otlp-http")),
        allow(unused_variables, reason = "all exporters have the one way")
    )]
    pub(super) fn new(
        exporter: &Exporter,
        ledger: &Arc<Ledger>,
        queue: &Arc<Queue>,
        resource: &Resource,
    ) -> Self {
        let ledger = Arc::clone(ledger);
        #[cfg(any(feature = "otlp-grpc", feature = "otlp-http"))]
        if let Exporter::Otlp(otlp) = exporter {
            return Self { ledger, way: Way::Otlp(Box::new(otlp.direct()), resource.clone()) };
        }
        Self { ledger, way: Way::Queue(Arc::clone(queue)) }
    }

    /// Sends the one of its signal; on the export thread's runtime.
    pub(crate) async fn check(self, samples: Samples, patience: Duration) -> (Duration, Checked) {
        let start = Instant::now();
        let sample = samples.of(self.ledger.signal);
        let checked = match self.way {
            #[cfg(any(feature = "otlp-grpc", feature = "otlp-http"))]
            Way::Otlp(mut otlp, resource) => {
                use super::request::Request;

                let request = match sample {
                    Sample::Span(span) => Request::traces(&resource, vec![*span]),
                    Sample::Point(point) => Request::metrics(&point),
                    Sample::Record(record) => Request::logs(&resource, vec![*record]),
                };
                otlp.check(request, patience).await
            }
            Way::Queue(queue) => through(&queue, sample, patience, &self.ledger).await,
        };
        (start.elapsed(), checked)
    }
}

async fn through(queue: &Queue, sample: Sample, patience: Duration, ledger: &Ledger) -> Checked {
    let (told, answer) = oneshot::channel();
    queue.push(Parcel::Check { sample, told });
    let (diagnosis, message, advice) = match tokio::time::timeout(patience, answer).await {
        Ok(Ok(Delivery { lost: 0, reason })) => return Ok(reason),
        Ok(Ok(Delivery { reason, .. })) => (
            Diagnosis::ExporterFailed,
            reason.unwrap_or_else(|| "it failed and did not say why".to_owned()),
            "see that it can be written there",
        ),
        Ok(Err(_)) => {
            (Diagnosis::ShutDown, "the exporter is gone".to_owned(), "check before `shutdown`")
        }
        Err(_) => {
            let last =
                ledger.account().last_failure.map(|(_, reason)| format!(", lastly: {reason}"));
            let busy = last.unwrap_or_default();
            (
                Diagnosis::NoAnswer,
                format!("still at what came before after {patience:?}{busy}"),
                "see why it is that slow",
            )
        }
    };
    Err(Finding::new(diagnosis, message, advice))
}

impl Exporter {
    /// As any batch of one.
    pub(super) async fn export_sample(&mut self, resource: &Resource, sample: Sample) -> Delivery {
        match sample {
            Sample::Span(span) => self.export_spans(resource, vec![*span]).await,
            Sample::Point(point) => self.export_metrics(&point).await,
            Sample::Record(record) => self.export_records(resource, vec![*record]).await,
        }
    }
}
