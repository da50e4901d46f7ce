//! Why telemetry could not start, or what it could not deliver.

use std::fmt;
use std::path::{Path, PathBuf};

/// Why telemetry could not be set up, flushed or shut down.
///
/// Opaque on purpose: ask with [`is_configuration`](Error::is_configuration) and
/// [`is_lost`](Error::is_lost); `Display` is for a person, a line for each thing that is wrong.
pub struct Error(Box<Kind>);

#[derive(Debug)]
pub(crate) enum Kind {
    /// Going on would lose data or leak.
    Configuration { message: String, path: Option<PathBuf> },
    /// Some telemetry did not arrive.
    Lost { lost: Lost, reasons: Vec<String> },
}

/// How much did not arrive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lost {
    pub(crate) spans: u64,
    pub(crate) points: u64,
    pub(crate) records: u64,
}

impl Lost {
    pub(crate) fn is_any(self) -> bool {
        self != Self::default()
    }
}

impl Error {
    pub(crate) fn configuration(message: impl Into<String>) -> Self {
        Self(Box::new(Kind::Configuration { message: message.into(), path: None }))
    }

    /// All problems, a line each, the decisive ones first.
    pub(crate) fn configuration_of(problems: impl IntoIterator<Item = String>) -> Self {
        Self::configuration(problems.into_iter().collect::<Vec<_>>().join("\n"))
    }

    /// A file that the settings name cannot be used.
    #[cfg(any(feature = "file", feature = "otlp-grpc", feature = "otlp-http"))]
    pub(crate) fn file(path: &Path, message: impl Into<String>) -> Self {
        let path = Some(path.to_owned());
        Self(Box::new(Kind::Configuration { message: message.into(), path }))
    }

    /// The file that this is about.
    pub(crate) fn path(&self) -> Option<&Path> {
        match &*self.0 {
            Kind::Configuration { path, .. } => path.as_deref(),
            Kind::Lost { .. } => None,
        }
    }

    pub(crate) fn lost(lost: Lost, reasons: Vec<String>) -> Self {
        Self(Box::new(Kind::Lost { lost, reasons }))
    }

    /// Whether the settings are at fault.
    #[must_use]
    pub fn is_configuration(&self) -> bool {
        matches!(*self.0, Kind::Configuration { .. })
    }

    /// Whether telemetry was lost on its way.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        matches!(*self.0, Kind::Lost { .. })
    }

    /// How many spans were lost.
    #[must_use]
    pub fn lost_spans(&self) -> u64 {
        self.how_much().spans
    }

    /// How many metric points were lost.
    #[must_use]
    pub fn lost_points(&self) -> u64 {
        self.how_much().points
    }

    /// How many log records were lost.
    #[must_use]
    pub fn lost_records(&self) -> u64 {
        self.how_much().records
    }

    fn how_much(&self) -> Lost {
        match *self.0 {
            Kind::Lost { lost, .. } => lost,
            Kind::Configuration { .. } => Lost::default(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Kind::Configuration { message, .. } => formatter.write_str(message),
            Kind::Lost { lost: Lost { spans, points, records }, reasons } => {
                let plural = |count: u64| if count == 1 { "" } else { "s" };
                write!(formatter, "lost {spans} span{}", plural(*spans))?;
                // Most programs have no log records.
                formatter.write_str(if *records == 0 { " and" } else { "," })?;
                write!(formatter, " {points} metric point{}", plural(*points))?;
                if *records > 0 {
                    write!(formatter, " and {records} log record{}", plural(*records))?;
                }
                for (index, reason) in reasons.iter().enumerate() {
                    formatter.write_str(if index == 0 { ": " } else { "; " })?;
                    formatter.write_str(reason)?;
                }
                Ok(())
            }
        }
    }
}

/// The same sentence as `Display`: `main` prints errors with `Debug`.
impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl std::error::Error for Error {}
