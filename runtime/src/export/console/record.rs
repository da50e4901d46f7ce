//! A log record as a line.

use std::fmt::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

use opentelemetry::logs::{AnyValue, Severity};
use opentelemetry::trace::TraceId;

use super::ink::{Line, Tone};
use super::screen::Screen;
use super::short;
use super::span::plural;
use super::text::printable;
use crate::export::log_record::LogRecord;

/// Columns of a name, and of an attribute's value.
const NAME: usize = 120;
const VALUE: usize = 120;
/// Columns of a body.
const BODY: usize = 400;
/// Attributes that are listed.
const ATTRIBUTES: usize = 24;
/// Characters of a value that are looked at: more would not be shown.
const LOOKED_AT: usize = 4 * BODY;

/// Time of day (UTC), severity, event name, body, attributes, and the trace that it belongs to.
pub(super) fn line(record: &LogRecord, screen: &Screen) -> String {
    let glyphs = screen.glyphs;
    let mut line = Line::new(screen.colour);
    line.push(&time_of_day(record.time.unwrap_or(record.observed)), Tone::Faint);
    let (word, tone) = severity(record);
    line.skip(2);
    line.cell(&printable(word, NAME, glyphs), tone, 5);
    let mut add = |text: &str, tone| {
        line.skip(2);
        line.push(text, tone);
    };
    if !record.event_name.is_empty() {
        add(&printable(record.event_name, NAME, glyphs), Tone::Strong);
    }
    if let Some(body) = &record.body {
        add(&printable(&written(body), BODY, glyphs), Tone::Plain);
    }
    for (key, value) in record.attributes.iter().take(ATTRIBUTES) {
        let key = printable(key.as_str(), NAME, glyphs);
        let text = printable(&written(value), VALUE, glyphs);
        let is_text = matches!(value, AnyValue::String(_));
        if is_text && (text.is_empty() || text.contains(char::is_whitespace)) {
            add(&format!("{key}=\"{text}\""), Tone::Plain);
        } else {
            add(&format!("{key}={text}"), Tone::Plain);
        }
    }
    let more = record.attributes.len().saturating_sub(ATTRIBUTES);
    if more > 0 {
        add(&format!("{more} more {}", plural(more, "attribute")), Tone::Faint);
    }
    let dropped = record.dropped_attributes as usize;
    if dropped > 0 {
        add(&format!("{dropped} {} dropped", plural(dropped, "attribute")), Tone::Faint);
    }
    if record.trace_id != TraceId::INVALID {
        add(&format!("trace {}", short(record.trace_id, glyphs)), Tone::Faint);
    }
    let mut out = String::new();
    line.end(&mut out);
    out
}

fn severity(record: &LogRecord) -> (&str, Tone) {
    let Some(severity) = record.severity else {
        return (record.severity_text.unwrap_or("-"), Tone::Plain);
    };
    let tone = match severity {
        severity if severity >= Severity::Error => Tone::Failed,
        severity if severity >= Severity::Warn => Tone::Cancelled,
        severity if severity < Severity::Info => Tone::Faint,
        _ => Tone::Plain,
    };
    (severity.name(), tone)
}

fn time_of_day(time: SystemTime) -> String {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let seconds = since.as_secs() % (24 * 60 * 60);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{hours:02}:{minutes:02}:{seconds:02}.{:03}Z", since.subsec_millis())
}

/// Maps and lists as JSON has them, but for their quotes.
fn written(value: &AnyValue) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

fn write(value: &AnyValue, out: &mut String) {
    if out.len() > LOOKED_AT {
        return;
    }
    // Writing to a `String` cannot fail.
    let _ = match value {
        AnyValue::Int(value) => write!(out, "{value}"),
        AnyValue::Double(value) => write!(out, "{value}"),
        AnyValue::Boolean(value) => write!(out, "{value}"),
        AnyValue::String(text) => write!(out, "{text}"),
        AnyValue::Bytes(bytes) => {
            write!(out, "{} {}", bytes.len(), plural(bytes.len(), "byte"))
        }
        AnyValue::ListAny(values) => {
            out.push('[');
            for (index, value) in values.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { ", " });
                write(value, out);
            }
            write!(out, "]")
        }
        AnyValue::Map(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by(|a, b| a.0.cmp(b.0));
            out.push('{');
            for (index, (key, value)) in members.into_iter().enumerate() {
                let _ = write!(out, "{}{key}: ", if index == 0 { "" } else { ", " });
                write(value, out);
            }
            write!(out, "}}")
        }
        _ => Ok(()),
    };
}
