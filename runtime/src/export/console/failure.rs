//! What errors leave on a span: the one it ended with, its sources, those it survived.

use opentelemetry::trace::Status;
use opentelemetry::{KeyValue, Value};
use opentelemetry_sdk::trace::SpanData;

use super::ink::{Piece, Tone};
use super::screen::Glyphs;
use super::span::{Outcome, plural};
use super::text::printable;
use crate::semconv::{attribute, error_type, event};

/// Columns of an error's text, and of a line of its source chain.
const ERROR: usize = 400;
/// Lines of an error's source chain.
const CHAIN: usize = 6;
/// Errors that a span recorded beside the one it ended with.
const RECORDED: usize = 3;

/// Told once, however often the span repeats it.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: Option<String>,
    pub(super) below: Vec<Piece>,
}

impl Failure {
    pub(super) fn new(span: &SpanData, outcome: Outcome, glyphs: Glyphs) -> Self {
        let exceptions: Vec<_> = span
            .events
            .iter()
            .filter(|event| event.name == event::EXCEPTION)
            .map(|event| Exception::new(&event.attributes))
            .collect();

        let last = exceptions.last();
        let message = message(span, last);
        let error =
            if outcome == Outcome::Ok { None } else { described(kind(span, last), message) };
        let mut below = Vec::new();
        let mut recorded = Vec::new();
        for exception in &exceptions {
            let text = described(Some(exception.kind), exception.message).unwrap_or_default();
            let repeats = error.as_deref().is_some_and(|error| {
                error.contains(&text) || (!message.is_empty() && exception.message == message)
            });
            if !repeats && !text.is_empty() && !recorded.contains(&text) {
                recorded.push(text);
            } else if repeats && below.is_empty() {
                below = exception.chain(error.as_deref().unwrap_or_default(), glyphs);
            }
        }
        let more = recorded.len().saturating_sub(RECORDED);
        for text in recorded.into_iter().take(RECORDED) {
            let text = format!("recorded {}", printable(&text, ERROR, glyphs));
            below.push(Piece::new(text, Tone::Failed));
        }
        if more > 0 {
            below.push(Piece::faint(format!("{more} more recorded {}", plural(more, "error"))));
        }
        Self { error: error.map(|error| printable(&error, ERROR, glyphs)), below }
    }
}

/// What the span's last error says.
fn message<'span>(span: &'span SpanData, exception: Option<&Exception<'span>>) -> &'span str {
    match &span.status {
        Status::Error { description } if !description.is_empty() => description,
        _ => exception.map_or("", |exception| exception.message),
    }
}

/// The type of the error that a span ended with, where it says more than the outcome.
fn kind<'span>(span: &'span SpanData, exception: Option<&Exception<'span>>) -> Option<&'span str> {
    find(&span.attributes, attribute::ERROR_TYPE)
        .or(exception.map(|exception| exception.kind))
        .filter(|kind| {
            !matches!(
                *kind,
                error_type::OTHER
                    | error_type::ABANDONED
                    | error_type::CANCELLED
                    | error_type::PANIC
            )
        })
}

/// Type and message in one, without saying either twice.
fn described(kind: Option<&str>, message: &str) -> Option<String> {
    match (kind.unwrap_or_default(), message) {
        ("", "") => None,
        ("", text) | (text, "") => Some(text.to_owned()),
        (kind, message) if message == kind || message.starts_with(&format!("{kind}: ")) => {
            Some(message.to_owned())
        }
        (kind, message) => Some(format!("{kind}: {message}")),
    }
}

struct Exception<'event> {
    kind: &'event str,
    message: &'event str,
    stacktrace: &'event str,
}

impl<'event> Exception<'event> {
    fn new(attributes: &'event [KeyValue]) -> Self {
        let text = |name| find(attributes, name).unwrap_or_default();
        Self {
            kind: text(attribute::EXCEPTION_TYPE),
            message: text(attribute::EXCEPTION_MESSAGE),
            stacktrace: text(attribute::EXCEPTION_STACKTRACE),
        }
    }

    /// The lines below the error itself.
    fn chain(&self, error: &str, glyphs: Glyphs) -> Vec<Piece> {
        let mut lines = self
            .stacktrace
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .skip_while(|line| error.contains(*line) || line.ends_with(error));
        let mut shown: Vec<_> = lines
            .by_ref()
            .take(CHAIN)
            .map(|line| Piece::faint(printable(line, ERROR, glyphs)))
            .collect();
        let more = lines.count();
        if more > 0 {
            shown.push(Piece::faint(format!("{more} more {}", plural(more, "line"))));
        }
        shown
    }
}

fn find<'span>(attributes: &'span [KeyValue], name: &str) -> Option<&'span str> {
    attributes.iter().find(|attribute| attribute.key.as_str() == name).and_then(|attribute| {
        match &attribute.value {
            Value::String(text) => Some(text.as_str()),
            _ => None,
        }
    })
}
