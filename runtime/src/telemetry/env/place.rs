//! The endpoint of a signal: which variable says it, and which URL follows from it.

use super::endpoint::{Endpoint, without_secrets};
use super::exporter::ExporterName;
use super::format::Boolean;
use super::reader::{Origin, Reader, quoted};
use super::signal::Signal;
use super::table::{self, Variable};
use crate::Error;
use crate::telemetry::settings::{Overrides, Protocol};

pub(super) const GRPC_PORT: u16 = 4317;
pub(super) const HTTP_PORT: u16 = 4318;

/// An endpoint as it was said.
pub(super) struct Place {
    pub(super) text: String,
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
) -> Result<Option<Place>, Error> {
    let of_code = |text: &String| Place {
        text: text.trim().to_owned(),
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
        let text = reader.text(variable).transpose().map_err(|problem| {
            Error::configuration(format!(
                "{}: {problem}; expected a URL such as http://localhost:4318; telemetry is not \
                 set up",
                variable.name()
            ))
        })?;
        if let Some(text) = text {
            let origin = Origin::Variable(variable.name());
            return Ok(Some(Place { text, origin, name: variable.name(), whole, agent: false }));
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
    Ok(Place { text, origin, name: variable.name(), whole: false, agent: true })
}

pub(super) fn malformed(place: &Place, problem: &str) -> Error {
    let name = place.name;
    let value = quoted(&without_secrets(&place.text));
    Error::configuration(format!(
        "{name}: {value} {problem}; expected a URL such as http://localhost:4318; telemetry is \
         not set up"
    ))
}

/// The URL to send `signal` to.
pub(super) fn url(
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
    if endpoint.has_path() {
        let value = quoted(&without_secrets(&place.text));
        reader.warn_of(
            place.name,
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
    if origin == Origin::Default {
        let value = quoted(&without_secrets(&place.text));
        let used = endpoint.origin(scheme);
        reader.warn_of(
            place.name,
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
    let value = quoted(&without_secrets(&place.text));
    let path = signal.path();
    if place.whole && !endpoint.has_path() {
        let usual = endpoint.with_path(scheme, path);
        reader.warn_of(
            place.name,
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
        reader.warn_of(
            place.name,
            format_args!(
                "{value} ends with the path of a signal; expected the URL without it, since it \
                 is added; using {used}"
            ),
        );
    }
}
