//! Where Prometheus fetches metrics.

use super::format::Format;
use super::place;
use super::reader::{Origin, Reader, quoted};
use super::table;
use crate::telemetry::settings::{Overrides, Prometheus};

pub(super) const HOST: &str = "localhost";
pub(super) const PORT: u16 = 9464;

/// A port to listen on; 0 leaves the choice to the system.
#[derive(Debug)]
pub(crate) struct ListeningPort;

impl Format for ListeningPort {
    type Value = u16;

    fn parse(&self, text: &str) -> Result<u16, String> {
        text.parse().map_err(|_| format!("{} is not the number of a port", quoted(text)))
    }

    fn expected(&self, default: &u16) -> String {
        format!("a number from 0 to 65535 such as {default}")
    }

    fn show(&self, value: &u16) -> String {
        value.to_string()
    }
}

pub(super) fn prometheus(reader: &mut Reader<'_>, overrides: &Overrides) -> Prometheus {
    let port = reader.setting(
        "prometheus port",
        &ListeningPort,
        overrides.prometheus_port,
        &[table::OTEL_EXPORTER_PROMETHEUS_PORT],
        PORT,
    );
    Prometheus { host: host(reader, overrides), port }
}

fn host(reader: &mut Reader<'_>, overrides: &Overrides) -> String {
    let variable = table::OTEL_EXPORTER_PROMETHEUS_HOST;
    let (host, origin) = match (&overrides.prometheus_host, reader.text(variable)) {
        (Some(host), _) => (host.clone(), Origin::Code),
        (None, None) => (HOST.to_owned(), Origin::Default),
        (None, Some(text)) => {
            let checked = text.and_then(|text| match place::host_problem(&text) {
                None => Ok(text),
                Some(problem) => Err(problem),
            });
            match checked {
                Ok(text) => (text, Origin::Variable(variable.name())),
                Err(problem) => {
                    reader.warn(variable.name(), problem, place::HOST_EXPECTED, HOST);
                    (HOST.to_owned(), Origin::Default)
                }
            }
        }
    };
    reader.decide("prometheus host", &host, origin);
    host
}
