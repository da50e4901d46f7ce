//! OTLP/JSON, a request a line.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::trace::SpanData;

use super::Delivery;
use super::log_record::LogRecord;
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
            Err(error) => Err(Error::file(
                path,
                format!(
                    "cannot write telemetry to `{}`: {error}; expected a file in an existing \
                     folder that may be written to",
                    path.display()
                ),
            )),
        }
    }

    pub(crate) fn export_spans(&mut self, resource: &Resource, spans: Vec<SpanData>) -> Delivery {
        self.export(&Request::traces(resource, spans))
    }

    pub(crate) fn export_records(
        &mut self,
        resource: &Resource,
        records: Vec<LogRecord>,
    ) -> Delivery {
        self.export(&Request::logs(resource, records))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::request::sample;

    fn lines(path: &Path) -> Vec<serde_json::Value> {
        let text = std::fs::read_to_string(path).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn each_batch_is_one_line_of_otlp_json_after_what_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("telemetry.jsonl");
        std::fs::write(&path, "{}\n").unwrap();
        let mut file = FileExporter::open(&path).unwrap();
        let delivery = file.export_spans(&sample::resource(), sample::spans(3));
        assert_eq!(delivery, Delivery::complete());
        assert_eq!(file.export_metrics(&sample::metrics()), Delivery::complete());
        let delivery = file.export_records(&sample::resource(), sample::records(3));
        assert_eq!(delivery, Delivery::complete());
        assert_eq!(file.close(), Delivery::complete());

        let lines = lines(&path);
        assert_eq!(lines.len(), 4);
        let spans = Request::traces(&sample::resource(), sample::spans(3));
        assert_eq!(Request::Traces(serde_json::from_value(lines[1].clone()).unwrap()), spans);
        assert_eq!(lines[2]["resourceMetrics"][0]["scopeMetrics"].as_array().unwrap().len(), 2);
        let records = Request::logs(&sample::resource(), sample::records(3));
        assert_eq!(Request::Logs(serde_json::from_value(lines[3].clone()).unwrap()), records);
    }

    #[test]
    fn an_empty_batch_writes_no_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("telemetry.jsonl");
        let mut file = FileExporter::open(&path).unwrap();
        file.export_spans(&sample::resource(), Vec::new());
        file.export_metrics(&ResourceMetrics::default());
        file.export_records(&sample::resource(), Vec::new());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "");
    }

    #[cfg(unix)]
    #[test]
    fn a_new_file_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("telemetry.jsonl");
        FileExporter::open(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_file_in_no_folder_is_named_with_what_was_expected() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("missing").join("telemetry.jsonl");
        let error = FileExporter::open(&path).unwrap_err();
        assert!(error.is_configuration());
        let message = error.to_string();
        assert!(message.contains(path.to_str().unwrap()), "{message}");
        assert!(message.contains("expected a file in an existing folder"), "{message}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_counted_as_loss() {
        let mut file = FileExporter::open(Path::new("/dev/full")).unwrap();
        let delivery = file.export_spans(&sample::resource(), sample::spans(2));
        assert_eq!(delivery.lost, 2);
        let reason = delivery.reason.unwrap();
        assert!(reason.starts_with("cannot write telemetry to `/dev/full`: No space"), "{reason}");
    }

    #[test]
    fn a_torn_line_does_not_swallow_the_next_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("telemetry.jsonl");
        std::fs::write(&path, "{\"resourceSp").unwrap();
        let mut file = FileExporter::open(&path).unwrap();
        file.torn = true;
        file.export_spans(&sample::resource(), sample::spans(1));
        file.export_spans(&sample::resource(), sample::spans(1));
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 3);
        assert!(serde_json::from_str::<serde_json::Value>(lines[1]).is_ok(), "{text}");
    }
}
