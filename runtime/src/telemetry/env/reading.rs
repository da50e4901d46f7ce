//! The whole of the settings: code, then environment, then default.

use std::time::Duration;

use opentelemetry_sdk::metrics::Temporality;

use super::baggage::baggage;
use super::content::content;
use super::convention::{conventions, prefix};
use super::examination::examine;
use super::exporter::{Available, Destinations, destinations};
use super::format::{Boolean, Count, Format as _, Length, Milliseconds, Words};
use super::masks::masks;
use super::overload::overload;
use super::prices::prices;
use super::propagator::propagators;
use super::reader::{Origin, Reader, Report, quoted};
use super::sampler::sampler;
use super::table::Variable;
use super::tail::tail_sampling;
use super::{Environment, records, table};
use crate::Error;
use crate::span::detail::ErrorDetail;
use crate::telemetry::resource;
use crate::telemetry::settings::{Batch, Limits, LogLevel, Overrides, Settings};

pub(super) const TEMPORALITIES: Words<Temporality> = Words {
    known: &[
        ("cumulative", Temporality::Cumulative),
        ("delta", Temporality::Delta),
        ("lowmemory", Temporality::LowMemory),
    ],
    unavailable: &[],
};

/// Whether histograms are exponential.
pub(super) const AGGREGATIONS: Words<bool> = Words {
    known: &[("explicit_bucket_histogram", false), ("base2_exponential_bucket_histogram", true)],
    unavailable: &[],
};

pub(super) const ERROR_DETAILS: Words<ErrorDetail> = Words {
    known: &[
        ("display", ErrorDetail::Display),
        ("debug", ErrorDetail::Debug),
        ("type", ErrorDetail::Type),
    ],
    unavailable: &[],
};

pub(super) const LOG_LEVELS: Words<LogLevel> = Words {
    known: &[
        ("none", LogLevel::None),
        ("error", LogLevel::Error),
        ("warn", LogLevel::Warn),
        ("info", LogLevel::Info),
        ("debug", LogLevel::Debug),
        ("trace", LogLevel::Trace),
    ],
    unavailable: &[],
};

impl Settings {
    /// Code, then environment, then default.
    ///
    /// A bad value is named in the warnings and the default is used, except where going on would
    /// lose data: then the error says so, and whatever else is wrong.
    pub(crate) fn from_environment(
        environment: &Environment,
        overrides: &Overrides,
    ) -> Result<Self, Error> {
        Self::with_available(environment, overrides, Available::here())
    }

    /// The same for other features than those compiled in.
    pub(crate) fn with_available(
        environment: &Environment,
        overrides: &Overrides,
        available: Available,
    ) -> Result<Self, Error> {
        let mut reader = Reader::new(environment);
        let settings = Self::settle(&mut reader, overrides, available);
        examine(&mut reader);
        let report = reader.into_report();
        if !report.fatal.is_empty() {
            return Err(Error::configuration_of([report.fatal, report.warnings].concat()));
        }
        let Report { warnings, decisions, files, .. } = report;
        Ok(Self { warnings, decisions, files, ..settings })
    }

    /// Everything but what there is to say about it; where something failed, without it.
    pub(super) fn settle(
        all: &mut Reader<'_>,
        overrides: &Overrides,
        available: Available,
    ) -> Self {
        warn_of_config_file(all);
        let log_level =
            all.setting("messages", &LOG_LEVELS, None, &[table::OTEL_LOG_LEVEL], LogLevel::Info);
        let disabled = disabled(all, overrides);
        let resource = resource::attributes(all, overrides);
        let Destinations { traces, metrics, prometheus, logs } = if disabled {
            Destinations::default()
        } else {
            destinations(all, overrides, available)
        };
        let sampler = sampler(all, overrides);
        let tail_sampling = tail_sampling(all, overrides);
        let batch = batch(all, overrides);
        let overload = overload(all, overrides);
        let limits = limits(all, overrides);
        let record_batch = records::batch(all, overrides);
        let record_limits = records::limits(all, overrides);
        let is_logging = !logs.is_empty();
        let exceptions = records::exceptions(all, overrides, is_logging);
        let content = content(all, overrides, available);
        let inference_events =
            records::inference_events(all, overrides, content.capture, is_logging);
        let error_detail = error_detail(all, overrides);
        let masks = masks(all, overrides);
        let (metric_interval, metric_timeout, temporality) = metering(all, overrides);
        let exponential_histograms = exponential_histograms(all, overrides, prometheus.is_some());
        let propagators = propagators(all, overrides.propagators.clone());
        let prices = prices(all, overrides);
        let conventions = conventions(all, overrides);
        let prefix = prefix(all, overrides);
        let (baggage_keys, baggage_hosts) = baggage(all, overrides, &propagators);
        Self {
            disabled,
            resource,
            traces,
            metrics,
            prometheus,
            logs,
            sampler,
            sample_if: overrides.sample_if.clone(),
            tail_sampling,
            batch,
            overload,
            limits,
            record_batch,
            record_limits,
            exceptions,
            inference_events,
            error_detail,
            content,
            masks,
            metric_interval,
            metric_timeout,
            temporality,
            exponential_histograms,
            propagators,
            prices,
            conventions,
            prefix,
            baggage_keys,
            baggage_hosts,
            log_level,
            warnings: Vec::new(),
            decisions: Vec::new(),
            files: Vec::new(),
        }
    }
}

/// A word that nobody knows may have been meant to keep text out.
fn error_detail(reader: &mut Reader<'_>, overrides: &Overrides) -> ErrorDetail {
    let variable = table::SPANLINE_ERRORS;
    let usual = ErrorDetail::default();
    let (detail, origin) = match (overrides.error_detail, reader.text(variable)) {
        (Some(detail), _) => (detail, Origin::Code),
        (None, None) => (usual, Origin::Default),
        (None, Some(text)) => {
            let detail =
                text.and_then(|text| ERROR_DETAILS.parse(&text)).unwrap_or_else(|problem| {
                    let expected = ERROR_DETAILS.expected(&usual);
                    let using = ERROR_DETAILS.show(&ErrorDetail::Type);
                    reader.warn(variable.name(), problem, expected, using);
                    ErrorDetail::Type
                });
            (detail, Origin::Variable(variable.name()))
        }
    };
    reader.decide("errors", ERROR_DETAILS.show(&detail), origin);
    detail
}

fn disabled(reader: &mut Reader<'_>, overrides: &Overrides) -> bool {
    let enabled = [table::OTEL_TRACING_ENABLED];
    let standard = [table::OTEL_SDK_DISABLED];
    let (disabled, origin) = reader.pick(&Boolean, overrides.disabled, &standard, false);
    let (disabled, origin) = match origin {
        Origin::Default if overrides.disabled.is_none() => {
            let (enabled, origin) = reader.pick(&Boolean, None, &enabled, true);
            (!enabled, origin)
        }
        origin => (disabled, origin),
    };
    reader.decide("disabled", disabled, origin);
    disabled
}

fn batch(reader: &mut Reader<'_>, overrides: &Overrides) -> Batch {
    let count = Count { least: 1 };
    let delay = reader.setting(
        "batch delay, ms",
        &Milliseconds,
        overrides.batch_delay,
        &[table::OTEL_BSP_SCHEDULE_DELAY],
        Duration::from_secs(5),
    );
    let queue = reader.setting(
        "batch queue, spans",
        &count,
        overrides.batch_queue,
        &[table::OTEL_BSP_MAX_QUEUE_SIZE],
        2048,
    );
    let variable = table::OTEL_BSP_MAX_EXPORT_BATCH_SIZE;
    let size = batch_size(reader, "batch size, spans", variable, overrides.batch_size, queue);
    let timeout = reader.setting(
        "batch timeout, ms",
        &Milliseconds,
        overrides.batch_timeout,
        &[table::OTEL_BSP_EXPORT_TIMEOUT],
        Duration::from_secs(30),
    );
    Batch { delay, queue, size, timeout }
}

/// Never more than the queue, about which only a size that somebody chose needs a word.
pub(super) fn batch_size(
    reader: &mut Reader<'_>,
    what: &str,
    variable: &'static Variable,
    code: Option<usize>,
    queue: usize,
) -> usize {
    let count = Count { least: 1 };
    let (size, origin) = reader.pick(&count, code, &[variable], 512.min(queue));
    if size > queue {
        reader.warn(
            variable.name(),
            format_args!("{size} is more than the queue holds"),
            format_args!("at most {queue}"),
            queue,
        );
    }
    let size = size.min(queue);
    reader.decide(what, size, origin);
    size
}

fn warn_of_config_file(reader: &mut Reader<'_>) {
    let variable = table::OTEL_CONFIG_FILE;
    if let Some(path) = reader.path(variable) {
        let path = quoted(&path.to_string_lossy());
        let problem = format_args!("{path} is a configuration file, which is not supported");
        reader.warn(variable.name(), problem, "the other variables", "them");
    }
}

fn limits(reader: &mut Reader<'_>, overrides: &Overrides) -> Limits {
    let mut count = |what, code, variables: &[_]| {
        reader.setting(what, &Count { least: 0 }, code, variables, 128)
    };
    let general = table::OTEL_ATTRIBUTE_COUNT_LIMIT;
    let attributes = count(
        "attributes of a span",
        overrides.span_attributes,
        &[table::OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT, general],
    );
    let events =
        count("events of a span", overrides.span_events, &[table::OTEL_SPAN_EVENT_COUNT_LIMIT]);
    let links =
        count("links of a span", overrides.span_links, &[table::OTEL_SPAN_LINK_COUNT_LIMIT]);
    let event_attributes = count(
        "attributes of an event",
        overrides.event_attributes,
        &[table::OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT, general],
    );
    let link_attributes = count(
        "attributes of a link",
        overrides.link_attributes,
        &[table::OTEL_LINK_ATTRIBUTE_COUNT_LIMIT, general],
    );
    let value_length = reader.setting(
        "characters of a value",
        &Length,
        overrides.value_length.map(Some),
        &[table::OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT, table::OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT],
        None,
    );
    let content = reader.setting(
        "content limit, bytes",
        &Count { least: 64 },
        overrides.content_limit,
        &[table::SPANLINE_CONTENT_LIMIT],
        table::CONTENT_LIMIT,
    );
    Limits { attributes, events, links, event_attributes, link_attributes, value_length, content }
}

fn metering(reader: &mut Reader<'_>, overrides: &Overrides) -> (Duration, Duration, Temporality) {
    let interval = reader.setting(
        "metric interval, ms",
        &Milliseconds,
        overrides.metric_interval,
        &[table::OTEL_METRIC_EXPORT_INTERVAL],
        Duration::from_secs(60),
    );
    let timeout = reader.setting(
        "metric timeout, ms",
        &Milliseconds,
        overrides.metric_timeout,
        &[table::OTEL_METRIC_EXPORT_TIMEOUT],
        Duration::from_secs(30),
    );
    let temporality = reader.setting(
        "metric temporality",
        &TEMPORALITIES,
        overrides.temporality,
        &[table::OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE],
        Temporality::Cumulative,
    );
    (interval, timeout, temporality)
}

/// All readers have the same histograms, and the text that Prometheus fetches has no exponential ones.
fn exponential_histograms(
    reader: &mut Reader<'_>,
    overrides: &Overrides,
    are_fetched: bool,
) -> bool {
    let variable = table::OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION;
    let (exponential, origin) =
        reader.pick(&AGGREGATIONS, overrides.exponential_histograms, &[variable], false);
    let (word, explicit) = (AGGREGATIONS.show(&exponential), AGGREGATIONS.show(&false));
    if exponential && are_fetched {
        let problem = format_args!("{} cannot be fetched by prometheus", quoted(&word));
        reader.warn(variable.name(), problem, format_args!("{explicit} beside it"), &explicit);
        return false;
    }
    reader.decide("metric histograms", word, origin);
    exponential
}
