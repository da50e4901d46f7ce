//! Reads variables once each, and keeps what there is to say about them.

use std::ffi::OsString;
use std::fmt::{self, Write as _};
use std::path::PathBuf;

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

/// One reading of the environment: values go out, warnings and decisions stay.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    environment: &'a Environment,
    /// By name, since a variable that serves two signals is still wrong once.
    warnings: Vec<(&'static str, String)>,
    decisions: Vec<String>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(environment: &'a Environment) -> Self {
        Self { environment, warnings: Vec::new(), decisions: Vec::new() }
    }

    pub(crate) fn environment(&self) -> &'a Environment {
        self.environment
    }

    /// Warnings and decisions, in the order in which they came up.
    pub(crate) fn into_parts(self) -> (Vec<String>, Vec<String>) {
        (self.warnings.into_iter().map(|(_, message)| message).collect(), self.decisions)
    }

    pub(super) fn warn(&mut self, variable: &'static Variable, message: impl fmt::Display) {
        self.warn_of(variable.name(), message);
    }

    /// One message per name: the first says what to mend.
    pub(super) fn warn_of(&mut self, name: &'static str, message: impl fmt::Display) {
        if !self.warnings.iter().any(|(warned, _)| *warned == name) {
            self.warnings.push((name, format!("{name}: {message}")));
        }
    }

    pub(crate) fn decide(
        &mut self,
        what: impl fmt::Display,
        value: impl fmt::Display,
        origin: impl fmt::Display,
    ) {
        self.decisions.push(format!("{what}: {value} ({origin})"));
    }

    pub(super) fn is_set(&self, variable: &'static Variable) -> bool {
        self.environment.raw(variable).is_some_and(|value| !is_blank(&value))
    }

    /// A path needs no particular encoding.
    pub(super) fn path(&self, variable: &'static Variable) -> Option<PathBuf> {
        self.environment.raw(variable).filter(|value| !is_blank(value)).map(PathBuf::from)
    }

    /// The trimmed text, `None` if there is none, and `Err` if it cannot be read as text.
    pub(super) fn text(&self, variable: &'static Variable) -> Option<Result<String, &'static str>> {
        let value = self.environment.raw(variable)?;
        match value.to_str().map(str::trim) {
            Some("") => None,
            Some(text) => Some(Ok(text.to_owned())),
            None => Some(Err("the value is not UTF-8")),
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
                self.warn(variable, format_args!("{problem}; expected text; using {using}"));
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
                self.warn(
                    variable,
                    format_args!(
                        "{found}, set in code, is out of range; expected {expected}; using {using}"
                    ),
                );
            }
            return (default, Origin::Default);
        }
        let mut picked = (default, Origin::Default);
        for &variable in variables.iter().rev() {
            let Some(text) = self.text(variable) else { continue };
            match text.map_err(str::to_owned).and_then(|text| format.parse(&text)) {
                Ok(value) => picked = (value, Origin::Variable(variable.name())),
                Err(problem) => {
                    let using = format.show(&picked.0);
                    self.warn(
                        variable,
                        format_args!("{problem}; expected {expected}; using {using}"),
                    );
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
        let mut message = String::new();
        for (index, problem) in listed.problems.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            let _infallible = write!(message, "{separator}{problem}");
        }
        if !message.is_empty() {
            self.warn(variable, format_args!("{message}; expected {expected}; using {using}"));
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
