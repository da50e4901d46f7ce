//! One signal's OTLP settings, from the signal's variables and the general ones.

use std::time::Duration;

use super::certificate::Files;
use super::endpoint::Endpoint;
use super::exporter::{Available, ExporterName};
use super::format::{Format as _, Milliseconds, Words};
use super::header_file;
use super::pair::{self, Headers};
use super::place::{GRPC_PORT, HTTP_PORT, malformed, place, url};
use super::reader::{Failed, Origin, Reader};
use super::signal::Signal;
use super::spool;
use super::table;
use crate::semconv::attribute;
use crate::telemetry::settings::{Otlp, Overrides, Protocol};

/// What a collector's gRPC receiver takes unless it was told otherwise.
const MAX_REQUEST_BYTES: usize = 4 * 1024 * 1024;

pub(super) const PROTOCOLS: Words<Protocol> = Words {
    known: &[
        ("grpc", Protocol::Grpc),
        ("http/protobuf", Protocol::HttpProtobuf),
        ("http/json", Protocol::HttpJson),
    ],
    unavailable: &[],
};

pub(super) const COMPRESSIONS: Words<bool> =
    Words { known: &[("gzip", true), ("none", false)], unavailable: &["zstd"] };

/// The settings of one OTLP exporter, and where its endpoint was said.
pub(super) fn resolve(
    reader: &mut Reader<'_>,
    overrides: &Overrides,
    available: Available,
    signal: Signal,
    name: &ExporterName,
) -> Result<(Otlp, Origin), Failed> {
    let place = place(reader, overrides, signal, name)?;
    let parsed = match &place {
        None => None,
        Some(place) => {
            let parsed = Endpoint::parse(&place.text);
            Some(parsed.map_err(|problem| malformed(reader, place, problem))?)
        }
    };
    let agent = place.as_ref().is_some_and(|place| place.agent);
    let chosen = if agent {
        (Protocol::Grpc, Origin::Port(GRPC_PORT))
    } else {
        protocol(reader, overrides, available, signal, name, parsed.as_ref())
    };
    let protocol = compiled_in(reader, available, signal, chosen)?;
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
    let header_file = header_file::resolve(reader, overrides, signal)?;
    let spool = spool::resolve(reader, overrides, available, signal)?;
    let files = Files::read(reader, overrides, signal, &endpoint)?;
    let otlp = Otlp {
        protocol,
        endpoint,
        headers,
        header_file,
        timeout,
        gzip,
        certificate: files.certificate,
        client_certificate: files.client_certificate,
        client_key: files.client_key,
        max_request_bytes: MAX_REQUEST_BYTES,
        cut_bytes: attribute::CONTENT_CUT_BYTES,
        spool,
    };
    Ok((otlp, origin))
}

fn protocol(
    reader: &mut Reader<'_>,
    overrides: &Overrides,
    available: Available,
    signal: Signal,
    name: &ExporterName,
    endpoint: Option<&Endpoint>,
) -> (Protocol, Origin) {
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
    (protocol, if origin == Origin::Default { default_origin } else { origin })
}

fn compiled_in(
    reader: &mut Reader<'_>,
    available: Available,
    signal: Signal,
    (protocol, origin): (Protocol, Origin),
) -> Result<Protocol, Failed> {
    if !available.serves(protocol) {
        // The other transport would find nobody who understands it at this endpoint.
        let feature = if protocol == Protocol::Grpc { "otlp-grpc" } else { "otlp-http" };
        let what = format_args!("OTLP as {} ({origin})", protocol.word());
        return Err(reader.fail_for_want_of(signal.name(), what, feature));
    }
    reader.decide(format_args!("{} protocol", signal.name()), protocol.word(), origin);
    Ok(protocol)
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
) -> Result<Vec<(String, String)>, Failed> {
    let mut result = Headers::default();
    let mut origins: Vec<String> = Vec::new();
    let variables = [signal.variables().headers, table::OTEL_EXPORTER_OTLP_HEADERS];
    if let Some(variable) = variables.into_iter().find(|variable| reader.is_set(variable)) {
        match reader.text(variable) {
            Some(Ok(text)) => result = pair::headers(&text),
            Some(Err(problem)) => result.problems.push(problem),
            None => {}
        }
        if !result.problems.is_empty() {
            let used = names(&result.headers);
            let used = if used.is_empty() { "no header of it".to_owned() } else { used };
            let problems = result.problems.join(", ");
            reader.warn(variable.name(), problems, pair::EXPECTED, used);
        }
        origins.push(variable.name().to_owned());
    }
    for (index, (name, value)) in overrides.headers.iter().enumerate() {
        if !pair::is_header_name(name) {
            let what = format!("header {} set in code", index + 1);
            return Err(reader.fail(&what, "no header can have its name", "one such as x-api-key"));
        }
        if !pair::is_header_value(value) {
            let what = format!("header {name} set in code");
            return Err(reader.fail(&what, "its value is not printable", "printable ASCII"));
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
