//! Which exporters each signal has.

use std::path::PathBuf;

use super::list::{self, Listed};
use super::otlp;
use super::place;
use super::reader::{Failed, Origin, Reader};
use super::signal::Signal;
use super::table::{self, Variable};
use super::{prometheus, zipkin};
use crate::telemetry::settings::{Destination, Overrides, Prometheus, Protocol};

/// An exporter by the name that `OTEL_TRACES_EXPORTER`, `OTEL_METRICS_EXPORTER` and
/// `OTEL_LOGS_EXPORTER` give it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExporterName {
    /// `console`: the tree of each trace, a line for each log record and a summary of the metrics, on
    /// stderr.
    Console,
    /// `file`: OTLP/JSON lines, in the file that `SPANLINE_FILE` names.
    File,
    /// `otlp`: to the endpoint that `OTEL_EXPORTER_OTLP_ENDPOINT` names.
    Otlp,
    /// OTLP to an endpoint of its own, beside the one of the other settings.
    OtlpTo(String),
    /// `jaeger`: OTLP to a Jaeger on this machine.
    Jaeger,
    /// `tempo`: OTLP to a Tempo on this machine.
    Tempo,
    /// `datadog`: OTLP to a Datadog agent on this machine.
    Datadog,
    /// `zipkin`: spans as Zipkin's JSON, to the URL that `OTEL_EXPORTER_ZIPKIN_ENDPOINT` names. Needs
    /// the feature `zipkin`.
    Zipkin,
    /// `prometheus`: metrics where Prometheus fetches them, on the host and the port that
    /// `OTEL_EXPORTER_PROMETHEUS_HOST` and `OTEL_EXPORTER_PROMETHEUS_PORT` name. Needs the feature
    /// `prometheus`.
    Prometheus,
}

impl ExporterName {
    fn word(&self) -> &'static str {
        let known = KNOWN.iter().find(|(_, name)| name == self);
        known.map_or("otlp", |(word, _)| *word)
    }

    fn takes(&self, signal: Signal) -> bool {
        match signal {
            Signal::Traces => *self != Self::Prometheus,
            Signal::Metrics => !matches!(self, Self::Jaeger | Self::Tempo | Self::Zipkin),
            Signal::Logs => {
                let others =
                    [Self::Jaeger, Self::Tempo, Self::Datadog, Self::Zipkin, Self::Prometheus];
                !others.contains(self)
            }
        }
    }
}

const KNOWN: [(&str, ExporterName); 8] = [
    ("otlp", ExporterName::Otlp),
    ("console", ExporterName::Console),
    ("file", ExporterName::File),
    ("jaeger", ExporterName::Jaeger),
    ("tempo", ExporterName::Tempo),
    ("datadog", ExporterName::Datadog),
    ("zipkin", ExporterName::Zipkin),
    ("prometheus", ExporterName::Prometheus),
];

/// What to use in place of the exporters that other SDKs have.
const UNAVAILABLE_FOR_TRACES: [(&str, &str); 3] = [
    ("prometheus", "takes no spans"),
    ("otlp/stdout", "is not available, but file writes the same lines"),
    ("logging", "is retired in favour of console"),
];
const UNAVAILABLE_FOR_METRICS: [(&str, &str); 5] = [
    ("jaeger", "takes no metrics"),
    ("tempo", "takes no metrics"),
    ("zipkin", "takes no metrics"),
    ("otlp/stdout", "is not available, but file writes the same lines"),
    ("logging", "is retired in favour of console"),
];

const UNAVAILABLE_FOR_LOGS: [(&str, &str); 7] = [
    ("jaeger", "takes no logs"),
    ("tempo", "takes no logs"),
    ("datadog", "takes logs by otlp alone, where its agent is set up for it"),
    ("zipkin", "takes no logs"),
    ("prometheus", "takes no logs"),
    ("otlp/stdout", "is not available, but file writes the same lines"),
    ("logging", "is retired in favour of console"),
];
const DEFAULT_FILE: &str = "spanline.jsonl";

/// The protocols and exporters that are compiled in.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "one for each feature")]
pub(crate) struct Available {
    pub(crate) grpc: bool,
    pub(crate) http: bool,
    pub(crate) file: bool,
    pub(crate) zipkin: bool,
    pub(crate) prometheus: bool,
    pub(crate) content: bool,
    pub(crate) spool: bool,
}

impl Available {
    pub(crate) fn here() -> Self {
        Self {
            grpc: cfg!(feature = "otlp-grpc"),
            http: cfg!(feature = "otlp-http"),
            file: cfg!(feature = "file"),
            zipkin: cfg!(feature = "zipkin"),
            prometheus: cfg!(feature = "prometheus"),
            content: cfg!(feature = "content"),
            spool: cfg!(feature = "spool"),
        }
    }

    pub(super) fn serves(self, protocol: Protocol) -> bool {
        match protocol {
            Protocol::Grpc => self.grpc,
            Protocol::HttpProtobuf | Protocol::HttpJson => self.http,
        }
    }
}

/// Where each signal goes.
#[derive(Debug, Default)]
pub(crate) struct Destinations {
    pub(crate) traces: Vec<Destination>,
    pub(crate) metrics: Vec<Destination>,
    pub(crate) prometheus: Option<Prometheus>,
    pub(crate) logs: Vec<Destination>,
}

pub(crate) fn destinations(
    reader: &mut Reader<'_>,
    overrides: &Overrides,
    available: Available,
) -> Destinations {
    let traces = said(reader, Signal::Traces, overrides.traces.as_deref());
    let metrics = said(reader, Signal::Metrics, overrides.metrics.as_deref());
    let logs = said(reader, Signal::Logs, overrides.logs.as_deref());
    let trace_names = settle(reader, overrides, Signal::Traces, &traces, &metrics);
    let metric_names = settle(reader, overrides, Signal::Metrics, &metrics, &traces);
    let log_names = settle_logs(reader, overrides, &logs);
    let traces = resolve(reader, overrides, available, Signal::Traces, trace_names);
    let (fetched, sent): (Vec<_>, Vec<_>) =
        metric_names.names.into_iter().partition(|name| *name == ExporterName::Prometheus);
    let origin = metric_names.origin;
    let prometheus =
        if fetched.is_empty() { None } else { served(reader, overrides, available, origin).ok() };
    let metrics = if sent.is_empty() && !fetched.is_empty() {
        Vec::new()
    } else {
        let sent = Chosen { names: sent, origin };
        resolve(reader, overrides, available, Signal::Metrics, sent)
    };
    Destinations {
        traces,
        metrics,
        prometheus,
        logs: resolve(reader, overrides, available, Signal::Logs, log_names),
    }
}

/// What code or a signal's own variable said.
struct Said {
    names: Option<Chosen>,
    /// A list to complain about once it is known what is used in its place.
    bad: Option<Listed<ExporterName>>,
}

/// Exporters and who chose them.
#[derive(Clone)]
struct Chosen {
    names: Vec<ExporterName>,
    origin: Origin,
}

fn said(reader: &mut Reader<'_>, signal: Signal, code: Option<&[ExporterName]>) -> Said {
    if let Some(names) = code {
        let chosen = Chosen { names: names.to_vec(), origin: Origin::Code };
        return Said { names: Some(chosen), bad: None };
    }
    let variable = signal.variables().exporter;
    let Some(listed) = listed(reader, signal, variable) else {
        return Said { names: None, bad: None };
    };
    if listed.says_something() {
        let using = shown(&listed.values);
        reader.warn_list(variable, &listed, expected(signal), &using);
        let origin = Origin::Variable(variable.name());
        Said { names: Some(Chosen { names: listed.values, origin }), bad: None }
    } else {
        Said { names: None, bad: Some(listed) }
    }
}

fn listed(
    reader: &Reader<'_>,
    signal: Signal,
    variable: &'static Variable,
) -> Option<Listed<ExporterName>> {
    Some(match reader.text(variable)? {
        Err(problem) => Listed::unread(problem),
        Ok(text) => list(signal, &text),
    })
}

pub(super) fn list(signal: Signal, text: &str) -> Listed<ExporterName> {
    let known: Vec<_> = KNOWN.into_iter().filter(|(_, name)| name.takes(signal)).collect();
    match signal {
        Signal::Traces => list::parse(text, &known, &UNAVAILABLE_FOR_TRACES),
        Signal::Metrics => list::parse(text, &known, &UNAVAILABLE_FOR_METRICS),
        Signal::Logs => list::parse(text, &known, &UNAVAILABLE_FOR_LOGS),
    }
}

pub(super) fn expected(signal: Signal) -> &'static str {
    match signal {
        Signal::Traces => "a list of otlp, console, file, jaeger, tempo, datadog, zipkin, or none",
        Signal::Metrics => "a list of otlp, console, file, datadog, prometheus, or none",
        Signal::Logs => "a list of otlp, console, file, or none",
    }
}

/// The names for a signal: its own, those for both signals, those that places imply, the other
/// signal's, the console.
fn settle(
    reader: &mut Reader<'_>,
    overrides: &Overrides,
    signal: Signal,
    own: &Said,
    other: &Said,
) -> Chosen {
    let mut chosen = match &own.names {
        Some(chosen) => chosen.clone(),
        None => unnamed(reader, overrides, signal, other.names.as_ref()),
    };
    if let Some(bad) = &own.bad {
        let variable = signal.variables().exporter;
        reader.warn_list(variable, bad, expected(signal), &shown(&chosen.names));
    }
    let by_default = chosen.origin == Origin::Default;
    if overrides.file.is_some() && !chosen.names.contains(&ExporterName::File) {
        if by_default {
            chosen = Chosen { names: Vec::new(), origin: Origin::Code };
        }
        chosen.names.push(ExporterName::File);
    }
    match overrides.console {
        Some(true) if !chosen.names.contains(&ExporterName::Console) => {
            chosen.names.push(ExporterName::Console);
        }
        Some(false) => chosen.names.retain(|name| *name != ExporterName::Console),
        _ => {}
    }
    chosen
}

/// The names for log records: what is said of them and of nothing else, for a place of spans and
/// metrics may not take them.
fn settle_logs(reader: &mut Reader<'_>, overrides: &Overrides, own: &Said) -> Chosen {
    let endpoint = Signal::Logs.variables().endpoint;
    let mut chosen = match &own.names {
        Some(chosen) => chosen.clone(),
        None if reader.is_set(endpoint) => {
            let origin = Origin::Variable(endpoint.name());
            Chosen { names: vec![ExporterName::Otlp], origin }
        }
        None => Chosen { names: Vec::new(), origin: Origin::Default },
    };
    if let Some(bad) = &own.bad {
        let variable = Signal::Logs.variables().exporter;
        reader.warn_list(variable, bad, expected(Signal::Logs), &shown(&chosen.names));
    }
    if overrides.console == Some(false) {
        chosen.names.retain(|name| *name != ExporterName::Console);
    }
    chosen
}

fn unnamed(
    reader: &mut Reader<'_>,
    overrides: &Overrides,
    signal: Signal,
    other: Option<&Chosen>,
) -> Chosen {
    let implied = implied(reader, overrides, signal, other);
    let variable = table::OTEL_EXPORTER_TYPE;
    // Read as for spans: that Jaeger takes no metrics is no mistake in a variable for both.
    let Some(listed) = listed(reader, Signal::Traces, variable) else { return implied };
    let says_something = listed.says_something();
    let chosen = if says_something {
        let origin = Origin::Variable(variable.name());
        taking(signal, &listed.values, origin)
    } else {
        implied
    };
    let using = shown(if says_something { &listed.values } else { &chosen.names });
    reader.warn_list(variable, &listed, expected(Signal::Traces), &using);
    chosen
}

/// What follows from the places that are set.
fn implied(
    reader: &Reader<'_>,
    overrides: &Overrides,
    signal: Signal,
    other: Option<&Chosen>,
) -> Chosen {
    let endpoint = place::endpoint_origin(reader, overrides, signal);
    let file = table::SPANLINE_FILE;
    let file = reader.is_set(file).then(|| Origin::Variable(file.name()));
    let mut names = Vec::new();
    names.extend(endpoint.map(|_| ExporterName::Otlp));
    names.extend(file.map(|_| ExporterName::File));
    if let Some(origin) = endpoint.or(file) {
        return Chosen { names, origin };
    }
    if let Some(chosen) = other.filter(|chosen| !chosen.names.is_empty()) {
        let taking = taking(signal, &chosen.names, chosen.origin);
        // Whoever names a place for metrics alone has not said that spans go nowhere.
        if signal != Signal::Traces || !taking.names.is_empty() {
            return taking;
        }
    }
    if let Some(variable) = place::jaeger_agent(reader) {
        return taking(signal, &[ExporterName::Jaeger], Origin::Variable(variable.name()));
    }
    if overrides.has_span_exporter {
        return Chosen { names: Vec::new(), origin: Origin::Code };
    }
    Chosen { names: vec![ExporterName::Console], origin: Origin::Default }
}

fn taking(signal: Signal, names: &[ExporterName], origin: Origin) -> Chosen {
    let names = names.iter().filter(|name| name.takes(signal)).cloned().collect();
    Chosen { names, origin }
}

fn resolve(
    reader: &mut Reader<'_>,
    overrides: &Overrides,
    available: Available,
    signal: Signal,
    chosen: Chosen,
) -> Vec<Destination> {
    let what = signal.name();
    if chosen.names.is_empty() {
        reader.decide(what, "none", chosen.origin);
    }
    let mut destinations = Vec::new();
    for name in chosen.names {
        // What failed is said; what else is wrong should be said as well.
        let Ok((destination, shown, place)) =
            one(reader, overrides, available, signal, (&name, chosen.origin))
        else {
            continue;
        };
        // Two names for one place would send everything twice.
        if destinations.contains(&destination) {
            continue;
        }
        match place.filter(|place| *place != chosen.origin) {
            None => reader.decide(what, shown, chosen.origin),
            Some(place) => {
                reader.decide(what, shown, format_args!("{}; place: {place}", chosen.origin));
            }
        }
        destinations.push(destination);
    }
    destinations
}

/// A destination, how decisions show it, and where its place was said if it needs one.
fn one(
    reader: &mut Reader<'_>,
    overrides: &Overrides,
    available: Available,
    signal: Signal,
    (name, origin): (&ExporterName, Origin),
) -> Result<(Destination, String, Option<Origin>), Failed> {
    Ok(match name {
        ExporterName::Prometheus => return Err(not_taken(reader, signal, name)),
        ExporterName::Zipkin if !name.takes(signal) => {
            return Err(not_taken(reader, signal, name));
        }
        ExporterName::Console => (Destination::Console, "console".to_owned(), None),
        ExporterName::File => {
            if !available.file {
                let what = format_args!("the file exporter ({origin})");
                return Err(reader.fail_for_want_of(signal.name(), what, "file"));
            }
            let (path, origin) = file(reader, overrides);
            let shown = format!("file {}", path.display());
            (Destination::File(path), shown, Some(origin))
        }
        ExporterName::Zipkin => {
            if !available.zipkin {
                let what = format_args!("the zipkin exporter ({origin})");
                return Err(reader.fail_for_want_of(signal.name(), what, "zipkin"));
            }
            let (zipkin, origin) = zipkin::zipkin(reader, overrides)?;
            let shown = format!("zipkin {}", zipkin.place());
            (Destination::Zipkin(zipkin), shown, Some(origin))
        }
        ExporterName::Otlp
        | ExporterName::OtlpTo(_)
        | ExporterName::Jaeger
        | ExporterName::Tempo
        | ExporterName::Datadog => {
            let (otlp, origin) = otlp::resolve(reader, overrides, available, signal, name)?;
            let shown = format!("{} {} {}", name.word(), otlp.protocol.word(), otlp.place());
            (Destination::Otlp(otlp), shown, Some(origin))
        }
    })
}

/// Set in code, where a list of a variable would have been complained of.
fn not_taken(reader: &mut Reader<'_>, signal: Signal, name: &ExporterName) -> Failed {
    let what = signal.name();
    let problem = format_args!("{} takes no {what}", name.word());
    reader.warn(&format!("{what} exporters set in code"), problem, expected(signal), "the others");
    Failed
}

/// Where metrics are fetched.
fn served(
    reader: &mut Reader<'_>,
    overrides: &Overrides,
    available: Available,
    origin: Origin,
) -> Result<Prometheus, Failed> {
    if !available.prometheus {
        let what = format_args!("the prometheus exporter ({origin})");
        return Err(reader.fail_for_want_of("metrics", what, "prometheus"));
    }
    let settings = prometheus::prometheus(reader, overrides);
    reader.decide("metrics", format_args!("prometheus on {settings}"), origin);
    Ok(settings)
}

fn file(reader: &mut Reader<'_>, overrides: &Overrides) -> (PathBuf, Origin) {
    if let Some(path) = &overrides.file {
        return (path.clone(), Origin::Code);
    }
    let variable = table::SPANLINE_FILE;
    match reader.path(variable) {
        None => (PathBuf::from(DEFAULT_FILE), Origin::Default),
        Some(path) => {
            reader.note_file(&path, variable.name());
            (path, Origin::Variable(variable.name()))
        }
    }
}

fn shown(names: &[ExporterName]) -> String {
    let words: Vec<&str> = names.iter().map(ExporterName::word).collect();
    if words.is_empty() { "none".to_owned() } else { words.join(",") }
}
