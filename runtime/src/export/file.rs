//! OTLP/JSON, a request a line.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::trace::SpanData;

use super::Delivery;
use super::request::Request;
use crate::Error;

#[derive(Debug)]
pub(crate) struct FileExporter {
    path: PathBuf,
    file: File,
    /// The last write stopped inside a line, which must not swallow the next one.
    torn: bool,
}

impl FileExporter {
    /// Appends to the file; makes it, readable by its owner alone, when it is not there.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(path) {
            Ok(file) => Ok(Self { path: path.to_owned(), file, torn: false }),
            Err(error) => Err(Error::configuration(format!(
                "cannot write telemetry to `{}`: {error}; expected a file in an existing folder \
                 that may be written to",
                path.display()
            ))),
        }
    }

    pub(crate) fn export_spans(&mut self, resource: &Resource, spans: Vec<SpanData>) -> Delivery {
        self.export(&Request::traces(resource, spans))
    }

    pub(crate) fn export_metrics(&mut self, metrics: &ResourceMetrics) -> Delivery {
        self.export(&Request::metrics(metrics))
    }

    pub(crate) fn close(&mut self) -> Delivery {
        match self.file.sync_data() {
            // Pipes and devices have nothing to sync.
            Err(error) if error.kind() != io::ErrorKind::InvalidInput => {
                Delivery { lost: 0, reason: Some(self.reason(&error)) }
            }
            _ => Delivery::complete(),
        }
    }

    fn export(&mut self, request: &Request) -> Delivery {
        let items = request.items();
        if items == 0 {
            return Delivery::complete();
        }
        match self.append(request) {
            Ok(()) => Delivery::complete(),
            Err(error) => Delivery::lost(items, self.reason(&error)),
        }
    }

    /// One write for the whole line: processes that share the file do not mix their lines.
    fn append(&mut self, request: &Request) -> io::Result<()> {
        let mut line = if self.torn { vec![b'\n'] } else { Vec::new() };
        line.append(&mut request.to_json()?);
        line.push(b'\n');
        let mut rest = line.as_slice();
        while !rest.is_empty() {
            match self.file.write(rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => rest = rest.get(written..).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            }
            self.torn = !rest.is_empty();
        }
        Ok(())
    }

    fn reason(&self, error: &io::Error) -> String {
        format!("cannot write telemetry to `{}`: {error}", self.path.display())
    }
}
