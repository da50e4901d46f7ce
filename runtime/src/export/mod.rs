//! From finished spans, log records and collected metrics to the backends, on one thread of its own.

pub(crate) mod check;
pub(crate) mod console;
pub(crate) mod drops;
#[cfg_attr(
    not(any(feature = "otlp-grpc", feature = "otlp-http")),
    allow(dead_code, reason = "OTLP alone is sent as protobuf")
)]
pub(crate) mod encoded;
pub(crate) mod event;
pub(crate) mod fetched;
#[cfg(feature = "file")]
pub(crate) mod file;
pub(crate) mod given;
pub(crate) mod ledger;
pub(crate) mod log_record;
pub(crate) mod naming;
#[cfg(any(feature = "otlp-grpc", feature = "otlp-http"))]
pub(crate) mod otlp;
pub(crate) mod outgoing;
pub(crate) mod pending;
pub(crate) mod processor;
#[cfg(feature = "prometheus")]
pub(crate) mod prometheus;
pub(crate) mod queue;
pub(crate) mod reader;
pub(crate) mod record;
pub(crate) mod record_queue;
#[cfg(any(feature = "file", feature = "otlp-grpc", feature = "otlp-http"))]
pub(crate) mod request;
pub(crate) mod ring;
mod route;
pub(crate) mod span_data;
#[cfg(all(feature = "spool", any(feature = "otlp-grpc", feature = "otlp-http")))]
pub(crate) mod spool;
pub(crate) mod tail;
pub(crate) mod texts;
pub(crate) mod worker;
#[cfg(feature = "zipkin")]
pub(crate) mod zipkin;

#[cfg(all(feature = "spool", any(feature = "otlp-grpc", feature = "otlp-http")))]
use std::sync::Arc;

use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::trace::SpanData;

#[cfg(all(feature = "spool", any(feature = "otlp-grpc", feature = "otlp-http")))]
use self::ledger::Ledger;
use self::log_record::LogRecord;
use self::pending::{Batch, Form};
use crate::Error;
use crate::telemetry::settings::Destination;

/// What became of one batch.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Delivery {
    /// How many of the batch's spans (metric points, log records) the backend did not take.
    pub(crate) lost: u64,
    /// Why, in one sentence without secrets: the endpoint and what it answered.
    pub(crate) reason: Option<String>,
}

impl Delivery {
    /// Everything arrived.
    pub(crate) fn complete() -> Self {
        Self::default()
    }

    /// `lost` items did not arrive.
    pub(crate) fn lost(lost: usize, reason: impl Into<String>) -> Self {
        Self { lost: lost as u64, reason: Some(reason.into()) }
    }
}

/// One destination; lives on the export thread, inside its tokio runtime.
#[derive(Debug)]
pub(crate) enum Exporter {
    Console(Box<console::ConsoleExporter>),
    #[cfg(feature = "file")]
    File(file::FileExporter),
    Given(given::GivenExporter),
    #[cfg(any(feature = "otlp-grpc", feature = "otlp-http"))]
    Otlp(Box<otlp::OtlpExporter>),
    Processor(processor::GivenProcessor),
    #[cfg(feature = "zipkin")]
    Zipkin(Box<zipkin::ZipkinExporter>),
}

#[cfg_attr(
    not(all(feature = "file", any(feature = "otlp-grpc", feature = "otlp-http"))),
    allow(
        clippy::unused_async,
        unused_variables,
        reason = "the console alone neither waits nor wants the resource"
    )
)]
impl Exporter {
    /// Called inside the export thread's tokio runtime.
    pub(crate) fn open(destination: &Destination) -> Result<Self, Error> {
        Ok(match destination {
            Destination::Console => Self::Console(Box::new(console::ConsoleExporter::stderr())),
            #[cfg(feature = "file")]
            Destination::File(path) => Self::File(file::FileExporter::open(path)?),
            #[cfg(not(feature = "file"))]
            Destination::File(path) => {
                return Err(Error::configuration(format!(
                    "`{}`: the file exporter is not built in; enable the feature `file` of spanline",
                    path.display()
                )));
            }
            #[cfg(any(feature = "otlp-grpc", feature = "otlp-http"))]
            Destination::Otlp(settings) => Self::Otlp(Box::new(otlp::OtlpExporter::new(settings)?)),
            #[cfg(not(any(feature = "otlp-grpc", feature = "otlp-http")))]
            Destination::Otlp(settings) => {
                return Err(Error::configuration(format!(
                    "`{}`: OTLP is not built in; enable a feature `otlp-grpc` or `otlp-http` of spanline",
                    settings.endpoint
                )));
            }
            #[cfg(feature = "zipkin")]
            Destination::Zipkin(settings) => {
                Self::Zipkin(Box::new(zipkin::ZipkinExporter::new(settings)?))
            }
            #[cfg(not(feature = "zipkin"))]
            Destination::Zipkin(settings) => {
                return Err(Error::configuration(format!(
                    "`{}`: Zipkin is not built in; enable the feature `zipkin` of spanline",
                    settings.place()
                )));
            }
        })
    }

    /// Begins to keep on disk what cannot be delivered, where that is set.
    #[cfg(all(feature = "spool", any(feature = "otlp-grpc", feature = "otlp-http")))]
    pub(crate) fn with_spool(self, ledger: &Arc<Ledger>) -> Result<Self, Error> {
        match self {
            Self::Otlp(otlp) => Ok(Self::Otlp(Box::new(otlp.with_spool(ledger)?))),
            other => Ok(other),
        }
    }

    /// In which form it wants spans.
    pub(crate) fn form(&self) -> Form {
        match self {
            Self::Console(_) => Form::Plain,
            #[cfg(any(feature = "otlp-grpc", feature = "otlp-http"))]
            Self::Otlp(otlp) if otlp.takes_encoded() => Form::Encoded,
            _ => Form::Data,
        }
    }

    /// Sends one batch of ended spans, in the form that it wants.
    pub(crate) async fn export_batch(&mut self, resource: &Resource, batch: Batch) -> Delivery {
        match batch {
            Batch::Encoded(spans) => match self {
                #[cfg(any(feature = "otlp-grpc", feature = "otlp-http"))]
                Self::Otlp(otlp) => otlp.export_encoded(resource, &spans).await,
                _ => Delivery::lost(spans.count(), "takes no protobuf"),
            },
            Batch::Data { spans, .. } => self.export_spans(resource, spans).await,
        }
    }

    /// Sends one batch of ended spans.
    pub(crate) async fn export_spans(
        &mut self,
        resource: &Resource,
        spans: Vec<SpanData>,
    ) -> Delivery {
        match self {
            Self::Console(console) => console.export_spans(spans),
            #[cfg(feature = "file")]
            Self::File(file) => file.export_spans(resource, spans),
            Self::Given(given) => given.export_spans(spans).await,
            Self::Processor(processor) => processor.export_spans(spans),
            #[cfg(any(feature = "otlp-grpc", feature = "otlp-http"))]
            Self::Otlp(otlp) => otlp.export_spans(resource, spans).await,
            #[cfg(feature = "zipkin")]
            Self::Zipkin(zipkin) => zipkin.export_spans(resource, spans).await,
        }
    }

    /// Sends one batch of log records.
    pub(crate) async fn export_records(
        &mut self,
        resource: &Resource,
        records: Vec<LogRecord>,
    ) -> Delivery {
        match self {
            Self::Console(console) => console.export_records(&records),
            #[cfg(feature = "file")]
            Self::File(file) => file.export_records(resource, records),
            Self::Given(_) | Self::Processor(_) => Delivery::complete(),
            #[cfg(any(feature = "otlp-grpc", feature = "otlp-http"))]
            Self::Otlp(otlp) => otlp.export_records(resource, records).await,
            #[cfg(feature = "zipkin")]
            Self::Zipkin(_) => Delivery::complete(),
        }
    }

    /// Sends one collection of metrics; the resource is inside it.
    pub(crate) async fn export_metrics(&mut self, metrics: &ResourceMetrics) -> Delivery {
        match self {
            Self::Console(console) => console.export_metrics(metrics),
            #[cfg(feature = "file")]
            Self::File(file) => file.export_metrics(metrics),
            Self::Given(_) | Self::Processor(_) => Delivery::complete(),
            #[cfg(any(feature = "otlp-grpc", feature = "otlp-http"))]
            Self::Otlp(otlp) => otlp.export_metrics(metrics).await,
            #[cfg(feature = "zipkin")]
            Self::Zipkin(_) => Delivery::complete(),
        }
    }

    /// Tries what waits on disk, if anything does; with `close`, leaves the rest to the next run.
    pub(crate) async fn empty_spool(&mut self, close: bool) {
        match self {
            #[cfg(all(feature = "spool", any(feature = "otlp-grpc", feature = "otlp-http")))]
            Self::Otlp(otlp) => otlp.empty_spool(close).await,
            _ => {}
        }
    }

    /// How many items went to disk since this was last asked.
    pub(crate) fn take_kept_items(&self) -> u64 {
        match self {
            #[cfg(all(feature = "spool", any(feature = "otlp-grpc", feature = "otlp-http")))]
            Self::Otlp(otlp) => otlp.take_kept_items(),
            _ => 0,
        }
    }

    /// Everything so far has been handed over: hands on what is still held back, where that can be asked.
    pub(crate) fn flush(&mut self) -> Delivery {
        match self {
            Self::Processor(processor) => processor.flush(),
            _ => Delivery::complete(),
        }
    }

    /// How many spans or log records were made smaller since this was last asked.
    pub(crate) fn take_shrunk_items(&mut self) -> u64 {
        match self {
            #[cfg(any(feature = "otlp-grpc", feature = "otlp-http"))]
            Self::Otlp(otlp) => otlp.take_shrunk_items(),
            _ => 0,
        }
    }

    /// Nothing more will come: writes what is still held back.
    pub(crate) fn close(&mut self) -> Delivery {
        match self {
            Self::Console(console) => console.close(),
            #[cfg(feature = "file")]
            Self::File(file) => file.close(),
            Self::Given(given) => given.close(),
            Self::Processor(processor) => processor.close(),
            #[cfg(any(feature = "otlp-grpc", feature = "otlp-http"))]
            Self::Otlp(_) => Delivery::complete(),
            #[cfg(feature = "zipkin")]
            Self::Zipkin(_) => Delivery::complete(),
        }
    }
}
