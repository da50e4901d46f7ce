//! The PEM files of an encrypted connection.

use std::path::PathBuf;

use super::endpoint::without_secrets;
use super::reader::{Origin, Reader};
use super::signal::Signal;
use super::table::{self, Variable};
use crate::Error;
use crate::telemetry::settings::Overrides;

/// The PEM files.
#[derive(Debug)]
pub(super) struct Files {
    pub(super) certificate: Option<PathBuf>,
    pub(super) client_certificate: Option<PathBuf>,
    pub(super) client_key: Option<PathBuf>,
}

impl Files {
    pub(super) fn read(
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
            if endpoint.starts_with("http://") {
                let name = match origin {
                    Origin::Variable(name) => name,
                    _ => "the certificate set in code",
                };
                reader.warn_of(
                    name,
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
