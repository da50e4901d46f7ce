//! One signal's OTLP settings, from the signal's variables and the general ones.

use std::path::PathBuf;
use std::time::Duration;

use super::endpoint::{Endpoint, without_secrets};
use super::exporter::{Available, ExporterName};
use super::format::{Boolean, Format as _, Milliseconds, Words};
use super::pair::{self, Headers};
use super::reader::{Origin, Reader, quoted};
use super::table::{self, Variable};
use crate::Error;
use crate::telemetry::settings::{Otlp, Overrides, Protocol};

/// What is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signal {
    Traces,
    Metrics,
}

/// One family of variables.
#[derive(Debug)]
pub(super) struct Family {
    pub(super) exporter: &'static Variable,
    endpoint: &'static Variable,
    protocol: &'static Variable,
    headers: &'static Variable,
    timeout: &'static Variable,
    compression: &'static Variable,
    insecure: &'static Variable,
    certificate: &'static Variable,
    client_certificate: &'static Variable,
    client_key: &'static Variable,
}

const TRACES: Family = Family {
    exporter: table::OTEL_TRACES_EXPORTER,
    endpoint: table::OTEL_EXPORTER_OTLP_TRACES_ENDPOINT,
    protocol: table::OTEL_EXPORTER_OTLP_TRACES_PROTOCOL,
    headers: table::OTEL_EXPORTER_OTLP_TRACES_HEADERS,
    timeout: table::OTEL_EXPORTER_OTLP_TRACES_TIMEOUT,
    compression: table::OTEL_EXPORTER_OTLP_TRACES_COMPRESSION,
    insecure: table::OTEL_EXPORTER_OTLP_TRACES_INSECURE,
    certificate: table::OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE,
    client_certificate: table::OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE,
    client_key: table::OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY,
};

const METRICS: Family = Family {
    exporter: table::OTEL_METRICS_EXPORTER,
    endpoint: table::OTEL_EXPORTER_OTLP_METRICS_ENDPOINT,
    protocol: table::OTEL_EXPORTER_OTLP_METRICS_PROTOCOL,
    headers: table::OTEL_EXPORTER_OTLP_METRICS_HEADERS,
    timeout: table::OTEL_EXPORTER_OTLP_METRICS_TIMEOUT,
    compression: table::OTEL_EXPORTER_OTLP_METRICS_COMPRESSION,
    insecure: table::OTEL_EXPORTER_OTLP_METRICS_INSECURE,
    certificate: table::OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE,
    client_certificate: table::OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE,
    client_key: table::OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY,
};

impl Signal {
    pub(super) fn variables(self) -> &'static Family {
        match self {
            Self::Traces => &TRACES,
            Self::Metrics => &METRICS,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Traces => "traces",
            Self::Metrics => "metrics",
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::Traces => "v1/traces",
            Self::Metrics => "v1/metrics",
        }
    }
}

const GRPC_PORT: u16 = 4317;
const HTTP_PORT: u16 = 4318;

/// What a collector's gRPC receiver takes unless it was told otherwise.
const MAX_REQUEST_BYTES: usize = 4 * 1024 * 1024;

const PROTOCOLS: Words<Protocol> = Words {
    known: &[
        ("grpc", Protocol::Grpc),
        ("http/protobuf", Protocol::HttpProtobuf),
        ("http/json", Protocol::HttpJson),
    ],
    unavailable: &[],
};

const COMPRESSIONS: Words<bool> =
    Words { known: &[("gzip", true), ("none", false)], unavailable: &["zstd"] };

/// An endpoint as it was said.
struct Place {
    text: String,
    origin: Origin,
    variable: Option<&'static Variable>,
    /// For one signal: used as it is.
    whole: bool,
}

/// Where an endpoint for `signal` was set, if it was.
pub(super) fn endpoint_origin(
    reader: &Reader<'_>,
    overrides: &Overrides,
    signal: Signal,
) -> Option<Origin> {
    if overrides.endpoint.is_some() {
        return Some(Origin::Code);
    }
    let (variable, _) = endpoint_variables(signal).into_iter().find(|(v, _)| reader.is_set(v))?;
    Some(Origin::Variable(variable.name()))
}

/// In their order, and whether they hold the whole URL.
fn endpoint_variables(signal: Signal) -> [(&'static Variable, bool); 3] {
    [
        (signal.variables().endpoint, true),
        (table::OTEL_EXPORTER_OTLP_ENDPOINT, false),
        (table::FLO_OTLP_ENDPOINT, false),
    ]
}

/// The variable that speaks of a Jaeger agent, if one does.
pub(super) fn jaeger_agent(reader: &Reader<'_>) -> Option<&'static Variable> {
    let variables =
        [table::OTEL_EXPORTER_JAEGER_AGENT_HOST, table::OTEL_EXPORTER_JAEGER_AGENT_PORT];
    variables.into_iter().find(|variable| reader.is_set(variable))
}

fn place(
    reader: &mut Reader<'_>,
    overrides: &Overrides,
    signal: Signal,
    name: &ExporterName,
) -> Result<Option<Place>, Error> {
    let of_code = |text: &String| Place {
        text: text.trim().to_owned(),
        origin: Origin::Code,
        variable: None,
        whole: false,
    };
    if let ExporterName::OtlpTo(endpoint) = name {
        return Ok(Some(of_code(endpoint)));
    }
    if let Some(endpoint) = &overrides.endpoint {
        return Ok(Some(of_code(endpoint)));
    }
    for (variable, whole) in endpoint_variables(signal) {
        let text = reader.text(variable).transpose().map_err(|problem| {
            Error::configuration(format!(
                "{}: {problem}; expected a URL such as http://localhost:4318; telemetry is not \
                 set up",
                variable.name()
            ))
        })?;
        if let Some(text) = text {
            let origin = Origin::Variable(variable.name());
            return Ok(Some(Place { text, origin, variable: Some(variable), whole }));
        }
    }
    match jaeger_agent(reader).filter(|_| *name == ExporterName::Jaeger) {
        Some(variable) => jaeger_place(reader, variable).map(Some),
        None => Ok(None),
    }
}

fn jaeger_place(reader: &mut Reader<'_>, variable: &'static Variable) -> Result<Place, Error> {
    let host = match reader.text(table::OTEL_EXPORTER_JAEGER_AGENT_HOST) {
        None => "localhost".to_owned(),
        // An IPv6 address is bare in this variable and in brackets in a URL.
        Some(Ok(host)) if host.contains(':') && !host.starts_with('[') => format!("[{host}]"),
        Some(Ok(host)) => host,
        Some(Err(problem)) => {
            return Err(Error::configuration(format!(
                "{}: {problem}; expected the name of a host; telemetry is not set up",
                variable.name()
            )));
        }
    };
    let text = format!("http://{host}:{GRPC_PORT}");
    reader.warn(
        variable,
        format_args!(
            "the protocol of Jaeger's agent is retired; expected OTEL_EXPORTER_OTLP_ENDPOINT; \
             using OTLP over gRPC to {}",
            without_secrets(&text)
        ),
    );
    let origin = Origin::Variable(variable.name());
    Ok(Place { text, origin, variable: Some(variable), whole: false })
}

/// The settings of one OTLP exporter, and where its endpoint was said.
pub(super) fn resolve(
    reader: &mut Reader<'_>,
    overrides: &Overrides,
    available: Available,
    signal: Signal,
    name: &ExporterName,
) -> Result<(Otlp, Origin), Error> {
    let place = place(reader, overrides, signal, name)?;
    let parsed = match &place {
        None => None,
        Some(place) => {
            Some(Endpoint::parse(&place.text).map_err(|problem| malformed(place, problem))?)
        }
    };
    let protocol = protocol(reader, overrides, available, signal, name, parsed.as_ref())?;
    let origin = place.as_ref().map_or(Origin::Default, |place| place.origin);
    let endpoint = match (place, parsed) {
        (Some(place), Some(endpoint)) => url(reader, signal, protocol, &place, &endpoint)?,
        _ => match protocol {
            Protocol::Grpc => format!("http://localhost:{GRPC_PORT}"),
            Protocol::HttpProtobuf | Protocol::HttpJson => {
                format!("http://localhost:{HTTP_PORT}/{}", signal.path())
            }
        },
    };
    let timeout = timeout(reader, overrides, signal);
    let gzip = gzip(reader, overrides, signal);
    let headers = headers(reader, overrides, signal)?;
    let files = Files::read(reader, overrides, signal, &endpoint)?;
    let otlp = Otlp {
        protocol,
        endpoint,
        headers,
        timeout,
        gzip,
        certificate: files.certificate,
        client_certificate: files.client_certificate,
        client_key: files.client_key,
        max_request_bytes: MAX_REQUEST_BYTES,
    };
    Ok((otlp, origin))
}

fn malformed(place: &Place, problem: &str) -> Error {
    let name = place.variable.map_or("the OTLP endpoint set in code", Variable::name);
    let value = quoted(&without_secrets(&place.text));
    Error::configuration(format!(
        "{name}: {value} {problem}; expected a URL such as http://localhost:4318; telemetry is \
         not set up"
    ))
}

fn protocol(
    reader: &mut Reader<'_>,
    overrides: &Overrides,
    available: Available,
    signal: Signal,
    name: &ExporterName,
    endpoint: Option<&Endpoint>,
) -> Result<Protocol, Error> {
    let port = endpoint.and_then(|endpoint| endpoint.port);
    let (default, default_origin) = match (port, name) {
        (Some(GRPC_PORT), _) => (Protocol::Grpc, Origin::Port(GRPC_PORT)),
        (Some(HTTP_PORT), _) => (Protocol::HttpProtobuf, Origin::Port(HTTP_PORT)),
        (_, ExporterName::Jaeger | ExporterName::Tempo | ExporterName::Datadog)
            if endpoint.is_none() =>
        {
            (Protocol::Grpc, Origin::Default)
        }
        // Nobody said: what is compiled in serves.
        _ if available.grpc && !available.http => (Protocol::Grpc, Origin::Default),
        _ => (Protocol::HttpProtobuf, Origin::Default),
    };
    let default = match default {
        Protocol::Grpc if endpoint.is_none() && !available.grpc => Protocol::HttpProtobuf,
        default => default,
    };
    let variables = [signal.variables().protocol, table::OTEL_EXPORTER_OTLP_PROTOCOL];
    let (protocol, origin) = reader.pick(&PROTOCOLS, overrides.protocol, &variables, default);
    let origin = if origin == Origin::Default { default_origin } else { origin };
    if !available.serves(protocol) {
        // The other transport would find nobody who understands it at this endpoint.
        let feature = if protocol == Protocol::Grpc { "otlp-grpc" } else { "otlp-http" };
        return Err(Error::configuration(format!(
            "{}: OTLP as {} ({origin}) is not compiled in; enable the feature `{feature}` of \
             `spanline`",
            signal.name(),
            protocol.word()
        )));
    }
    reader.decide(format_args!("{} protocol", signal.name()), protocol.word(), origin);
    Ok(protocol)
}

fn url(
    reader: &mut Reader<'_>,
    signal: Signal,
    protocol: Protocol,
    place: &Place,
    endpoint: &Endpoint,
) -> Result<String, Error> {
    if protocol != Protocol::Grpc {
        let Some(scheme) = endpoint.scheme else {
            return Err(malformed(place, "starts with neither http:// nor https://"));
        };
        warn_of_path(reader, signal, place, endpoint, scheme);
        return Ok(if place.whole {
            endpoint.whole(scheme)
        } else {
            endpoint.with_path(scheme, signal.path())
        });
    }
    let scheme = match endpoint.scheme {
        Some(scheme) => scheme,
        None => grpc_scheme(reader, signal, place, endpoint),
    };
    let origin = endpoint.origin(scheme);
    if let Some(variable) = place.variable.filter(|_| endpoint.has_path()) {
        let value = quoted(&without_secrets(&place.text));
        reader.warn(
            variable,
            format_args!("{value} has a path; expected none with gRPC; using {origin}"),
        );
    }
    Ok(origin)
}

/// As the specification has it: encrypted, unless told otherwise.
fn grpc_scheme(
    reader: &mut Reader<'_>,
    signal: Signal,
    place: &Place,
    endpoint: &Endpoint,
) -> &'static str {
    let variables = [signal.variables().insecure, table::OTEL_EXPORTER_OTLP_INSECURE];
    let (insecure, origin) = reader.pick(&Boolean, None, &variables, false);
    let scheme = if insecure { "http" } else { "https" };
    if let Some(variable) = place.variable.filter(|_| origin == Origin::Default) {
        let value = quoted(&without_secrets(&place.text));
        let used = endpoint.origin(scheme);
        reader.warn(
            variable,
            format_args!("{value} has no scheme; expected http:// or https://; using {used}"),
        );
    }
    scheme
}

/// Two URLs that follow the specification to a 404.
fn warn_of_path(
    reader: &mut Reader<'_>,
    signal: Signal,
    place: &Place,
    endpoint: &Endpoint,
    scheme: &str,
) {
    let Some(variable) = place.variable else { return };
    let value = quoted(&without_secrets(&place.text));
    let path = signal.path();
    if place.whole && !endpoint.has_path() {
        let usual = endpoint.with_path(scheme, path);
        reader.warn(
            variable,
            format_args!(
                "{value} has no path and is used as it is; expected the whole URL, for most \
                 collectors {usual}; using {}",
                endpoint.whole(scheme)
            ),
        );
    } else if !place.whole
        && ["/v1/traces", "/v1/metrics"]
            .iter()
            .any(|end| endpoint.path.trim_end_matches('/').ends_with(end))
    {
        let used = without_secrets(&endpoint.with_path(scheme, path));
        reader.warn(
            variable,
            format_args!(
                "{value} ends with the path of a signal; expected the URL without it, since it \
                 is added; using {used}"
            ),
        );
    }
}

fn timeout(reader: &mut Reader<'_>, overrides: &Overrides, signal: Signal) -> Duration {
    let variables = [signal.variables().timeout, table::OTEL_EXPORTER_OTLP_TIMEOUT];
    let default = Duration::from_secs(10);
    let (timeout, origin) = reader.pick(&Milliseconds, overrides.timeout, &variables, default);
    reader.decide(
        format_args!("{} timeout, ms", signal.name()),
        Milliseconds.show(&timeout),
        origin,
    );
    timeout
}

fn gzip(reader: &mut Reader<'_>, overrides: &Overrides, signal: Signal) -> bool {
    let variables = [signal.variables().compression, table::OTEL_EXPORTER_OTLP_COMPRESSION];
    let (gzip, origin) = reader.pick(&COMPRESSIONS, overrides.gzip, &variables, false);
    reader.decide(format_args!("{} compression", signal.name()), COMPRESSIONS.show(&gzip), origin);
    gzip
}

/// Those of the environment, with those of code over them, name by name.
fn headers(
    reader: &mut Reader<'_>,
    overrides: &Overrides,
    signal: Signal,
) -> Result<Vec<(String, String)>, Error> {
    let mut result = Headers::default();
    let mut origins: Vec<String> = Vec::new();
    let variables = [signal.variables().headers, table::OTEL_EXPORTER_OTLP_HEADERS];
    if let Some(variable) = variables.into_iter().find(|variable| reader.is_set(variable)) {
        match reader.text(variable) {
            Some(Ok(text)) => result = pair::headers(&text),
            Some(Err(problem)) => result.problems.push(problem.to_owned()),
            None => {}
        }
        if !result.problems.is_empty() {
            let used = names(&result.headers);
            let used = if used.is_empty() { "no header of it".to_owned() } else { used };
            let problems = result.problems.join(", ");
            reader.warn(
                variable,
                format_args!(
                    "{problems}; expected name=value,name=value, percent-encoded; using {used}"
                ),
            );
        }
        origins.push(variable.name().to_owned());
    }
    for (index, (name, value)) in overrides.headers.iter().enumerate() {
        if !pair::is_header_name(name) {
            return Err(Error::configuration(format!(
                "header {} set in code has a name that no header can have; expected one such as \
                 x-api-key; telemetry is not set up",
                index + 1
            )));
        }
        if !pair::is_header_value(value) {
            return Err(Error::configuration(format!(
                "header {name} set in code has a value that is not printable ASCII; telemetry is \
                 not set up"
            )));
        }
        result.set(name, value.clone());
    }
    if !overrides.headers.is_empty() {
        origins.push(Origin::Code.to_string());
    }
    if !result.headers.is_empty() {
        let what = format!("{} headers", signal.name());
        reader.decide(what, names(&result.headers), origins.join(", "));
    }
    Ok(result.headers)
}

fn names(headers: &[(String, String)]) -> String {
    let names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
    names.join(", ")
}

/// The PEM files.
struct Files {
    certificate: Option<PathBuf>,
    client_certificate: Option<PathBuf>,
    client_key: Option<PathBuf>,
}

impl Files {
    fn read(
        reader: &mut Reader<'_>,
        overrides: &Overrides,
        signal: Signal,
        endpoint: &str,
    ) -> Result<Self, Error> {
        let family = signal.variables();
        let mut file = |what: &str, code: &Option<PathBuf>, own, general: &'static Variable| {
            let variables: [&'static Variable; 2] = [own, general];
            let set = variables.into_iter().find_map(|variable| {
                Some((reader.path(variable)?, Origin::Variable(variable.name())))
            });
            let (path, origin) = code.clone().map(|path| (path, Origin::Code)).or(set)?;
            let what = format!("{} {what}", signal.name());
            reader.decide(what, path.display(), origin);
            if let Origin::Variable(name) = origin
                && endpoint.starts_with("http://")
                && let Some(variable) = variables.into_iter().find(|v| v.name() == name)
            {
                reader.warn(
                    variable,
                    format_args!(
                        "has no effect on {}; expected an endpoint that starts with https://; \
                         using plain text",
                        without_secrets(endpoint)
                    ),
                );
            }
            Some(path)
        };
        let certificate = file(
            "certificate",
            &overrides.certificate,
            family.certificate,
            table::OTEL_EXPORTER_OTLP_CERTIFICATE,
        );
        let client_certificate = file(
            "client certificate",
            &overrides.client_certificate,
            family.client_certificate,
            table::OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE,
        );
        let client_key = file(
            "client key",
            &overrides.client_key,
            family.client_key,
            table::OTEL_EXPORTER_OTLP_CLIENT_KEY,
        );
        let (set, missing) = match (&client_certificate, &client_key) {
            (Some(_), None) => ("certificate", table::OTEL_EXPORTER_OTLP_CLIENT_KEY),
            (None, Some(_)) => ("key", table::OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE),
            _ => return Ok(Self { certificate, client_certificate, client_key }),
        };
        Err(Error::configuration(format!(
            "{}: there is a client {set} without its counterpart; expected {} as well; telemetry \
             is not set up",
            signal.name(),
            missing.name()
        )))
    }
}
