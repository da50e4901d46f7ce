//! The headers of requests: those that are set, and those of a file, which may change while the
//! program runs.

use std::path::Path;
use std::time::SystemTime;

use crate::Error;
use crate::telemetry::env::header_file;
use crate::telemetry::settings::{HeaderFile, Otlp};

/// Names in lower case. Values may be secret: never printed.
pub(super) type Headers = Vec<(String, String)>;

/// Where the headers of requests come from.
#[derive(Clone)]
pub(super) struct Credentials {
    set: Headers,
    file: Option<Watched>,
}

#[derive(Clone)]
struct Watched {
    file: HeaderFile,
    stamp: Option<Stamp>,
    held: Headers,
}

/// What a file that was changed differs in.
type Stamp = (SystemTime, u64);

impl Credentials {
    /// Reads the file, where one is named.
    pub(super) fn new(settings: &Otlp) -> Result<Self, Error> {
        let set = settings.headers.clone();
        let Some(file) = settings.header_file.clone() else { return Ok(Self { set, file: None }) };
        // Before it is read: what changes meanwhile is read again.
        let stamp = stamp(&file.path);
        let held =
            header_file::read(&file.path).map_err(|problem| Error::file(&file.path, problem))?;
        Ok(Self { set, file: Some(Watched { file, stamp, held }) })
    }

    /// All of them; those of the file in place of others of their names.
    pub(super) fn headers(&self) -> Headers {
        let mut headers = self.set.clone();
        let of_file = self.file.iter().flat_map(|watched| {
            let file = &watched.file;
            watched.held.iter().filter(|(name, _)| !file.yields_to.contains(name))
        });
        for (name, value) in of_file {
            headers.retain(|(known, _)| known != name);
            headers.push((name.clone(), value.clone()));
        }
        headers
    }

    /// Reads the file again if it was changed, or in any case; whether it has other headers now. One
    /// that cannot be read at the moment leaves them as they are.
    pub(super) fn renew(&mut self, in_any_case: bool) -> bool {
        let Some(watched) = &mut self.file else { return false };
        let stamp = stamp(&watched.file.path);
        if !in_any_case && stamp == watched.stamp {
            return false;
        }
        let Ok(headers) = header_file::read(&watched.file.path) else { return false };
        watched.stamp = stamp;
        let is_other = headers != watched.held;
        watched.held = headers;
        is_other
    }
}

fn stamp(path: &Path) -> Option<Stamp> {
    let file = std::fs::metadata(path).ok()?;
    Some((file.modified().ok()?, file.len()))
}
