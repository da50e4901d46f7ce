//! From environment variables to settings.

mod baggage;
mod certificate;
mod content;
mod convention;
mod endpoint;
mod examination;
mod exporter;
mod form;
mod format;
pub(crate) mod header_file;
mod identity;
mod list;
mod masks;
mod otlp;
mod overload;
mod pair;
mod place;
mod prices;
mod prometheus;
mod propagator;
mod reader;
mod reading;
mod records;
mod sampler;
mod signal;
mod spool;
pub(crate) mod table;
mod tail;
#[cfg(test)]
mod tests;
mod zipkin;

use std::ffi::OsString;
use std::fmt;

pub(crate) use endpoint::without_secrets;
#[cfg(fuzzing)]
pub(crate) use exporter::Available;
pub use exporter::ExporterName;
pub(crate) use identity::ResourceVariables;
#[cfg(fuzzing)]
pub(crate) use prices::parse as parse_prices;
pub(crate) use reader::{Origin, Reader};

type Source = dyn Fn(&str) -> Option<OsString>;

/// The environment of a process; tests bring their own, so that they never share one.
pub(crate) struct Environment {
    source: Box<Source>,
    executable: Option<String>,
}

impl Environment {
    /// This process's variables and executable.
    pub(crate) fn of_process() -> Self {
        let executable = std::env::current_exe().ok();
        let name = executable.as_ref().and_then(|path| path.file_name());
        Self {
            source: Box::new(|name| std::env::var_os(name)),
            executable: name.map(|name| name.to_string_lossy().into_owned()),
        }
    }

    /// Variables from `source`, in a process that runs `executable`.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn new(
        source: impl Fn(&str) -> Option<OsString> + 'static,
        executable: Option<&str>,
    ) -> Self {
        Self { source: Box::new(source), executable: executable.map(str::to_owned) }
    }

    /// The file name of the executable, if the system tells.
    pub(crate) fn executable(&self) -> Option<&str> {
        self.executable.as_deref()
    }

    /// What a variable that takes anything says, as far as it is text.
    pub(crate) fn plain(&self, variable: &'static table::Variable) -> Option<String> {
        self.raw(variable).map(|value| value.to_string_lossy().into_owned())
    }

    /// Only names in the table can be asked for; an empty value is no value.
    fn raw(&self, variable: &'static table::Variable) -> Option<OsString> {
        (self.source)(variable.name()).filter(|value| !value.is_empty())
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Environment").finish_non_exhaustive()
    }
}
