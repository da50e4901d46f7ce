//! Each variable: good, bad, empty, and who wins over whom.

mod certificate;
mod content;
mod convention;
mod examination;
mod exporter;
mod identity;
mod masks;
mod otlp;
mod prometheus;
mod sampling;
mod spool;
mod table;
mod value;
mod zipkin;

use std::ffi::OsString;

use super::Environment;
use super::exporter::Available;
use crate::Error;
use crate::telemetry::settings::{Destination, Otlp, Overrides, Settings};

const ALL: Available = Available {
    grpc: true,
    http: true,
    file: true,
    zipkin: true,
    prometheus: true,
    content: true,
    spool: true,
};

/// An environment of `variables`, in a process called `program`.
fn environment(variables: &[(&str, &str)]) -> Environment {
    let variables: Vec<(String, OsString)> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), value.into())).collect();
    let find = move |name: &str| {
        variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    };
    Environment::new(find, Some("program"))
}

fn attempt(variables: &[(&str, &str)], overrides: &Overrides) -> Result<Settings, Error> {
    Settings::with_available(&environment(variables), overrides, ALL)
}

fn settings(variables: &[(&str, &str)]) -> Settings {
    attempt(variables, &Overrides::default()).unwrap()
}

fn settings_of_code(overrides: &Overrides) -> Settings {
    attempt(&[], overrides).unwrap()
}

/// The settings, which must have come without a warning.
fn quiet(variables: &[(&str, &str)]) -> Settings {
    let settings = settings(variables);
    assert_eq!(settings.warnings, [""; 0]);
    settings
}

fn error(variables: &[(&str, &str)]) -> String {
    let error = attempt(variables, &Overrides::default()).unwrap_err();
    assert!(error.is_configuration());
    error.to_string()
}

/// The only OTLP exporter among `destinations`.
fn otlp(destinations: &[Destination]) -> &Otlp {
    match destinations {
        [Destination::Otlp(otlp)] => otlp,
        other => panic!("expected one OTLP exporter, found {other:?}"),
    }
}

fn assert_decided(settings: &Settings, line: &str) {
    let found = settings.decisions.iter().any(|decision| decision == line);
    assert!(found, "{line:?} is not among {:#?}", settings.decisions);
}
