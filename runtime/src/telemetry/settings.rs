//! What telemetry is set to do, wherever it was said: the result of code, environment and defaults.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry_sdk::metrics::Temporality;

use super::env::{self, ExporterName};
use super::overload::{DropFirst, Overload};
use crate::Error;
use crate::content::choice::{ContentCapture, ContentMode};
use crate::content::mask::{Mask, MaskFunction, Masks};
use crate::export::tail::sampling::TailSampling;
use crate::identity::baggage::BaggageKey;
use crate::identity::host::HostPattern;
use crate::span::detail::ErrorDetail;
use crate::span::room::Room;
use crate::usage::price::Price;

pub(crate) use crate::span::sampler::Sampler;
use crate::span::trace_start::SampleIf;

/// Where spans, metrics or log records go.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Destination {
    /// The tree (spans), the lines (log records) or the summary (metrics) on stderr.
    Console,
    /// OTLP/JSON lines.
    File(PathBuf),
    Otlp(Otlp),
    Zipkin(Zipkin),
}

/// How exporters are named to a reader.
impl std::fmt::Display for Destination {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Console => formatter.write_str("console"),
            Self::File(path) => write!(formatter, "file {}", path.display()),
            Self::Otlp(otlp) => write!(formatter, "otlp {}", otlp.place()),
            Self::Zipkin(zipkin) => write!(formatter, "zipkin {}", zipkin.place()),
        }
    }
}

/// Where Zipkin takes spans.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Zipkin {
    /// `OTEL_EXPORTER_ZIPKIN_ENDPOINT`: the whole URL.
    pub(crate) endpoint: String,
    pub(crate) timeout: Duration,
}

impl Zipkin {
    /// The endpoint for messages.
    pub(crate) fn place(&self) -> String {
        env::without_secrets(&self.endpoint)
    }
}

/// Where Prometheus fetches metrics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Prometheus {
    /// `OTEL_EXPORTER_PROMETHEUS_HOST`, `localhost`.
    pub(crate) host: String,
    /// `OTEL_EXPORTER_PROMETHEUS_PORT`, 9464; with 0 the system chooses.
    pub(crate) port: u16,
}

impl std::fmt::Display for Prometheus {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // An IPv6 address is bare in a variable for a host.
        if self.host.contains(':') && !self.host.starts_with('[') {
            write!(formatter, "[{}]:{}", self.host, self.port)
        } else {
            write!(formatter, "{}:{}", self.host, self.port)
        }
    }
}

/// The encodings and transports of OTLP: `OTEL_EXPORTER_OTLP_PROTOCOL`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// `grpc`.
    Grpc,
    /// `http/protobuf`.
    HttpProtobuf,
    /// `http/json`.
    HttpJson,
}

/// One OTLP signal's exporter.
#[derive(Clone, PartialEq)]
pub(crate) struct Otlp {
    pub(crate) protocol: Protocol,
    /// The whole URL: with the signal's path over HTTP, scheme and authority alone over gRPC.
    pub(crate) endpoint: String,
    /// Names in lower case. Values may be secret: never printed.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) header_file: Option<HeaderFile>,
    pub(crate) timeout: Duration,
    pub(crate) gzip: bool,
    /// PEM files.
    pub(crate) certificate: Option<PathBuf>,
    pub(crate) client_certificate: Option<PathBuf>,
    pub(crate) client_key: Option<PathBuf>,
    /// A request is split so that it stays below this.
    pub(crate) max_request_bytes: usize,
    /// The attribute that says by how much a span or a log record was cut to fit.
    pub(crate) cut_bytes: &'static str,
    /// Where what cannot be delivered waits, if it does.
    pub(crate) spool: Option<Box<SpoolSettings>>,
}

/// What cannot be delivered goes to disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SpoolSettings {
    /// `SPANLINE_SPOOL_DIR`.
    pub(crate) folder: PathBuf,
    /// `SPANLINE_SPOOL_MAX_BYTES`, 256 MiB for each destination.
    pub(crate) most_bytes: usize,
}

/// A file of headers, which go over those of variables.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct HeaderFile {
    pub(crate) path: PathBuf,
    /// Names in lower case that code sets, where a variable names the file.
    pub(crate) yields_to: Vec<String>,
}

impl Protocol {
    /// As the variables write it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Grpc => "grpc",
            Self::HttpProtobuf => "http/protobuf",
            Self::HttpJson => "http/json",
        }
    }
}

impl Otlp {
    /// The endpoint for messages: a query may hold a token.
    pub(crate) fn place(&self) -> String {
        env::without_secrets(&self.endpoint)
    }
}

impl std::fmt::Debug for Otlp {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let headers: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        formatter
            .debug_struct("Otlp")
            .field("protocol", &self.protocol)
            .field("endpoint", &self.place())
            .field("headers", &headers)
            .finish_non_exhaustive()
    }
}

/// How ended spans, or log records, are gathered: `OTEL_BSP_…` and `OTEL_BLRP_…`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Batch {
    /// `_SCHEDULE_DELAY`: 5 s for spans, 1 s for records.
    pub(crate) delay: Duration,
    /// `_MAX_QUEUE_SIZE`, 2,048.
    pub(crate) queue: usize,
    /// `_MAX_EXPORT_BATCH_SIZE`, 512, never above the queue.
    pub(crate) size: usize,
    /// `_EXPORT_TIMEOUT`, 30 s.
    pub(crate) timeout: Duration,
}

/// The same limits for log records: `OTEL_LOGRECORD_ATTRIBUTE_…`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RecordLimits {
    pub(crate) attributes: usize,
    pub(crate) value_length: Option<usize>,
}

/// Where exceptions are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExceptionSignal {
    /// As events of their spans: no log records are exported.
    Spans,
    Logs,
    Both,
}

/// The limits of OpenTelemetry's specification; `None` is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    pub(crate) attributes: usize,
    pub(crate) events: usize,
    pub(crate) links: usize,
    pub(crate) event_attributes: usize,
    pub(crate) link_attributes: usize,
    /// In characters, on strings and strings in arrays.
    pub(crate) value_length: Option<usize>,
    /// In bytes, on attributes with content.
    pub(crate) content: usize,
}

impl Limits {
    /// Those where nothing is set.
    #[cfg(test)]
    pub(crate) const USUAL: Self = Self {
        attributes: 128,
        events: 128,
        links: 128,
        event_attributes: 128,
        link_attributes: 128,
        value_length: None,
        content: 32_000,
    };

    /// The same for a span that is open.
    pub(crate) fn room(&self) -> Room {
        Room { attributes: self.attributes, events: self.events, links: self.links }
    }
}

/// What becomes of content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "content"), allow(dead_code, reason = "there is no content to read it"))]
pub(crate) struct ContentSettings {
    pub(crate) capture: ContentCapture,
    pub(crate) mode: ContentMode,
    /// Whether tools are described in full.
    pub(crate) full_definitions: bool,
}

/// Everything `init` needs to know.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// `OTEL_SDK_DISABLED` or one of its aliases.
    pub(crate) disabled: bool,
    /// The whole resource, without the `telemetry.sdk.*` that `resource` adds.
    pub(crate) resource: Vec<KeyValue>,
    pub(crate) traces: Vec<Destination>,
    /// Where metrics are sent.
    pub(crate) metrics: Vec<Destination>,
    /// Where they are fetched.
    pub(crate) prometheus: Option<Prometheus>,
    pub(crate) logs: Vec<Destination>,
    pub(crate) sampler: Sampler,
    /// In its place, for traces that begin here.
    pub(crate) sample_if: Option<SampleIf>,
    /// `SPANLINE_TAIL_SAMPLING`; every trace that is sampled is kept where there is none.
    pub(crate) tail_sampling: Option<TailSampling>,
    pub(crate) overload: Overload,
    pub(crate) batch: Batch,
    pub(crate) limits: Limits,
    pub(crate) record_batch: Batch,
    pub(crate) record_limits: RecordLimits,
    /// `OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN`, where log records are exported.
    pub(crate) exceptions: ExceptionSignal,
    /// `OTEL_INSTRUMENTATION_GENAI_EMIT_EVENT`, where log records are exported.
    pub(crate) inference_events: bool,
    /// `SPANLINE_ERRORS`, for operations that do not say.
    pub(crate) error_detail: ErrorDetail,
    #[cfg_attr(not(feature = "content"), allow(dead_code, reason = "there is nothing to capture"))]
    pub(crate) content: ContentSettings,
    /// `SPANLINE_MASKS`, and those of the code.
    pub(crate) masks: Arc<Masks>,
    /// `OTEL_METRIC_EXPORT_INTERVAL`, 60 s.
    pub(crate) metric_interval: Duration,
    /// `OTEL_METRIC_EXPORT_TIMEOUT`, 30 s.
    pub(crate) metric_timeout: Duration,
    /// `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE`.
    pub(crate) temporality: Temporality,
    /// `OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION`.
    pub(crate) exponential_histograms: bool,
    /// `OTEL_PROPAGATORS`, in order, without repetition.
    pub(crate) propagators: Vec<Propagator>,
    /// What models cost, in place of the list prices; the first for a model counts.
    pub(crate) prices: Vec<Price>,
    /// Whose names spans and metrics have, in order, without repetition.
    pub(crate) conventions: Vec<Convention>,
    /// What our own names start with.
    pub(crate) prefix: String,
    /// `SPANLINE_BAGGAGE_KEYS`, without repetition.
    pub(crate) baggage_keys: Vec<BaggageKey>,
    /// `SPANLINE_BAGGAGE_HOSTS`, without repetition.
    pub(crate) baggage_hosts: Vec<HostPattern>,
    /// `OTEL_LOG_LEVEL`: the least severity of our own messages.
    pub(crate) log_level: LogLevel,
    /// One sentence per variable with a bad value, a retired name or an unknown word.
    pub(crate) warnings: Vec<String>,
    /// One line per decision and where it came from, such as
    /// `traces: otlp http://localhost:4317 (OTEL_EXPORTER_OTLP_ENDPOINT)`; no secrets.
    pub(crate) decisions: Vec<String>,
    /// Files, each with the variable that names it.
    pub(crate) files: Vec<(PathBuf, &'static str)>,
}

impl Settings {
    /// `error`, which came up later, with the variable that is to blame and the warnings, for which
    /// there will be no other place.
    pub(crate) fn explain(&self, error: &Error) -> Error {
        let named = error.path().and_then(|path| self.files.iter().find(|(file, _)| file == path));
        let message = match named {
            Some((_, variable)) => format!("{variable}: {error}"),
            None => error.to_string(),
        };
        Error::configuration_of(std::iter::once(message).chain(self.warnings.iter().cloned()))
    }
}

/// How context is written into headers: `OTEL_PROPAGATORS`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Propagator {
    /// `tracecontext`: [W3C Trace Context](https://www.w3.org/TR/trace-context/).
    TraceContext,
    /// `baggage`: [W3C Baggage](https://www.w3.org/TR/baggage/).
    Baggage,
}

/// A set of names for spans and metrics.
///
/// ```no_run
/// # #[cfg(feature = "telemetry")]
/// # fn main() -> Result<(), spanline::Error> {
/// use spanline::{Convention, Telemetry};
///
/// let telemetry = Telemetry::builder()
///     .conventions([Convention::V1_41, Convention::OpenInference])
///     .init()?;
/// # drop(telemetry);
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "telemetry"))]
/// # fn main() {}
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Convention {
    /// `v1.41.1`: the GenAI names of OpenTelemetry's semantic conventions
    /// [v1.41.1](https://github.com/open-telemetry/semantic-conventions/tree/v1.41.1/docs/gen-ai).
    #[default]
    V1_41,
    /// `genai-main`: those of the
    /// [repository that follows it](https://github.com/open-telemetry/semantic-conventions-genai), at
    /// commit 88eccb1.
    GenAiMain,
    /// `openinference`: those of
    /// [OpenInference](https://github.com/Arize-ai/openinference/blob/main/spec/semantic_conventions.md),
    /// which has none for metrics.
    OpenInference,
}

/// How much our own messages say; a message is written if its severity is at most this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum LogLevel {
    None,
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

/// What code sets; it wins over the environment. `None` (or empty) is not set.
#[derive(Clone, Default)]
pub(crate) struct Overrides {
    pub(crate) disabled: Option<bool>,
    pub(crate) service_name: Option<String>,
    pub(crate) service_version: Option<String>,
    /// `deployment.environment.name`.
    pub(crate) environment: Option<String>,
    /// More resource attributes; the three above win.
    pub(crate) attributes: Vec<KeyValue>,
    /// In place of `OTEL_TRACES_EXPORTER`; an empty list is none.
    pub(crate) traces: Option<Vec<ExporterName>>,
    /// In place of `OTEL_METRICS_EXPORTER`; an empty list is none.
    pub(crate) metrics: Option<Vec<ExporterName>>,
    /// In place of `OTEL_LOGS_EXPORTER`; an empty list is none.
    pub(crate) logs: Option<Vec<ExporterName>>,
    /// The console beside, or never among, the other exporters.
    pub(crate) console: Option<bool>,
    /// This file beside the other exporters.
    pub(crate) file: Option<PathBuf>,
    /// Whether the program brings an exporter of its own for spans.
    pub(crate) has_span_exporter: bool,
    pub(crate) zipkin_endpoint: Option<String>,
    pub(crate) prometheus_host: Option<String>,
    pub(crate) prometheus_port: Option<u16>,
    /// For both signals: paths are added as to `OTEL_EXPORTER_OTLP_ENDPOINT`.
    pub(crate) endpoint: Option<String>,
    pub(crate) protocol: Option<Protocol>,
    /// Over those of the environment, name by name.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) header_file: Option<PathBuf>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) spool: Option<PathBuf>,
    pub(crate) spool_bytes: Option<usize>,
    pub(crate) gzip: Option<bool>,
    pub(crate) certificate: Option<PathBuf>,
    pub(crate) client_certificate: Option<PathBuf>,
    pub(crate) client_key: Option<PathBuf>,
    pub(crate) sampler: Option<Sampler>,
    pub(crate) sample_if: Option<SampleIf>,
    pub(crate) tail_sampling: Option<TailSampling>,
    pub(crate) batch_delay: Option<Duration>,
    pub(crate) batch_queue: Option<usize>,
    pub(crate) batch_size: Option<usize>,
    pub(crate) batch_timeout: Option<Duration>,
    pub(crate) queue_bytes: Option<usize>,
    pub(crate) drop_first: Option<DropFirst>,
    pub(crate) span_attributes: Option<usize>,
    pub(crate) span_events: Option<usize>,
    pub(crate) span_links: Option<usize>,
    pub(crate) event_attributes: Option<usize>,
    pub(crate) link_attributes: Option<usize>,
    pub(crate) value_length: Option<usize>,
    pub(crate) record_delay: Option<Duration>,
    pub(crate) record_queue: Option<usize>,
    pub(crate) record_batch_size: Option<usize>,
    pub(crate) record_timeout: Option<Duration>,
    pub(crate) record_attributes: Option<usize>,
    pub(crate) record_value_length: Option<usize>,
    /// Exceptions also on their spans, where log records tell them.
    pub(crate) exceptions_on_spans: Option<bool>,
    pub(crate) inference_events: Option<bool>,
    pub(crate) content_limit: Option<usize>,
    pub(crate) masks: Option<Vec<Mask>>,
    /// A name and a regular expression each.
    #[cfg(feature = "mask-patterns")]
    pub(crate) mask_patterns: Vec<(String, String)>,
    pub(crate) mask_functions: Vec<MaskFunction>,
    pub(crate) error_detail: Option<ErrorDetail>,
    pub(crate) content_capture: Option<ContentCapture>,
    pub(crate) content_mode: Option<ContentMode>,
    pub(crate) full_tool_definitions: Option<bool>,
    pub(crate) metric_interval: Option<Duration>,
    pub(crate) metric_timeout: Option<Duration>,
    pub(crate) temporality: Option<Temporality>,
    pub(crate) exponential_histograms: Option<bool>,
    pub(crate) propagators: Option<Vec<Propagator>>,
    /// Over those of `SPANLINE_PRICES`, model by model.
    pub(crate) prices: Vec<Price>,
    pub(crate) conventions: Option<Vec<Convention>>,
    pub(crate) prefix: Option<String>,
    pub(crate) baggage_keys: Option<Vec<String>>,
    pub(crate) baggage_hosts: Option<Vec<String>>,
}

/// What may be shown: headers by their names, endpoints without queries and credentials.
impl std::fmt::Debug for Overrides {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let headers: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        formatter
            .debug_struct("Overrides")
            .field("disabled", &self.disabled)
            .field("service_name", &self.service_name)
            .field("traces", &self.traces)
            .field("metrics", &self.metrics)
            .field("logs", &self.logs)
            .field("endpoint", &self.endpoint.as_deref().map(env::without_secrets))
            .field("protocol", &self.protocol)
            .field("headers", &headers)
            .field("sampler", &self.sampler)
            .finish_non_exhaustive()
    }
}
