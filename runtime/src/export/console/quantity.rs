//! Durations, numbers and tokens as people read them.

use std::time::Duration;

use super::screen::Glyphs;
use crate::semconv::unit;

/// Three digits and a unit; minutes and hours with their smaller half.
pub(super) fn duration(duration: Duration, glyphs: Glyphs) -> String {
    let nanos = duration.as_nanos();
    let rounded = |unit: u128| (nanos + unit / 2) / unit;
    let (micros, millis, seconds) = (rounded(1_000), rounded(1_000_000), rounded(1_000_000_000));
    if nanos < 1_000 {
        format!("{nanos} ns")
    } else if micros < 1_000 {
        format!("{micros} {}", glyphs.microseconds())
    } else if rounded(100_000) < 100 {
        let tenths = rounded(100_000);
        format!("{}.{} ms", tenths / 10, tenths % 10)
    } else if millis < 1_000 {
        format!("{millis} ms")
    } else if rounded(10_000_000) < 1_000 {
        let hundredths = rounded(10_000_000);
        format!("{}.{:02} s", hundredths / 100, hundredths % 100)
    } else if rounded(100_000_000) < 600 {
        let tenths = rounded(100_000_000);
        format!("{}.{} s", tenths / 10, tenths % 10)
    } else if seconds < 3_600 {
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    } else {
        let minutes = rounded(60_000_000_000);
        format!("{} h {:02} min", minutes / 60, minutes % 60)
    }
}

/// The same for a floating point number of seconds; what is no duration stays a number.
pub(super) fn seconds(value: f64, glyphs: Glyphs) -> String {
    match Duration::try_from_secs_f64(value) {
        Ok(value) => duration(value, glyphs),
        Err(_) => format!("{} s", number(value)),
    }
}

/// Whole numbers whole, others with up to four digits that count.
pub(super) fn number(value: f64) -> String {
    if !value.is_finite() || value == 0.0 {
        return format!("{value}");
    }
    let size = value.abs();
    if !(1e-4..1e15).contains(&size) {
        return format!("{value:.3e}");
    }
    if value.fract() == 0.0 {
        return format!("{value:.0}");
    }
    let decimals = [1000.0, 100.0, 10.0, 1.0, 0.1, 0.01, 0.001]
        .iter()
        .position(|bound| size >= *bound)
        .unwrap_or(7);
    let text = format!("{value:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// A measurement in the unit that its instrument declares.
pub(super) fn measured(value: f64, unit: &str, glyphs: Glyphs) -> String {
    if unit == unit::SECOND {
        return seconds(value, glyphs);
    }
    let value = number(value);
    match unit {
        "" | "1" => value,
        "By" => format!("{value} B"),
        unit::TOKEN => format!("{value} tokens"),
        _ => format!("{value} {}", unit.trim_matches(['{', '}'])),
    }
}

/// Tokens that went in and came out, where known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Usage {
    pub(super) input: Option<i64>,
    pub(super) output: Option<i64>,
}

impl Usage {
    pub(super) fn is_known(self) -> bool {
        self.input.is_some() || self.output.is_some()
    }

    pub(super) fn add(&mut self, other: Self) {
        let sum = |a: Option<i64>, b: Option<i64>| match (a, b) {
            (Some(a), Some(b)) => Some(a.saturating_add(b)),
            (a, b) => a.or(b),
        };
        self.input = sum(self.input, other.input);
        self.output = sum(self.output, other.output);
    }

    pub(super) fn show(self, glyphs: Glyphs) -> Option<String> {
        match (self.input, self.output) {
            (Some(input), Some(output)) => {
                Some(format!("{input} {} {output} tokens", glyphs.arrow()))
            }
            (Some(input), None) => Some(format!("{input} input tokens")),
            (None, Some(output)) => Some(format!("{output} output tokens")),
            (None, None) => None,
        }
    }
}
