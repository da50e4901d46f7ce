//! Every environment variable: the only names that can be read.

use std::time::Duration;

use opentelemetry_sdk::metrics::Temporality;

use super::content::{CAPTURES, MODES, TOOL_DEFINITIONS};
use super::form::Form::{
    self, Any, Attributes, BaggageHosts, BaggageKeys, Conventions, ExceptionSignals, Exporters,
    File, HeaderFile, Headers, Host, Masks, Port, Prefix, Prices, Propagators, Single,
    StabilityOptIn, TailSampling, Text, Url,
};
use super::form::Usual;
use super::format::{Boolean, Count, Length, Milliseconds, Share};
use super::otlp::{COMPRESSIONS, PROTOCOLS};
use super::overload::{DROP_FIRST, LEAST_QUEUE_BYTES, QUEUE_BYTES};
use super::prometheus::{self, ListeningPort};
use super::reading::{AGGREGATIONS, ERROR_DETAILS, LOG_LEVELS, TEMPORALITIES};
use super::sampler::{WORDS as SAMPLERS, Word as SamplerWord};
use super::signal::Signal::{Logs, Metrics, Traces};
use super::spool;
use crate::content::choice::{ContentCapture, ContentMode};
use crate::span::detail::ErrorDetail;
use crate::telemetry::overload::DropFirst;
use crate::telemetry::settings::{LogLevel, Protocol};

/// One variable. `docs/variables.md` has the same rows.
#[derive(Debug)]
pub(crate) struct Variable {
    name: &'static str,
    form: Form,
    #[cfg(test)]
    row: Row,
}

/// What the documentation says of a variable; no program needs it.
#[cfg(test)]
#[derive(Debug)]
pub(crate) struct Row {
    /// In backticks if it could be written into the variable.
    pub(crate) default: &'static str,
    /// The part of Spanline that reads it.
    pub(crate) reader: &'static str,
    pub(crate) meaning: &'static str,
}

impl Variable {
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    pub(super) fn form(&self) -> &Form {
        &self.form
    }

    #[cfg(test)]
    pub(crate) fn row(&self) -> &Row {
        &self.row
    }
}

const YES_OR_NO: Form = Single(&Usual(Boolean, false));
const SHARE: Form = Single(&Usual(Share, 1.0));
const PROTOCOL: Form = Single(&Usual(PROTOCOLS, Protocol::HttpProtobuf));
const COMPRESSION: Form = Single(&Usual(COMPRESSIONS, false));
const LENGTH: Form = Single(&Usual(Length, None));
const REQUEST_TIMEOUT: Form = Single(&Usual(Milliseconds, Duration::from_secs(10)));
const HALF_A_MINUTE: Form = Single(&Usual(Milliseconds, Duration::from_secs(30)));
/// Below the 32,766 bytes that a search index on Lucene takes of a term.
pub(super) const CONTENT_LIMIT: usize = 32_000;
const LIMIT: Form = Single(&Usual(Count { least: 0 }, 128));

macro_rules! variables {
    ($($name:ident, $form:expr, $default:literal, $reader:literal, $meaning:literal;)*) => {
        $(pub(crate) const $name: &Variable = &Variable {
            name: stringify!($name),
            form: $form,
            #[cfg(test)]
            row: Row { default: $default, reader: $reader, meaning: $meaning },
        };)*

        /// All of them, in the order of the documentation.
        pub(crate) const TABLE: &[&Variable] = &[$($name),*];
    };
}

variables! {
    OTEL_SDK_DISABLED, YES_OR_NO, "`false`", "set-up", "`true` turns spans, metrics and log records off; trace context still travels.";
    OTEL_TRACING_ENABLED, YES_OR_NO, "`true`", "set-up", "`false` is another way to say `OTEL_SDK_DISABLED=true`, which wins.";
    OTEL_LOG_LEVEL, Single(&Usual(LOG_LEVELS, LogLevel::Info)), "`info`", "set-up", "Least severity of Spanline's own messages: `none`, `error`, `warn`, `info`, `debug`, `trace`.";
    OTEL_CONFIG_FILE, Any, "none", "set-up", "Not supported: a warning says so, and the other variables are used.";

    OTEL_SERVICE_NAME, Text, "`unknown_service:` and the executable's name", "resource", "`service.name`; wins over `OTEL_RESOURCE_ATTRIBUTES`.";
    OTEL_RESOURCE_ATTRIBUTES, Attributes, "none", "resource", "Attributes of everything that is sent: `name=value,name=value`, percent-encoded. One mistake and none of them is used.";
    OTEL_ENVIRONMENT, Text, "none", "resource", "`deployment.environment.name`, if `OTEL_RESOURCE_ATTRIBUTES` does not say it.";
    DEPLOYMENT_ENV, Text, "none", "resource", "The same, after `OTEL_ENVIRONMENT`.";
    FLO_ENV, Text, "none", "resource", "The same, after `DEPLOYMENT_ENV`.";

    OTEL_TRACES_EXPORTER, Exporters(Traces), "`otlp` with an endpoint, otherwise `console`", "spans", "Where spans go, a list: `otlp`, `console`, `file`, `jaeger`, `tempo`, `datadog`, `zipkin`, or `none`.";
    OTEL_METRICS_EXPORTER, Exporters(Metrics), "`otlp` with an endpoint, otherwise as spans, otherwise `console`", "metrics", "Where metrics go, a list: `otlp`, `console`, `file`, `datadog`, `prometheus`, or `none`.";
    OTEL_LOGS_EXPORTER, Exporters(Logs), "`otlp` with an endpoint of their own, otherwise `none`", "logs", "Where log records go, a list: `otlp`, `console`, `file`, or `none`.";
    OTEL_EXPORTER_TYPE, Exporters(Traces), "none", "spans, metrics", "For both `OTEL_TRACES_EXPORTER` and `OTEL_METRICS_EXPORTER`, which win.";
    SPANLINE_FILE, Any, "`spanline.jsonl`", "spans, metrics, logs", "Path of the `file` exporter; with no exporter named, setting it names `file`.";

    OTEL_EXPORTER_OTLP_ENDPOINT, Url, "`http://localhost:4318`, or port 4317 for gRPC", "spans, metrics, logs", "URL of the collector; over HTTP, `/v1/traces`, `/v1/metrics` and `/v1/logs` go behind it. Log records go there if `OTEL_LOGS_EXPORTER` says `otlp`.";
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, Url, "`OTEL_EXPORTER_OTLP_ENDPOINT`", "spans", "The whole URL for spans, used as it is.";
    OTEL_EXPORTER_OTLP_METRICS_ENDPOINT, Url, "`OTEL_EXPORTER_OTLP_ENDPOINT`", "metrics", "The whole URL for metrics, used as it is.";
    OTEL_EXPORTER_OTLP_LOGS_ENDPOINT, Url, "`OTEL_EXPORTER_OTLP_ENDPOINT`", "logs", "The whole URL for log records, used as it is.";
    FLO_OTLP_ENDPOINT, Url, "none", "spans, metrics", "As `OTEL_EXPORTER_OTLP_ENDPOINT`, which wins.";
    OTEL_EXPORTER_JAEGER_AGENT_HOST, Host, "none", "spans", "Spans go to this host as OTLP over gRPC, port 4317, if nothing else names an exporter or `jaeger` does; the agent's own protocol is retired.";
    OTEL_EXPORTER_JAEGER_AGENT_PORT, Port, "none", "spans", "As the host, which defaults to `localhost`; the number itself is not used.";
    OTEL_EXPORTER_OTLP_PROTOCOL, PROTOCOL, "`grpc` on port 4317, otherwise `http/protobuf`", "spans, metrics, logs", "`grpc`, `http/protobuf` or `http/json`.";
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL, PROTOCOL, "`OTEL_EXPORTER_OTLP_PROTOCOL`", "spans", "The same, for spans.";
    OTEL_EXPORTER_OTLP_METRICS_PROTOCOL, PROTOCOL, "`OTEL_EXPORTER_OTLP_PROTOCOL`", "metrics", "The same, for metrics.";
    OTEL_EXPORTER_OTLP_LOGS_PROTOCOL, PROTOCOL, "`OTEL_EXPORTER_OTLP_PROTOCOL`", "logs", "The same, for log records.";
    OTEL_EXPORTER_OTLP_HEADERS, Headers, "none", "spans, metrics, logs", "Headers of each request: `name=value,name=value`, percent-encoded. Values are never shown.";
    OTEL_EXPORTER_OTLP_TRACES_HEADERS, Headers, "`OTEL_EXPORTER_OTLP_HEADERS`", "spans", "The same, for spans, in place of the general ones.";
    OTEL_EXPORTER_OTLP_METRICS_HEADERS, Headers, "`OTEL_EXPORTER_OTLP_HEADERS`", "metrics", "The same, for metrics, in place of the general ones.";
    OTEL_EXPORTER_OTLP_LOGS_HEADERS, Headers, "`OTEL_EXPORTER_OTLP_HEADERS`", "logs", "The same, for log records, in place of the general ones.";
    SPANLINE_OTLP_HEADERS_FILE, HeaderFile, "none", "spans, metrics, logs", "Path of a file with a header on each line, `name: value`; over those of the variables above, and read again when it changes and when a receiver answers 401.";
    OTEL_EXPORTER_OTLP_TIMEOUT, REQUEST_TIMEOUT, "`10000`", "spans, metrics, logs", "Milliseconds that a request may take, with all its attempts.";
    OTEL_EXPORTER_OTLP_TRACES_TIMEOUT, REQUEST_TIMEOUT, "`OTEL_EXPORTER_OTLP_TIMEOUT`", "spans", "The same, for spans.";
    OTEL_EXPORTER_OTLP_METRICS_TIMEOUT, REQUEST_TIMEOUT, "`OTEL_EXPORTER_OTLP_TIMEOUT`", "metrics", "The same, for metrics.";
    OTEL_EXPORTER_OTLP_LOGS_TIMEOUT, REQUEST_TIMEOUT, "`OTEL_EXPORTER_OTLP_TIMEOUT`", "logs", "The same, for log records.";
    OTEL_EXPORTER_OTLP_COMPRESSION, COMPRESSION, "`none`", "spans, metrics, logs", "`gzip` or `none`.";
    OTEL_EXPORTER_OTLP_TRACES_COMPRESSION, COMPRESSION, "`OTEL_EXPORTER_OTLP_COMPRESSION`", "spans", "The same, for spans.";
    OTEL_EXPORTER_OTLP_METRICS_COMPRESSION, COMPRESSION, "`OTEL_EXPORTER_OTLP_COMPRESSION`", "metrics", "The same, for metrics.";
    OTEL_EXPORTER_OTLP_LOGS_COMPRESSION, COMPRESSION, "`OTEL_EXPORTER_OTLP_COMPRESSION`", "logs", "The same, for log records.";
    OTEL_EXPORTER_OTLP_INSECURE, YES_OR_NO, "`false`", "spans, metrics, logs", "`true` sends plain text to a gRPC endpoint without `http://` or `https://`.";
    OTEL_EXPORTER_OTLP_TRACES_INSECURE, YES_OR_NO, "`OTEL_EXPORTER_OTLP_INSECURE`", "spans", "The same, for spans.";
    OTEL_EXPORTER_OTLP_METRICS_INSECURE, YES_OR_NO, "`OTEL_EXPORTER_OTLP_INSECURE`", "metrics", "The same, for metrics.";
    OTEL_EXPORTER_OTLP_LOGS_INSECURE, YES_OR_NO, "`OTEL_EXPORTER_OTLP_INSECURE`", "logs", "The same, for log records.";
    OTEL_EXPORTER_OTLP_CERTIFICATE, File, "the system's roots", "spans, metrics, logs", "PEM file with the certificates to trust.";
    OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE, File, "`OTEL_EXPORTER_OTLP_CERTIFICATE`", "spans", "The same, for spans.";
    OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE, File, "`OTEL_EXPORTER_OTLP_CERTIFICATE`", "metrics", "The same, for metrics.";
    OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE, File, "`OTEL_EXPORTER_OTLP_CERTIFICATE`", "logs", "The same, for log records.";
    OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE, File, "none", "spans, metrics, logs", "PEM file with the client's own certificate; belongs with `OTEL_EXPORTER_OTLP_CLIENT_KEY`.";
    OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE, File, "`OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE`", "spans", "The same, for spans.";
    OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE, File, "`OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE`", "metrics", "The same, for metrics.";
    OTEL_EXPORTER_OTLP_LOGS_CLIENT_CERTIFICATE, File, "`OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE`", "logs", "The same, for log records.";
    OTEL_EXPORTER_OTLP_CLIENT_KEY, File, "none", "spans, metrics, logs", "PEM file with the key of the client's own certificate.";
    OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY, File, "`OTEL_EXPORTER_OTLP_CLIENT_KEY`", "spans", "The same, for spans.";
    OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY, File, "`OTEL_EXPORTER_OTLP_CLIENT_KEY`", "metrics", "The same, for metrics.";
    OTEL_EXPORTER_OTLP_LOGS_CLIENT_KEY, File, "`OTEL_EXPORTER_OTLP_CLIENT_KEY`", "logs", "The same, for log records.";
    SPANLINE_SPOOL_DIR, Any, "none", "spans, metrics, logs", "Folder where what OTLP cannot deliver waits on disk, also for the next start of the program: see `docs/spool.md`.";
    SPANLINE_SPOOL_MAX_BYTES, Single(&Usual(spool::BYTES, spool::MOST_BYTES)), "`268435456`", "spans, metrics, logs", "Bytes that may wait on disk for each endpoint of each signal, at least 65536; the oldest give way and are counted.";
    OTEL_EXPORTER_ZIPKIN_ENDPOINT, Url, "`http://localhost:9411/api/v2/spans`", "spans", "The whole URL of the `zipkin` exporter, used as it is.";
    OTEL_EXPORTER_ZIPKIN_TIMEOUT, REQUEST_TIMEOUT, "`10000`", "spans", "Milliseconds that a request to Zipkin may take, with all its attempts.";
    OTEL_EXPORTER_PROMETHEUS_HOST, Host, "`localhost`", "metrics", "Name or address that the `prometheus` exporter listens on; `0.0.0.0` is every address of this machine.";
    OTEL_EXPORTER_PROMETHEUS_PORT, Single(&Usual(ListeningPort, prometheus::PORT)), "`9464`", "metrics", "Port that the `prometheus` exporter listens on; with `0` the system chooses one, which `health()` tells.";

    OTEL_TRACES_SAMPLER, Single(&Usual(SAMPLERS, SamplerWord::ParentBasedAlwaysOn)), "`parentbased_always_on`", "sampler", "`always_on`, `always_off`, `traceidratio`, `parentbased_always_on`, `parentbased_always_off` or `parentbased_traceidratio`.";
    OTEL_TRACES_SAMPLER_ARG, SHARE, "`1`", "sampler", "The share of traces that a `traceidratio` sampler records, 0 to 1.";
    SPANLINE_TAIL_SAMPLING, TailSampling, "`none`", "tail sampling", "Which traces are kept once they have ended, a list: `errors`, `cancelled`, `slow=2s`, `costly=0.05`, `first=10`, `ratio=0.01`, and bounds; `none` keeps all. One mistake and none of it is followed: see `docs/sampling.md`.";
    OTEL_PROPAGATORS, Propagators, "`tracecontext,baggage`", "context propagation", "A list of `tracecontext` and `baggage`, or `none`.";
    SPANLINE_BAGGAGE_KEYS, BaggageKeys, "`none`", "context propagation", "What of an identity may travel as baggage, both ways: a list of `session`, `user`, `tenant`, `conversation` and names of properties.";
    SPANLINE_BAGGAGE_HOSTS, BaggageHosts, "`none`", "context propagation", "Hosts that may be told: a list such as `api.example.com,*.internal.example.com`; `*` is every host, also of requests whose host is not named.";

    OTEL_BSP_SCHEDULE_DELAY, Single(&Usual(Milliseconds, Duration::from_secs(5))), "`5000`", "spans", "Milliseconds between two batches of spans.";
    OTEL_BSP_MAX_QUEUE_SIZE, Single(&Usual(Count { least: 1 }, 2048)), "`2048`", "spans", "Ended spans that may wait; what comes on top is dropped and counted.";
    OTEL_BSP_MAX_EXPORT_BATCH_SIZE, Single(&Usual(Count { least: 1 }, 512)), "`512`", "spans", "Spans in a batch, never more than the queue holds.";
    OTEL_BSP_EXPORT_TIMEOUT, HALF_A_MINUTE, "`30000`", "spans", "Milliseconds that a batch may take, attempts after the first included.";

    OTEL_BLRP_SCHEDULE_DELAY, Single(&Usual(Milliseconds, Duration::from_secs(1))), "`1000`", "logs", "Milliseconds between two batches of log records.";
    OTEL_BLRP_MAX_QUEUE_SIZE, Single(&Usual(Count { least: 1 }, 2048)), "`2048`", "logs", "Log records that may wait; what comes on top is dropped and counted.";
    OTEL_BLRP_MAX_EXPORT_BATCH_SIZE, Single(&Usual(Count { least: 1 }, 512)), "`512`", "logs", "Log records in a batch, never more than the queue holds.";
    OTEL_BLRP_EXPORT_TIMEOUT, HALF_A_MINUTE, "`30000`", "logs", "Milliseconds that a batch may take, attempts after the first included.";

    SPANLINE_QUEUE_MAX_BYTES, Single(&Usual(Count { least: LEAST_QUEUE_BYTES }, QUEUE_BYTES)), "`67108864`", "spans, logs", "Bytes that spans, or log records, may take while they wait: so many for each exporter, and as many before it is their turn to be sent there.";
    SPANLINE_DROP_FIRST, Single(&Usual(DROP_FIRST, DropFirst::Newest)), "`newest`", "spans, logs", "What is dropped first where that, or a number of them, is too much: `newest`, `oldest` or `least_valuable`, which keeps roots, errors and warnings longest.";

    OTEL_METRIC_EXPORT_INTERVAL, Single(&Usual(Milliseconds, Duration::from_secs(60))), "`60000`", "metrics", "Milliseconds between two exports of metrics.";
    OTEL_METRIC_EXPORT_TIMEOUT, HALF_A_MINUTE, "`30000`", "metrics", "Milliseconds that an export of metrics may take.";
    OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE, Single(&Usual(TEMPORALITIES, Temporality::Cumulative)), "`cumulative`", "metrics", "`cumulative`, `delta` or `lowmemory`.";
    OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION, Single(&Usual(AGGREGATIONS, false)), "`explicit_bucket_histogram`", "metrics", "`explicit_bucket_histogram` or `base2_exponential_bucket_histogram`: what all histograms are, of at most 160 buckets and a scale of at most 20. Not beside `prometheus`, whose text has no exponential ones.";

    OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN, ExceptionSignals, "`logs` where log records are exported", "logs", "`logs` tells exceptions as log records, `logs/dup` also as events of their spans. Where log records go nowhere they are events of spans.";
    OTEL_INSTRUMENTATION_GENAI_EMIT_EVENT, YES_OR_NO, "`false`", "logs", "`true` gives every inference an event with its details, as a log record.";

    SPANLINE_ERRORS, Single(&Usual(ERROR_DETAILS, ErrorDetail::Display)), "`display`", "spans", "How much of an error its span tells, where the operation does not say: `display`, `debug` or `type`. A word that is none of these means `type`.";

    OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT, Single(&Usual(CAPTURES, ContentCapture::NoContent)), "`NO_CONTENT`", "content", "Where content goes that a program names: `NO_CONTENT`, `SPAN_ONLY`, `EVENT_ONLY`, `SPAN_AND_EVENT`; `true` is `SPAN_ONLY` and `false` is `NO_CONTENT`. Needs the feature `content`.";
    SPANLINE_CONTENT_MODE, Single(&Usual(MODES, ContentMode::Full)), "`full`", "content", "`full`, `length` (how many characters, and none of them) or `hash` (the SHA-256 of each text). A word that is none of these means `length`.";
    SPANLINE_CONTENT_TOOL_DEFINITIONS, Single(&Usual(TOOL_DEFINITIONS, false)), "`names`", "content", "`full` also captures the descriptions and the parameters of tools; `names` their types and names alone.";
    SPANLINE_CONVENTIONS, Conventions, "`v1.41.1`", "names", "Whose names spans and metrics have, a list: `v1.41.1`, `genai-main`, `openinference`; see `docs/conventions.md`.";
    OTEL_SEMCONV_STABILITY_OPT_IN, StabilityOptIn, "none", "names", "After `SPANLINE_CONVENTIONS`: `gen_ai_latest_experimental` is `genai-main`, `gen_ai_latest_experimental/dup` is `v1.41.1,genai-main`. Words of other categories are others'.";
    SPANLINE_PREFIX, Prefix, "`spanline`", "names", "What Spanline's own names of attributes, events and metrics start with.";
    SPANLINE_MASKS, Masks, "`secrets`, and in content `all`", "spans, metrics", "What is masked before it leaves the process, a list: `secrets`, `email`, `card`, `iban`, or `all` or `none`. A word that is none of these means `all`: see `docs/masks.md`.";
    SPANLINE_CONTENT_LIMIT, Single(&Usual(Count { least: 64 }, CONTENT_LIMIT)), "`32000`", "span limits", "Bytes of an attribute with content, such as messages; all content of a span has four times as much.";

    OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT, LIMIT, "`128`", "span limits", "Attributes of a span.";
    OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT, LENGTH, "no limit", "span limits", "Characters in an attribute's text; content that is JSON has at most so many bytes and stays JSON.";
    OTEL_SPAN_EVENT_COUNT_LIMIT, LIMIT, "`128`", "span limits", "Events of a span.";
    OTEL_SPAN_LINK_COUNT_LIMIT, LIMIT, "`128`", "span limits", "Links of a span.";
    OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT, LIMIT, "`128`", "span limits", "Attributes of an event.";
    OTEL_LINK_ATTRIBUTE_COUNT_LIMIT, LIMIT, "`128`", "span limits", "Attributes of a link.";
    OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT, LIMIT, "`128`", "log limits", "Attributes of a log record.";
    OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT, LENGTH, "no limit", "log limits", "Characters in the text of a log record's attribute, however deep it is.";
    OTEL_ATTRIBUTE_COUNT_LIMIT, LIMIT, "`128`", "span limits, log limits", "Attributes of a span, an event, a link or a log record, where its own variable does not say.";
    OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT, LENGTH, "no limit", "span limits, log limits", "As `OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT` and `OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT`, which win.";

    SPANLINE_PRICES, Prices, "none", "cost", "Path of a JSON file with what models cost, in place of the list prices: see `docs/money.md`.";

    NO_COLOR, Any, "none", "console", "Set to anything, it means no colours.";
    CLICOLOR_FORCE, Any, "none", "console", "Anything but `0` means colours, also where stderr is no terminal; `NO_COLOR` wins.";
    CLICOLOR, Any, "none", "console", "`0` means no colours on a terminal.";
    TERM, Any, "none", "console", "On a terminal, `dumb` means no colours and `linux` no characters outside ASCII.";
    COLUMNS, Single(&Usual(Count { least: 0 }, 80)), "the terminal's width", "console", "Width of a line on a terminal; elsewhere lines are not wrapped.";
    LC_ALL, Any, "none", "console", "A locale that is not UTF-8 means no characters outside ASCII.";
    LC_CTYPE, Any, "none", "console", "The same, after `LC_ALL`.";
    LANG, Any, "none", "console", "The same, after `LC_CTYPE`.";
}
