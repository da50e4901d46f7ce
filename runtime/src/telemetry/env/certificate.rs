//! The PEM files of an encrypted connection.

use std::path::{Path, PathBuf};

use super::endpoint::without_secrets;
use super::reader::{Failed, Origin, Reader, quoted};
use super::signal::Signal;
use super::table::{self, Variable};
use crate::telemetry::settings::Overrides;

pub(super) const EXPECTED: &str = "the path of a PEM file";

/// The PEM files, none for plain text.
#[derive(Debug, Default)]
pub(super) struct Files {
    pub(super) certificate: Option<PathBuf>,
    pub(super) client_certificate: Option<PathBuf>,
    pub(super) client_key: Option<PathBuf>,
}

/// A file and who named it.
type Named = Option<(PathBuf, Origin)>;

impl Files {
    pub(super) fn read(
        reader: &mut Reader<'_>,
        overrides: &Overrides,
        signal: Signal,
        endpoint: &str,
    ) -> Result<Self, Failed> {
        let family = signal.variables();
        let named = |code: &Option<PathBuf>, variables: [&'static Variable; 2]| {
            let of_code = code.clone().map(|path| (path, Origin::Code));
            of_code.or_else(|| {
                variables.into_iter().find_map(|variable| {
                    Some((reader.path(variable)?, Origin::Variable(variable.name())))
                })
            })
        };
        let certificate = named(
            &overrides.certificate,
            [family.certificate, table::OTEL_EXPORTER_OTLP_CERTIFICATE],
        );
        let client_certificate = named(
            &overrides.client_certificate,
            [family.client_certificate, table::OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE],
        );
        let client_key =
            named(&overrides.client_key, [family.client_key, table::OTEL_EXPORTER_OTLP_CLIENT_KEY]);
        if endpoint.starts_with("http://") {
            for (path, origin) in [certificate, client_certificate, client_key].iter().flatten() {
                reader.warn(
                    name(*origin),
                    format_args!("{} has no effect without encryption", shown(path)),
                    "an endpoint that starts with https://",
                    format_args!("plain text to {}", without_secrets(endpoint)),
                );
            }
            return Ok(Self::default());
        }
        let is_whole = is_whole(reader, &client_certificate, &client_key);
        let mut checked = |what, named| checked(reader, signal, what, named);
        let certificate = checked("certificate", certificate);
        let client_certificate = checked("client certificate", client_certificate);
        let client_key = checked("client key", client_key);
        is_whole?;
        Ok(Self {
            certificate: certificate?,
            client_certificate: client_certificate?,
            client_key: client_key?,
        })
    }
}

/// A client certificate and its key come together or not at all.
fn is_whole(reader: &mut Reader<'_>, certificate: &Named, key: &Named) -> Result<(), Failed> {
    let (there, is, missing) = match (certificate, key) {
        (Some(there), None) => {
            (there, "is a client certificate without its key", table::OTEL_EXPORTER_OTLP_CLIENT_KEY)
        }
        (None, Some(there)) => (
            there,
            "is a client key without its certificate",
            table::OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE,
        ),
        _ => return Ok(()),
    };
    let problem = format_args!("{} {is}", shown(&there.0));
    Err(reader.fail(name(there.1), problem, format_args!("{} as well", missing.name())))
}

fn checked(
    reader: &mut Reader<'_>,
    signal: Signal,
    what: &str,
    named: Named,
) -> Result<Option<PathBuf>, Failed> {
    let Some((path, origin)) = named else { return Ok(None) };
    if let Some(problem) = problem(&path) {
        return Err(reader.fail(name(origin), problem, EXPECTED));
    }
    if let Origin::Variable(variable) = origin {
        reader.note_file(&path, variable);
    }
    reader.decide(format_args!("{} {what}", signal.name()), path.display(), origin);
    Ok(Some(path))
}

fn name(origin: Origin) -> &'static str {
    match origin {
        Origin::Variable(name) => name,
        _ => "the certificate set in code",
    }
}

/// What can be said of a file without opening it; to open a pipe would be to empty it.
pub(super) fn problem(path: &Path) -> Option<String> {
    match std::fs::metadata(path) {
        Err(error) => Some(format!("{} cannot be read: {error}", shown(path))),
        Ok(file) if file.is_dir() => Some(format!("{} is a folder", shown(path))),
        Ok(_) => None,
    }
}

fn shown(path: &Path) -> String {
    quoted(&path.to_string_lossy())
}
