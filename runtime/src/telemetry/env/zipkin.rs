//! Where Zipkin takes spans.

use std::time::Duration;

use super::endpoint::{Endpoint, without_secrets};
use super::format::{Format as _, Milliseconds};
use super::reader::{Failed, Origin, Reader, quoted};
use super::table;
use crate::telemetry::settings::{Overrides, Zipkin};

const ENDPOINT: &str = "http://localhost:9411/api/v2/spans";
const EXPECTED: &str = "a URL such as http://localhost:9411/api/v2/spans";

/// The settings, and where the endpoint was said.
pub(super) fn zipkin(
    reader: &mut Reader<'_>,
    overrides: &Overrides,
) -> Result<(Zipkin, Origin), Failed> {
    let variable = table::OTEL_EXPORTER_ZIPKIN_ENDPOINT;
    let (name, said, origin) = match &overrides.zipkin_endpoint {
        Some(text) => ("the Zipkin endpoint set in code", Some(Ok(text.clone())), Origin::Code),
        None => (variable.name(), reader.text(variable), Origin::Variable(variable.name())),
    };
    let (endpoint, origin) = match said {
        None => (ENDPOINT.to_owned(), Origin::Default),
        Some(text) => match text.and_then(|text| whole(&text)) {
            Ok(endpoint) => (endpoint, origin),
            Err(problem) => {
                reader.settle(variable);
                return Err(reader.fail(name, problem, EXPECTED));
            }
        },
    };
    let timeout = [table::OTEL_EXPORTER_ZIPKIN_TIMEOUT];
    let default = Duration::from_secs(10);
    let (timeout, of_timeout) = reader.pick(&Milliseconds, None, &timeout, default);
    reader.decide("zipkin timeout, ms", Milliseconds.show(&timeout), of_timeout);
    Ok((Zipkin { endpoint, timeout }, origin))
}

fn whole(text: &str) -> Result<String, String> {
    let problem = match Endpoint::parse(text) {
        Ok(Endpoint { scheme: None, .. }) => "starts with neither http:// nor https://",
        Ok(endpoint) => return Ok(endpoint.whole(endpoint.scheme.unwrap_or_default())),
        // Of an OTLP endpoint they would belong in its headers.
        Err(problem) if problem.starts_with("carries credentials") => {
            "carries credentials, which a collector in between could send"
        }
        Err(problem) => problem,
    };
    Err(format!("{} {problem}", quoted(&without_secrets(text))))
}
