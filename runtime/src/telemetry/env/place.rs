//! The endpoint of a signal: which variable says it, and which URL follows from it.

use super::endpoint::{Endpoint, without_secrets};
use super::exporter::ExporterName;
use super::format::Boolean;
use super::reader::{Failed, Origin, Reader, quoted};
use super::signal::Signal;
use super::table::{self, Variable};
use crate::telemetry::settings::{Overrides, Protocol};

pub(super) const GRPC_PORT: u16 = 4317;
pub(super) const HTTP_PORT: u16 = 4318;

pub(super) const URL_EXPECTED: &str = "a URL such as http://localhost:4318";
pub(super) const HOST_EXPECTED: &str = "the name of a host";
pub(super) const PORT_EXPECTED: &str = "a number from 1 to 65535 such as 6831";
const NO_SCHEME: &str = "starts with neither http:// nor https://";

/// An endpoint as it was said.
pub(super) struct Place {
    pub(super) text: String,
    /// As messages show it.
    shown: String,
    pub(super) origin: Origin,
    /// For messages.
    name: &'static str,
    /// For one signal: used as it is.
    whole: bool,
    /// A retired agent's host, where only OTLP's gRPC port can be counted on.
    pub(super) agent: bool,
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

/// The endpoint that counts for `signal`, if one is said.
pub(super) fn place(
    reader: &mut Reader<'_>,
    overrides: &Overrides,
    signal: Signal,
    name: &ExporterName,
) -> Result<Option<Place>, Failed> {
    let of_code = |text: &String| Place {
        text: text.trim().to_owned(),
        shown: quoted(&without_secrets(text)),
        origin: Origin::Code,
        name: "the OTLP endpoint set in code",
        whole: false,
        agent: false,
    };
    if let ExporterName::OtlpTo(endpoint) = name {
        return Ok(Some(of_code(endpoint)));
    }
    if let Some(endpoint) = &overrides.endpoint {
        return Ok(Some(of_code(endpoint)));
    }
    for (variable, whole) in endpoint_variables(signal) {
        let name = variable.name();
        match reader.text(variable) {
            None => {}
            Some(Err(problem)) => return Err(reader.fail(name, problem, URL_EXPECTED)),
            Some(Ok(text)) => {
                // What is wrong with it is for those to say who know the protocol.
                reader.settle(variable);
                let shown = quoted(&without_secrets(&text));
                let origin = Origin::Variable(name);
                return Ok(Some(Place { text, shown, origin, name, whole, agent: false }));
            }
        }
    }
    match jaeger_agent(reader).filter(|_| *name == ExporterName::Jaeger) {
        Some(variable) => jaeger_place(reader, variable).map(Some),
        None => Ok(None),
    }
}

fn jaeger_place(reader: &mut Reader<'_>, variable: &'static Variable) -> Result<Place, Failed> {
    let name = variable.name();
    let (host, shown, what) = match reader.text(table::OTEL_EXPORTER_JAEGER_AGENT_HOST) {
        Some(Err(problem)) => return Err(reader.fail(name, problem, HOST_EXPECTED)),
        Some(Ok(host)) => (agent_host(&host), quoted(&host), "host"),
        None => {
            let port = reader.text(table::OTEL_EXPORTER_JAEGER_AGENT_PORT);
            let shown = port.and_then(Result::ok).map_or("the value".to_owned(), |it| quoted(&it));
            ("localhost".to_owned(), shown, "port")
        }
    };
    let text = format!("http://{host}:{GRPC_PORT}");
    if Endpoint::parse(&text).is_ok() {
        reader.warn(
            name,
            format_args!("{shown} is the {what} of a Jaeger agent, whose protocol is retired"),
            table::OTEL_EXPORTER_OTLP_ENDPOINT.name(),
            format_args!("OTLP over gRPC to {text}"),
        );
    }
    let origin = Origin::Variable(name);
    Ok(Place { text, shown, origin, name, whole: false, agent: true })
}

/// An IPv6 address is bare in a variable for a host and in brackets in a URL.
fn agent_host(host: &str) -> String {
    if host.contains(':') && !host.starts_with('[') { format!("[{host}]") } else { host.to_owned() }
}

pub(super) fn host_problem(text: &str) -> Option<String> {
    let problem = Endpoint::parse(&format!("http://{}:{GRPC_PORT}", agent_host(text))).err()?;
    Some(format!("{} {problem}", quoted(text)))
}

pub(super) fn port_problem(text: &str) -> Option<String> {
    let is_port = text.parse::<u16>().is_ok_and(|port| port > 0);
    (!is_port).then(|| format!("{} is not the number of a port", quoted(text)))
}

/// Of an endpoint that nothing uses.
pub(super) fn url_problem(text: &str, is_grpc: bool) -> Option<String> {
    let problem = match Endpoint::parse(text) {
        Err(problem) => problem,
        Ok(url) if url.scheme.is_some() || is_grpc || url.port == Some(GRPC_PORT) => return None,
        Ok(_) => NO_SCHEME,
    };
    Some(format!("{} {problem}", quoted(&without_secrets(text))))
}

pub(super) fn malformed(reader: &mut Reader<'_>, place: &Place, problem: &str) -> Failed {
    let expected = if place.agent { HOST_EXPECTED } else { URL_EXPECTED };
    reader.fail(place.name, format_args!("{} {problem}", place.shown), expected)
}

/// The URL to send `signal` to.
pub(super) fn url(
    reader: &mut Reader<'_>,
    signal: Signal,
    protocol: Protocol,
    place: &Place,
    endpoint: &Endpoint,
) -> Result<String, Failed> {
    if protocol != Protocol::Grpc {
        let Some(scheme) = endpoint.scheme else {
            return Err(malformed(reader, place, NO_SCHEME));
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
    if endpoint.has_path() {
        let problem = format_args!("{} has a path", place.shown);
        reader.warn(place.name, problem, "none with gRPC", &origin);
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
    if origin == Origin::Default {
        let problem = format_args!("{} has no scheme", place.shown);
        reader.warn(place.name, problem, "http:// or https://", endpoint.origin(scheme));
    } else {
        reader.decide(format_args!("{} scheme", signal.name()), scheme, origin);
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
    let (value, path) = (&place.shown, signal.path());
    let ends_with = |end| endpoint.path.trim_end_matches('/').ends_with(end);
    if place.whole && !endpoint.has_path() {
        let usual = endpoint.with_path(scheme, path);
        reader.warn(
            place.name,
            format_args!("{value} has no path and is used as it is"),
            format_args!("the whole URL, for most collectors {usual}"),
            endpoint.whole(scheme),
        );
    } else if !place.whole && ["/v1/traces", "/v1/metrics", "/v1/logs"].into_iter().any(ends_with) {
        reader.warn(
            place.name,
            format_args!("{value} ends with the path of a signal"),
            "the URL without it, since it is added",
            without_secrets(&endpoint.with_path(scheme, path)),
        );
    }
}
