//! Pieces of text and the colour each has on a terminal.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr;

/// What a piece means; its colour follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    Plain,
    Strong,
    Faint,
    Good,
    Failed,
    Cancelled,
    Panicked,
}

impl Tone {
    fn style(self) -> Style {
        match self {
            Self::Plain => Style::new(),
            Self::Strong => Style::new().bold(),
            Self::Faint => Style::new().dimmed(),
            Self::Good => AnsiColor::Green.on_default(),
            Self::Failed => AnsiColor::Red.on_default(),
            Self::Cancelled => AnsiColor::Yellow.on_default(),
            Self::Panicked => AnsiColor::Magenta.on_default().bold(),
        }
    }
}

/// Text that is wrapped as one, already safe to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) tone: Tone,
}

impl Piece {
    pub(super) fn new(text: impl Into<String>, tone: Tone) -> Self {
        Self { text: text.into(), tone }
    }

    pub(super) fn plain(text: impl Into<String>) -> Self {
        Self::new(text, Tone::Plain)
    }

    pub(super) fn faint(text: impl Into<String>) -> Self {
        Self::new(text, Tone::Faint)
    }

    pub(super) fn width(&self) -> usize {
        self.text.width()
    }
}

/// One line under construction, which knows how many columns it takes.
#[derive(Debug)]
pub(super) struct Line {
    text: String,
    columns: usize,
    /// Spaces are only written once something follows them.
    gap: usize,
    colour: bool,
}

impl Line {
    pub(super) fn new(colour: bool) -> Self {
        Self { text: String::new(), columns: 0, gap: 0, colour }
    }

    pub(super) fn columns(&self) -> usize {
        self.columns + self.gap
    }

    pub(super) fn skip(&mut self, columns: usize) {
        self.gap += columns;
    }

    pub(super) fn push(&mut self, text: &str, tone: Tone) {
        if text.is_empty() {
            return;
        }
        self.text.extend(std::iter::repeat_n(' ', self.gap));
        self.columns += self.gap + text.width();
        self.gap = 0;
        let style = tone.style();
        if self.colour && style != Style::new() {
            // Writing to a `String` cannot fail.
            let _ = write!(self.text, "{style}{text}{style:#}");
        } else {
            self.text.push_str(text);
        }
    }

    /// Writes `text` in a column that is `width` wide.
    pub(super) fn cell(&mut self, text: &str, tone: Tone, width: usize) {
        self.push(text, tone);
        self.skip(width.saturating_sub(text.width()));
    }

    /// The same, with `text` at the column's right edge.
    pub(super) fn cell_right(&mut self, text: &str, tone: Tone, width: usize) {
        self.skip(width.saturating_sub(text.width()));
        self.push(text, tone);
    }

    pub(super) fn end(self, out: &mut String) {
        out.push_str(&self.text);
        out.push('\n');
    }
}
