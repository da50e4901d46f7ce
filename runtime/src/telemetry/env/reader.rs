//! Reads variables once each, and keeps what there is to say about them.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use super::Environment;
use super::format::Format;
use super::list::Listed;
use super::table::Variable;

/// Where a value was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Code,
    Variable(&'static str),
    /// The port of the endpoint speaks for its protocol.
    Port(u16),
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code => formatter.write_str("code"),
            Self::Variable(name) => formatter.write_str(name),
            Self::Port(port) => write!(formatter, "port {port}"),
            Self::Default => formatter.write_str("default"),
        }
    }
}

/// Something that cannot be gone on with; what it is, the reader has been told.
#[derive(Debug)]
pub(super) struct Failed;

/// One thing that is wrong.
#[derive(Debug)]
struct Complaint {
    /// The variable, or whatever else it is about.
    name: String,
    problem: String,
    /// What was expected, and what becomes of it.
    rest: String,
    is_fatal: bool,
}

impl fmt::Display for Complaint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}; {}", self.name, self.problem, self.rest)
    }
}

/// What there is to say about a reading.
#[derive(Debug, Default)]
pub(super) struct Report {
    /// In the order in which they came up.
    pub(super) fatal: Vec<String>,
    pub(super) warnings: Vec<String>,
    pub(super) decisions: Vec<String>,
    /// Files, each with the variable that names it.
    pub(super) files: Vec<(PathBuf, &'static str)>,
}

/// One reading of the environment: values go out, complaints and decisions stay.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    environment: &'a Environment,
    complaints: Vec<Complaint>,
    /// Variables that need no further examination.
    settled: Vec<&'static str>,
    report: Report,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(environment: &'a Environment) -> Self {
        let report = Report::default();
        Self { environment, complaints: Vec::new(), settled: Vec::new(), report }
    }

    pub(crate) fn environment(&self) -> &'a Environment {
        self.environment
    }

    pub(super) fn into_report(mut self) -> Report {
        for complaint in self.complaints {
            let kind =
                if complaint.is_fatal { &mut self.report.fatal } else { &mut self.report.warnings };
            kind.push(complaint.to_string());
        }
        self.report
    }

    /// What is wrong and what is used in its place.
    pub(super) fn warn(
        &mut self,
        name: &str,
        problem: impl fmt::Display,
        expected: impl fmt::Display,
        using: impl fmt::Display,
    ) {
        let rest = format!("expected {expected}; using {using}");
        self.complain(name, problem.to_string(), rest, false);
    }

    /// What is wrong with a value that nothing uses.
    pub(super) fn warn_of_unused(
        &mut self,
        variable: &'static Variable,
        problem: String,
        expected: impl fmt::Display,
    ) {
        let rest = format!("expected {expected}; it is not used");
        self.complain(variable.name(), problem, rest, false);
    }

    /// What is wrong, where going on would lose data or leak.
    pub(super) fn fail(
        &mut self,
        name: &str,
        problem: impl fmt::Display,
        expected: impl fmt::Display,
    ) -> Failed {
        let rest = format!("expected {expected}; telemetry is not set up");
        self.complain(name, problem.to_string(), rest, true);
        Failed
    }

    /// That something needs a feature of this crate.
    pub(super) fn fail_for_want_of(
        &mut self,
        name: &str,
        what: impl fmt::Display,
        feature: &str,
    ) -> Failed {
        let rest = format!("enable the feature `{feature}` of `spanline`");
        self.complain(name, format!("{what} is not compiled in"), rest, true);
        Failed
    }

    /// Once for each thing that is wrong with a name: a variable that serves two signals is still
    /// wrong once.
    fn complain(&mut self, name: &str, problem: String, rest: String, is_fatal: bool) {
        let is_known = |known: &Complaint| known.name == name && known.problem == problem;
        if !self.complaints.iter().any(is_known) {
            self.complaints.push(Complaint { name: name.to_owned(), problem, rest, is_fatal });
        }
    }

    /// Whatever there is to say about this variable has been said.
    pub(super) fn settle(&mut self, variable: &'static Variable) {
        self.settled.push(variable.name());
    }

    /// The value of a variable that may not have been looked at.
    pub(super) fn unread(&self, variable: &'static Variable) -> Option<OsString> {
        let is_settled = self.settled.contains(&variable.name());
        self.environment.raw(variable).filter(|value| !is_settled && !is_blank(value))
    }

    /// That errors about this file are errors about this variable.
    pub(super) fn note_file(&mut self, path: &Path, variable: &'static str) {
        self.report.files.push((path.to_owned(), variable));
    }

    pub(crate) fn decide(
        &mut self,
        what: impl fmt::Display,
        value: impl fmt::Display,
        origin: impl fmt::Display,
    ) {
        self.report.decisions.push(format!("{what}: {value} ({origin})"));
    }

    pub(super) fn is_set(&self, variable: &'static Variable) -> bool {
        self.environment.raw(variable).is_some_and(|value| !is_blank(&value))
    }

    /// A path needs no particular encoding.
    pub(super) fn path(&self, variable: &'static Variable) -> Option<PathBuf> {
        self.environment.raw(variable).filter(|value| !is_blank(value)).map(PathBuf::from)
    }

    /// The trimmed text, `None` if there is none, and what is wrong if it cannot be read as text.
    pub(super) fn text(&self, variable: &'static Variable) -> Option<Result<String, String>> {
        let value = self.environment.raw(variable)?;
        match value.to_str().map(str::trim) {
            Some("") => None,
            Some(text) => Some(Ok(text.to_owned())),
            None => Some(Err(variable.form().not_text(&value))),
        }
    }

    /// The text of a variable that takes any text.
    pub(crate) fn any_text(
        &mut self,
        variable: &'static Variable,
        using: impl fmt::Display,
    ) -> Option<String> {
        match self.text(variable)? {
            Ok(text) => Some(text),
            Err(problem) => {
                self.warn(variable.name(), problem, variable.form().expected(), using);
                None
            }
        }
    }

    /// Code, then the variables in their order, then the default; a bad value gives way to what
    /// comes after it.
    pub(crate) fn pick<F: Format>(
        &mut self,
        format: &F,
        code: Option<F::Value>,
        variables: &[&'static Variable],
        default: F::Value,
    ) -> (F::Value, Origin) {
        let expected = format.expected(&default);
        if let Some(value) = code {
            if format.accepts(&value) {
                return (value, Origin::Code);
            }
            if let Some(&variable) = variables.last() {
                let (found, using) = (format.show(&value), format.show(&default));
                let problem = format_args!("{found}, set in code, is out of range");
                self.warn(variable.name(), problem, expected, using);
            }
            return (default, Origin::Default);
        }
        let mut picked = (default, Origin::Default);
        for &variable in variables.iter().rev() {
            let Some(text) = self.text(variable) else { continue };
            match text.and_then(|text| format.parse(&text)) {
                Ok(value) => picked = (value, Origin::Variable(variable.name())),
                Err(problem) => {
                    let using = format.show(&picked.0);
                    self.warn(variable.name(), problem, &expected, using);
                }
            }
        }
        picked
    }

    /// Like `pick`, and one line of the decisions.
    pub(crate) fn setting<F: Format>(
        &mut self,
        what: &str,
        format: &F,
        code: Option<F::Value>,
        variables: &[&'static Variable],
        default: F::Value,
    ) -> F::Value {
        let (value, origin) = self.pick(format, code, variables, default);
        self.decide(what, format.show(&value), origin);
        value
    }

    /// Says what was wrong in a list and what is used of it.
    pub(super) fn warn_list<T>(
        &mut self,
        variable: &'static Variable,
        listed: &Listed<T>,
        expected: &str,
        using: &str,
    ) {
        if !listed.problems.is_empty() {
            self.warn(variable.name(), listed.problems.join(", "), expected, using);
        }
    }
}

fn is_blank(value: &OsString) -> bool {
    value.to_str().is_some_and(|text| text.trim().is_empty())
}

/// A value as messages show it: quoted, with a limit, so that one bad value cannot flood a log.
pub(super) fn quoted(text: &str) -> String {
    const LIMIT: usize = 80;
    let mut characters = text.chars();
    let start: String = characters.by_ref().take(LIMIT).collect();
    if characters.next().is_some() { format!("{start:?}…") } else { format!("{start:?}") }
}
