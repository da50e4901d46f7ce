//! Where the output goes: how wide it is, whether it has colours, which characters it shows.
//!
//! * Lines are wrapped on a terminal only, at `COLUMNS` or else at the terminal's width.
//! * Colours: never with a non-empty `NO_COLOR`; always with `CLICOLOR_FORCE` other than `0`; else on
//!   a terminal, unless `TERM=dumb` or `CLICOLOR=0`.
//! * ASCII only: where the locale (the first non-empty of `LC_ALL`, `LC_CTYPE`, `LANG`) is not UTF-8,
//!   and on the Linux text console (`TERM=linux`), whose fonts lack most of Unicode. With no locale at
//!   all, as on Windows and in most containers, Unicode.

use std::io::IsTerminal;

use crate::telemetry::env::Environment;
use crate::telemetry::env::table::{self, Variable};

/// Signs with an ASCII stand-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Glyphs {
    pub(super) unicode: bool,
}

impl Glyphs {
    fn pick(self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self.unicode { unicode } else { ascii }
    }

    /// Before a child that has younger siblings.
    pub(super) fn branch(self) -> &'static str {
        self.pick("├─ ", "|- ")
    }

    /// Before a last child.
    pub(super) fn last_branch(self) -> &'static str {
        self.pick("└─ ", "`- ")
    }

    /// Beside everything between a span and its next sibling.
    pub(super) fn rail(self) -> &'static str {
        self.pick("│  ", "|  ")
    }

    /// In place of levels that are not drawn.
    pub(super) fn cut_rail(self) -> &'static str {
        self.pick("…  ", ".. ")
    }

    pub(super) fn arrow(self) -> &'static str {
        self.pick("→", "->")
    }

    pub(super) fn ellipsis(self) -> &'static str {
        self.pick("…", "...")
    }

    pub(super) fn times(self) -> &'static str {
        self.pick("×", "x")
    }

    pub(super) fn microseconds(self) -> &'static str {
        self.pick("µs", "us")
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Width {
    /// Not a terminal: whoever reads it has their own idea of width.
    Endless,
    Columns(usize),
    /// Asked anew for each tree, because windows are resized.
    OfStderr,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Screen {
    width: Width,
    pub(super) colour: bool,
    pub(super) glyphs: Glyphs,
}

impl Screen {
    /// What the environment says about stderr.
    pub(super) fn of_stderr() -> Self {
        let environment = Environment::of_process();
        let variable = |variable| environment.plain(variable);
        let mut screen = Self::decide(std::io::stderr().is_terminal(), variable);
        // Old Windows consoles print the escapes in place of obeying them.
        if screen.colour && anstyle_query::windows::enable_ansi_colors() == Some(false) {
            screen.colour = false;
        }
        screen
    }

    /// With everything said outright; `None` is a file of endless width.
    #[cfg(test)]
    pub(super) fn fixed(width: Option<usize>, colour: bool, unicode: bool) -> Self {
        let width = width.map_or(Width::Endless, Width::Columns);
        Self { width, colour, glyphs: Glyphs { unicode } }
    }

    fn decide(terminal: bool, variable: impl Fn(&'static Variable) -> Option<String>) -> Self {
        let filled = |name| variable(name).filter(|value| !value.is_empty());
        let term = filled(table::TERM).unwrap_or_default();

        let colour = if filled(table::NO_COLOR).is_some() {
            false
        } else if filled(table::CLICOLOR_FORCE).is_some_and(|value| value != "0") {
            true
        } else {
            terminal && term != "dumb" && filled(table::CLICOLOR).is_none_or(|value| value != "0")
        };

        let locale = [table::LC_ALL, table::LC_CTYPE, table::LANG].into_iter().find_map(filled);
        let utf8 = locale.is_none_or(|locale| {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        });
        let unicode = utf8 && !(terminal && term == "linux");

        let columns = filled(table::COLUMNS).and_then(|value| value.trim().parse::<usize>().ok());
        let width = match (terminal, columns) {
            (false, _) => Width::Endless,
            (true, Some(columns)) if columns > 0 => Width::Columns(columns),
            (true, _) => Width::OfStderr,
        };
        Self { width, colour, glyphs: Glyphs { unicode } }
    }

    /// Columns per line now; `None` where lines are not wrapped.
    pub(super) fn columns(&self) -> Option<usize> {
        match self.width {
            Width::Endless => None,
            Width::Columns(columns) => Some(columns),
            Width::OfStderr => terminal_size::terminal_size_of(std::io::stderr())
                .map(|(terminal_size::Width(columns), _)| usize::from(columns)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Screen, Width};

    fn decide(terminal: bool, variables: &[(&str, &str)]) -> Screen {
        Screen::decide(terminal, |variable| {
            variables
                .iter()
                .find(|(key, _)| *key == variable.name())
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn colours_are_for_terminals() {
        assert!(decide(true, &[]).colour);
        assert!(!decide(false, &[]).colour);
        assert!(!decide(true, &[("TERM", "dumb")]).colour);
        assert!(!decide(true, &[("CLICOLOR", "0")]).colour);
        assert!(decide(true, &[("CLICOLOR", "1")]).colour);
    }

    #[test]
    fn no_color_wins_over_force_and_force_over_the_terminal() {
        assert!(!decide(true, &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")]).colour);
        assert!(decide(true, &[("NO_COLOR", "")]).colour);
        assert!(decide(false, &[("CLICOLOR_FORCE", "1"), ("TERM", "dumb")]).colour);
        assert!(!decide(false, &[("CLICOLOR_FORCE", "0")]).colour);
    }

    #[test]
    fn a_locale_that_is_not_utf8_gets_ascii() {
        assert!(decide(false, &[]).glyphs.unicode);
        assert!(!decide(false, &[("LANG", "C")]).glyphs.unicode);
        assert!(decide(false, &[("LC_ALL", ""), ("LANG", "de_DE.UTF-8")]).glyphs.unicode);
        assert!(decide(false, &[("LC_ALL", "C.utf8"), ("LANG", "C")]).glyphs.unicode);
        assert!(!decide(false, &[("LC_ALL", "POSIX"), ("LANG", "C.UTF-8")]).glyphs.unicode);
        assert!(!decide(true, &[("TERM", "linux"), ("LANG", "C.UTF-8")]).glyphs.unicode);
        assert!(decide(false, &[("TERM", "linux")]).glyphs.unicode);
    }

    #[test]
    fn only_a_terminal_has_a_width() {
        assert_eq!(decide(false, &[("COLUMNS", "80")]).width, Width::Endless);
        assert_eq!(decide(true, &[("COLUMNS", "72")]).width, Width::Columns(72));
        assert_eq!(decide(true, &[("COLUMNS", "many")]).width, Width::OfStderr);
        assert_eq!(decide(true, &[("COLUMNS", "0")]).width, Width::OfStderr);
        assert_eq!(decide(false, &[]).columns(), None);
    }
}
