//! What has to be said at set-up and shutdown, and once a minute at most where something is lost: written to
//! stderr, by no thread of the program's after set-up.

use std::io::Write as _;
use std::sync::{Mutex, PoisonError};

use super::diagnostics::{Level, tell};
use super::settings::LogLevel;

/// Messages so far, and how many of them are written.
#[derive(Debug)]
pub(crate) struct Notices {
    level: LogLevel,
    warnings: Mutex<Vec<String>>,
}

impl Notices {
    pub(crate) fn new(level: LogLevel) -> Self {
        Self { level, warnings: Mutex::default() }
    }

    pub(crate) fn warn(&self, message: &str) {
        tell(Level::Warn, format_args!("{message}"));
        self.write(LogLevel::Warn, "warning", message);
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner).push(message.to_owned());
    }

    /// What `health` has already.
    pub(crate) fn remind(&self, message: &str) {
        self.write(LogLevel::Warn, "warning", message);
    }

    pub(crate) fn error(&self, message: &str) {
        tell(Level::Error, format_args!("{message}"));
        self.write(LogLevel::Error, "error", message);
    }

    pub(crate) fn warnings(&self) -> Vec<String> {
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn write(&self, severity: LogLevel, word: &str, message: &str) {
        if severity <= self.level {
            // A closed stderr is nobody's fault.
            let _ = writeln!(std::io::stderr(), "spanline: {word}: {message}");
        }
    }
}
