//! Settings in code.

mod content;
mod masks;
mod records;
mod sampling;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::trace::{SpanExporter, SpanProcessor};

use super::env::{Environment, ExporterName};
use super::overload::DropFirst;
use super::settings::{Convention, Overrides, Propagator, Protocol, Settings};
use super::{Telemetry, install};
#[cfg(feature = "content")]
use crate::content::policy::ContentFunctions;
use crate::export::given::GivenExporter;
use crate::export::processor::GivenProcessor;
use crate::{AttributeValue, Error, ErrorDetail, Price};

/// How long `flush` and `shutdown` wait for exporters.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// Sets telemetry up in code; each setter wins over the variable that it names, and what is not
/// set comes from the environment.
///
/// ```no_run
/// # #[cfg(feature = "telemetry")]
/// # fn main() -> Result<(), spanline::Error> {
/// use spanline::{Sampler, Telemetry};
///
/// let telemetry = Telemetry::builder()
///     .service_name("support-bot")
///     .environment("staging")
///     .otlp_endpoint("http://localhost:4317")
///     .sampler(Sampler::ParentBasedTraceIdRatio(0.1))
///     .init()?;
/// # drop(telemetry);
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "telemetry"))]
/// # fn main() {}
/// ```
#[derive(Debug, Default)]
#[must_use = "nothing is set up before `init`"]
pub struct TelemetryBuilder {
    overrides: Overrides,
    options: Options,
}

/// What no variable sets.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) cancelled_is_error: bool,
    pub(crate) shutdown_timeout: Duration,
    #[cfg(all(unix, feature = "signals"))]
    pub(crate) exits_on_signals: bool,
    pub(crate) span_exporters: Vec<GivenExporter>,
    pub(crate) span_processors: Vec<GivenProcessor>,
    #[cfg(feature = "content")]
    pub(crate) content: ContentFunctions,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            cancelled_is_error: false,
            shutdown_timeout: SHUTDOWN_TIMEOUT,
            #[cfg(all(unix, feature = "signals"))]
            exits_on_signals: false,
            span_exporters: Vec::new(),
            span_processors: Vec::new(),
            #[cfg(feature = "content")]
            content: ContentFunctions::default(),
        }
    }
}

impl TelemetryBuilder {
    /// `OTEL_SERVICE_NAME`.
    pub fn service_name(mut self, name: impl Into<String>) -> Self {
        self.overrides.service_name = Some(name.into());
        self
    }

    /// The resource attribute `service.version`.
    pub fn service_version(mut self, version: impl Into<String>) -> Self {
        self.overrides.service_version = Some(version.into());
        self
    }

    /// The resource attribute `deployment.environment.name`.
    pub fn environment(mut self, environment: impl Into<String>) -> Self {
        self.overrides.environment = Some(environment.into());
        self
    }

    /// A resource attribute: of everything that this program sends. Beside
    /// `OTEL_RESOURCE_ATTRIBUTES`; `None` sets nothing.
    #[allow(clippy::needless_pass_by_value, reason = "takes values and references to them alike")]
    pub fn resource_attribute(
        mut self,
        key: impl Into<String>,
        value: impl AttributeValue,
    ) -> Self {
        if let Some(value) = value.value() {
            self.overrides.attributes.push(KeyValue::new(key.into(), value.into_value()));
        }
        self
    }

    /// Records nothing when false; the opposite of `OTEL_SDK_DISABLED`.
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.overrides.disabled = Some(!enabled);
        self
    }

    /// `OTEL_TRACES_EXPORTER`: where spans go; none for an empty list.
    pub fn traces_to(mut self, exporters: impl IntoIterator<Item = ExporterName>) -> Self {
        self.overrides.traces = Some(exporters.into_iter().collect());
        self
    }

    /// `OTEL_METRICS_EXPORTER`: where metrics go; none for an empty list.
    pub fn metrics_to(mut self, exporters: impl IntoIterator<Item = ExporterName>) -> Self {
        self.overrides.metrics = Some(exporters.into_iter().collect());
        self
    }

    /// `OTEL_LOGS_EXPORTER`: where log records go, events among them; none for an empty list, and
    /// none where nobody says it.
    pub fn logs_to(mut self, exporters: impl IntoIterator<Item = ExporterName>) -> Self {
        self.overrides.logs = Some(exporters.into_iter().collect());
        self
    }

    /// The console beside the other exporters of spans and metrics, or, when false, in no case.
    pub fn console(mut self, console: bool) -> Self {
        self.overrides.console = Some(console);
        self
    }

    /// This file, as OTLP/JSON lines, beside the other exporters of spans and metrics; also the file
    /// of [`ExporterName::File`](crate::ExporterName::File).
    pub fn file(mut self, path: impl Into<PathBuf>) -> Self {
        self.overrides.file = Some(path.into());
        self
    }

    /// An exporter of your own, beside the others; with it the console is no default any more.
    ///
    /// It gets every span that is exported, those of other OpenTelemetry code included, masked and
    /// limited as for all exporters, in batches, on the export thread; an error or a panic of it is
    /// counted as the loss of the batch. Its shutdown has a second.
    pub fn span_exporter(mut self, exporter: impl SpanExporter + 'static) -> Self {
        self.options.span_exporters.push(GivenExporter::new(exporter));
        self.overrides.has_span_exporter = true;
        self
    }

    /// A span processor of your own, beside the exporters.
    ///
    /// Its `on_end` gets every span that is exported, those of other OpenTelemetry code included, masked
    /// and limited, on the export thread: what it does there keeps the exporters waiting, and the program
    /// not. A panic of it is counted as the loss of that span. [`Telemetry::flush`] calls its
    /// `force_flush`, [`Telemetry::shutdown`] its `shutdown_with_timeout` with a second's patience.
    ///
    /// **Its `on_start` is not called for the spans of Spanline**, whose attributes are gathered before
    /// there is a span of the SDK that it could look at or change: put what it would add there into
    /// [`scope()`](crate::scope). It is called for the spans of other OpenTelemetry code, on the
    /// thread where these start.
    ///
    /// ```no_run
    /// # #[cfg(feature = "telemetry")]
    /// # fn main() -> Result<(), spanline::Error> {
    /// use std::sync::atomic::{AtomicU64, Ordering};
    /// use std::time::Duration;
    ///
    /// use opentelemetry::Context;
    /// use opentelemetry::trace::Status;
    /// use opentelemetry_sdk::error::OTelSdkResult;
    /// use opentelemetry_sdk::trace::{Span, SpanData, SpanProcessor};
    ///
    /// #[derive(Debug, Default)]
    /// struct Failures(AtomicU64);
    ///
    /// impl SpanProcessor for Failures {
    ///     fn on_start(&self, _: &mut Span, _: &Context) {}
    ///
    ///     fn on_end(&self, span: SpanData) {
    ///         if matches!(span.status, Status::Error { .. }) {
    ///             self.0.fetch_add(1, Ordering::Relaxed);
    ///         }
    ///     }
    ///
    ///     fn force_flush(&self) -> OTelSdkResult {
    ///         Ok(())
    ///     }
    ///
    ///     fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
    ///         Ok(())
    ///     }
    /// }
    ///
    /// let telemetry =
    ///     spanline::Telemetry::builder().span_processor(Failures::default()).init()?;
    /// # drop(telemetry);
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "telemetry"))]
    /// # fn main() {}
    /// ```
    pub fn span_processor(mut self, processor: impl SpanProcessor + 'static) -> Self {
        self.options.span_processors.push(GivenProcessor::new(processor));
        self
    }

    /// `OTEL_EXPORTER_ZIPKIN_ENDPOINT`: the whole URL that
    /// [`ExporterName::Zipkin`](crate::ExporterName::Zipkin) sends spans to.
    pub fn zipkin_endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.overrides.zipkin_endpoint = Some(endpoint.into());
        self
    }

    /// `OTEL_EXPORTER_PROMETHEUS_HOST` and `OTEL_EXPORTER_PROMETHEUS_PORT`: where
    /// [`ExporterName::Prometheus`](crate::ExporterName::Prometheus) listens; `localhost` and 9464 by
    /// default. With port 0 the system chooses one, which
    /// [`ExporterHealth::address`](crate::ExporterHealth::address) tells.
    pub fn prometheus_address(mut self, host: impl Into<String>, port: u16) -> Self {
        self.overrides.prometheus_host = Some(host.into());
        self.overrides.prometheus_port = Some(port);
        self
    }

    /// `OTEL_EXPORTER_OTLP_ENDPOINT`.
    pub fn otlp_endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.overrides.endpoint = Some(endpoint.into());
        self
    }

    /// `OTEL_EXPORTER_OTLP_PROTOCOL`.
    pub fn otlp_protocol(mut self, protocol: Protocol) -> Self {
        self.overrides.protocol = Some(protocol);
        self
    }

    /// One of `OTEL_EXPORTER_OTLP_HEADERS`; the value is never printed.
    pub fn otlp_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.overrides.headers.push((name.into(), value.into()));
        self
    }

    /// `SPANLINE_OTLP_HEADERS_FILE`: a file with a header on each line, `name: value`. It is read
    /// again when it changes and when a receiver answers 401; what it holds is never printed.
    pub fn otlp_headers_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.overrides.header_file = Some(path.into());
        self
    }

    /// `OTEL_EXPORTER_OTLP_TIMEOUT`: for one request with its retries; 10 s by default.
    pub fn otlp_timeout(mut self, timeout: Duration) -> Self {
        self.overrides.timeout = Some(timeout);
        self
    }

    /// `SPANLINE_SPOOL_DIR`: a folder where what OTLP cannot deliver waits on disk, also for the next
    /// start of the program. Needs the feature `spool`.
    ///
    /// ```no_run
    /// # #[cfg(all(feature = "otlp-http", feature = "spool"))]
    /// # fn main() -> Result<(), spanline::Error> {
    /// let telemetry = spanline::Telemetry::builder()
    ///     .otlp_endpoint("https://collector.example:4318")
    ///     .spool("/var/spool/support-bot")
    ///     .spool_limit(64 * 1024 * 1024)
    ///     .init()?;
    /// for exporter in telemetry.health().exporters {
    ///     if let Some(spool) = exporter.spool {
    ///         println!("{}: {} wait on disk", exporter.destination, spool.waiting);
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// # #[cfg(not(all(feature = "otlp-http", feature = "spool")))]
    /// # fn main() {}
    /// ```
    pub fn spool(mut self, folder: impl Into<PathBuf>) -> Self {
        self.overrides.spool = Some(folder.into());
        self
    }

    /// `SPANLINE_SPOOL_MAX_BYTES`: how much may wait on disk for each endpoint of each signal; 256 MiB
    /// by default, and the oldest give way.
    pub fn spool_limit(mut self, bytes: usize) -> Self {
        self.overrides.spool_bytes = Some(bytes);
        self
    }

    /// `OTEL_EXPORTER_OTLP_COMPRESSION`: gzip or none.
    pub fn otlp_gzip(mut self, gzip: bool) -> Self {
        self.overrides.gzip = Some(gzip);
        self
    }

    /// `OTEL_EXPORTER_OTLP_CERTIFICATE`: a PEM file of the authority to trust.
    pub fn otlp_certificate(mut self, path: impl Into<PathBuf>) -> Self {
        self.overrides.certificate = Some(path.into());
        self
    }

    /// `OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE` and `OTEL_EXPORTER_OTLP_CLIENT_KEY`: PEM files.
    pub fn otlp_client_certificate(
        mut self,
        certificate: impl Into<PathBuf>,
        key: impl Into<PathBuf>,
    ) -> Self {
        self.overrides.client_certificate = Some(certificate.into());
        self.overrides.client_key = Some(key.into());
        self
    }

    /// `OTEL_BSP_SCHEDULE_DELAY`: how long ended spans wait for company; 5 s by default.
    pub fn batch_delay(mut self, delay: Duration) -> Self {
        self.overrides.batch_delay = Some(delay);
        self
    }

    /// `OTEL_BSP_EXPORT_TIMEOUT`: how long a batch may take, attempts after the first included;
    /// 30 s by default.
    pub fn batch_timeout(mut self, timeout: Duration) -> Self {
        self.overrides.batch_timeout = Some(timeout);
        self
    }

    /// `OTEL_BSP_MAX_EXPORT_BATCH_SIZE`: spans per batch; 512 by default.
    pub fn batch_size(mut self, spans: usize) -> Self {
        self.overrides.batch_size = Some(spans);
        self
    }

    /// `OTEL_BSP_MAX_QUEUE_SIZE`: spans that may wait, per thread and per exporter; 2,048 by
    /// default.
    pub fn queue_size(mut self, spans: usize) -> Self {
        self.overrides.batch_queue = Some(spans);
        self
    }

    /// `SPANLINE_QUEUE_MAX_BYTES`: what spans, or log records, may take while they wait, so much for each
    /// exporter and as much before; 64 MiB by default, at least 64 KiB.
    pub fn queue_bytes(mut self, bytes: usize) -> Self {
        self.overrides.queue_bytes = Some(bytes);
        self
    }

    /// `SPANLINE_DROP_FIRST`: what is dropped where a queue is full; the newest by default.
    pub fn drop_first(mut self, first: DropFirst) -> Self {
        self.overrides.drop_first = Some(first);
        self
    }

    /// `OTEL_METRIC_EXPORT_INTERVAL`; 60 s by default.
    pub fn metric_interval(mut self, interval: Duration) -> Self {
        self.overrides.metric_interval = Some(interval);
        self
    }

    /// `OTEL_METRIC_EXPORT_TIMEOUT`: how long an export of metrics may take; 30 s by default.
    pub fn metric_timeout(mut self, timeout: Duration) -> Self {
        self.overrides.metric_timeout = Some(timeout);
        self
    }

    /// `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE`: `delta`, or `cumulative` when false.
    pub fn delta_temporality(mut self, delta: bool) -> Self {
        let temporality = if delta { Temporality::Delta } else { Temporality::Cumulative };
        self.overrides.temporality = Some(temporality);
        self
    }

    /// `OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION`: `base2_exponential_bucket_histogram`,
    /// or `explicit_bucket_histogram` when false. Of all exporters of metrics, so not beside
    /// [`ExporterName::Prometheus`](crate::ExporterName::Prometheus), whose text has no such histograms.
    pub fn exponential_histograms(mut self, exponential: bool) -> Self {
        self.overrides.exponential_histograms = Some(exponential);
        self
    }

    /// `OTEL_PROPAGATORS`: how trace context travels; none for an empty list.
    pub fn propagators(mut self, propagators: impl IntoIterator<Item = Propagator>) -> Self {
        self.overrides.propagators = Some(propagators.into_iter().collect());
        self
    }

    /// `SPANLINE_BAGGAGE_KEYS` and `SPANLINE_BAGGAGE_HOSTS`: what of whom something is for may
    /// travel in headers, and to which hosts; nothing by default.
    ///
    /// Keys are `session`, `user`, `tenant`, `conversation` and names of properties; these are also
    /// taken from headers that arrive. A host is exact, `*.example.com` for all that are below, or
    /// `*` for every one. See [`inject_for`](crate::inject_for) and [`extract`](crate::extract).
    pub fn identity_baggage<K, H>(
        mut self,
        keys: impl IntoIterator<Item = K>,
        hosts: impl IntoIterator<Item = H>,
    ) -> Self
    where
        K: Into<String>,
        H: Into<String>,
    {
        self.overrides.baggage_keys = Some(keys.into_iter().map(Into::into).collect());
        self.overrides.baggage_hosts = Some(hosts.into_iter().map(Into::into).collect());
        self
    }

    /// `OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT`: characters kept of each text; no limit by default.
    pub fn attribute_length_limit(mut self, characters: usize) -> Self {
        self.overrides.value_length = Some(characters);
        self
    }

    /// `OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT`; 128 by default.
    pub fn attribute_count_limit(mut self, attributes: usize) -> Self {
        self.overrides.span_attributes = Some(attributes);
        self
    }

    /// `OTEL_SPAN_EVENT_COUNT_LIMIT`; 128 by default.
    pub fn event_count_limit(mut self, events: usize) -> Self {
        self.overrides.span_events = Some(events);
        self
    }

    /// `OTEL_SPAN_LINK_COUNT_LIMIT`; 128 by default.
    pub fn link_count_limit(mut self, links: usize) -> Self {
        self.overrides.span_links = Some(links);
        self
    }

    /// `OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT`; 128 by default.
    pub fn event_attribute_count_limit(mut self, attributes: usize) -> Self {
        self.overrides.event_attributes = Some(attributes);
        self
    }

    /// `OTEL_LINK_ATTRIBUTE_COUNT_LIMIT`; 128 by default.
    pub fn link_attribute_count_limit(mut self, attributes: usize) -> Self {
        self.overrides.link_attributes = Some(attributes);
        self
    }

    /// What a model costs, in place of the list price and of what `SPANLINE_PRICES` says.
    ///
    /// ```no_run
    /// # #[cfg(feature = "telemetry")]
    /// # fn main() -> Result<(), spanline::Error> {
    /// use spanline::{Price, Telemetry};
    ///
    /// let price = Price::new("ollama", "llama3.2").input_per_million(0).output_per_million(0);
    /// let telemetry = Telemetry::builder().price(price).init()?;
    /// # drop(telemetry);
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "telemetry"))]
    /// # fn main() {}
    /// ```
    pub fn price(mut self, price: Price) -> Self {
        self.overrides.prices.push(price);
        self
    }

    /// `SPANLINE_CONVENTIONS`: whose names spans and metrics have; all of them at once if there are
    /// several. [`Convention::V1_41`] by default.
    ///
    /// What the sets call alike and write differently has the first one's value: `gen_ai.request.top_k`
    /// is a double where [`Convention::V1_41`] is among them, and an integer otherwise.
    pub fn conventions(mut self, conventions: impl IntoIterator<Item = Convention>) -> Self {
        self.overrides.conventions = Some(conventions.into_iter().collect());
        self
    }

    /// `SPANLINE_PREFIX`: what the names of attributes, events and metrics start with that are
    /// Spanline's own, in place of `spanline`.
    ///
    /// Words of small letters, digits and `_`, with dots between them: `flowmason`, `acme.llm`. Not
    /// `gen_ai` and not `otel`. Your own attributes keep their names.
    ///
    /// ```no_run
    /// # #[cfg(feature = "telemetry")]
    /// # fn main() -> Result<(), spanline::Error> {
    /// // `flowmason.pipeline.id`, `flowmason.cost.usd`, `flowmason.stage.duration`.
    /// let telemetry = spanline::Telemetry::builder().prefix("flowmason").init()?;
    /// # drop(telemetry);
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "telemetry"))]
    /// # fn main() {}
    /// ```
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.overrides.prefix = Some(prefix.into());
        self
    }

    /// `SPANLINE_ERRORS`: how much of an error its span tells, where the operation itself does not
    /// say.
    pub fn errors(mut self, detail: ErrorDetail) -> Self {
        self.overrides.error_detail = Some(detail);
        self
    }

    /// Whether a cancelled operation, or an abandoned stream or sink, has the error status. By
    /// default its status is unset: it has `error.type` `cancelled` or `abandoned` all the same.
    pub fn cancelled_is_error(mut self, is_error: bool) -> Self {
        self.options.cancelled_is_error = is_error;
        self
    }

    /// How long `flush`, `shutdown` and dropping the handle wait for exporters; 5 s by default.
    pub fn shutdown_timeout(mut self, timeout: Duration) -> Self {
        self.options.shutdown_timeout = timeout;
        self
    }

    /// Ctrl-c (SIGINT) and SIGTERM end the process as they do without this, but everything that has ended
    /// is exported before, within the [`shutdown_timeout`](Self::shutdown_timeout). A second signal ends
    /// it at once. Of what is still open nothing is exported.
    ///
    /// For programs that do nothing else with these signals: one that waits for them itself, to close
    /// its connections for instance, drops its handle afterwards and needs this not.
    ///
    /// Feature `signals`, on Unix.
    ///
    /// ```no_run
    /// # #[cfg(all(unix, feature = "signals"))]
    /// # fn main() -> Result<(), spanline::Error> {
    /// let _telemetry = spanline::Telemetry::builder().exit_on_signals().init()?;
    /// # Ok(())
    /// # }
    /// # #[cfg(not(all(unix, feature = "signals")))]
    /// # fn main() {}
    /// ```
    #[cfg(all(unix, feature = "signals"))]
    pub fn exit_on_signals(mut self) -> Self {
        self.options.exits_on_signals = true;
        self
    }

    /// Sets everything up.
    ///
    /// # Errors
    ///
    /// As [`init`](crate::init).
    pub fn init(self) -> Result<Telemetry, Error> {
        let settings = Settings::from_environment(&Environment::of_process(), &self.overrides)?;
        install(settings, self.options)
    }
}
