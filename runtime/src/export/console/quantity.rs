//! Durations, numbers and tokens as people read them.

use std::time::Duration;

use super::screen::Glyphs;
use crate::semconv::unit;
use crate::usage::money::Money;

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
        unit::INFERENCE_CALL | unit::TOOL_CALL => format!("{value} calls"),
        _ => format!("{value} {}", unit.trim_matches(['{', '}'])),
    }
}

/// Dollars with the digits that count: two, and at least the cents.
pub(super) fn dollars(cost: Money) -> String {
    let dollars = cost.dollars();
    let mut decimals = 2;
    let mut least = 0.1;
    while dollars < least && decimals < 12 {
        least /= 10.0;
        decimals += 1;
    }
    match dollars {
        0.0 => String::from("$0"),
        _ => format!("${dollars:.*}", if dollars < 0.1 { decimals } else { 2 }),
    }
}

/// Tokens that went in and came out, and what they cost, where known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Usage {
    pub(super) input: Option<i64>,
    pub(super) output: Option<i64>,
    pub(super) cost: Option<Money>,
}

impl Usage {
    pub(super) fn is_known(self) -> bool {
        self.input.is_some() || self.output.is_some() || self.cost.is_some()
    }

    pub(super) fn add(&mut self, other: Self) {
        let sum = |a: Option<i64>, b: Option<i64>| match (a, b) {
            (Some(a), Some(b)) => Some(a.saturating_add(b)),
            (a, b) => a.or(b),
        };
        self.input = sum(self.input, other.input);
        self.output = sum(self.output, other.output);
        self.cost = match (self.cost, other.cost) {
            (Some(a), Some(b)) => Some(a.saturating_add(b)),
            (a, b) => a.or(b),
        };
    }

    pub(super) fn show(self, glyphs: Glyphs) -> Option<String> {
        let tokens = match (self.input, self.output) {
            (Some(input), Some(output)) => {
                Some(format!("{input} {} {output} tokens", glyphs.arrow()))
            }
            (Some(input), None) => Some(format!("{input} input tokens")),
            (None, Some(output)) => Some(format!("{output} output tokens")),
            (None, None) => None,
        };
        let parts: Vec<_> = tokens.into_iter().chain(self.cost.map(dollars)).collect();
        (!parts.is_empty()).then(|| parts.join("  "))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::screen::Glyphs;
    use super::{Money, Usage, dollars, duration, measured, number};

    const UNICODE: Glyphs = Glyphs { unicode: true };

    #[test]
    fn durations_have_the_unit_that_fits() {
        for (nanos, text) in [
            (0, "0 ns"),
            (999, "999 ns"),
            (1_000, "1 µs"),
            (850_499, "850 µs"),
            (999_499, "999 µs"),
            (999_500, "1.0 ms"),
            (4_249_999, "4.2 ms"),
            (9_949_999, "9.9 ms"),
            (9_950_000, "10 ms"),
            (41_600_000, "42 ms"),
            (999_499_999, "999 ms"),
            (999_500_000, "1.00 s"),
            (1_840_000_000, "1.84 s"),
            (9_994_999_999, "9.99 s"),
            (9_995_000_000, "10.0 s"),
            (59_949_999_999, "59.9 s"),
            (59_950_000_000, "1 min 00 s"),
            (123_400_000_000, "2 min 03 s"),
            (3_599_499_999_999, "59 min 59 s"),
            (3_599_500_000_000, "1 h 00 min"),
            (93_780_000_000_000, "26 h 03 min"),
        ] {
            assert_eq!(duration(Duration::from_nanos(nanos), UNICODE), text, "{nanos}");
        }
        assert!(duration(Duration::MAX, UNICODE).ends_with(" min"));
        assert_eq!(duration(Duration::from_micros(5), Glyphs { unicode: false }), "5 us");
    }

    #[test]
    fn numbers_have_the_digits_that_count() {
        for (value, text) in [
            (0.0, "0"),
            (-2.0, "-2"),
            (612.0, "612"),
            (1_048_576.0, "1048576"),
            (77.5, "77.5"),
            (1234.567, "1235"),
            (0.4375, "0.4375"),
            (0.001_234_56, "0.001235"),
            (1e-9, "1.000e-9"),
            (2e20, "2.000e20"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "inf"),
        ] {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn measurements_have_the_unit_of_their_instrument() {
        for (value, unit, text) in [
            (0.31, "s", "310 ms"),
            (-1.5, "s", "-1.5 s"),
            (f64::NAN, "s", "NaN s"),
            (3.0, "{token}", "3 tokens"),
            (3.0, "{request}", "3 request"),
            (3.0, "By", "3 B"),
            (0.5, "1", "0.5"),
            (3.0, "", "3"),
            (3.0, "ms", "3 ms"),
        ] {
            assert_eq!(measured(value, unit, UNICODE), text);
        }
    }

    #[test]
    fn tokens_are_added_where_they_are_known() {
        let mut usage = Usage::default();
        assert_eq!(usage.show(UNICODE), None);
        usage.add(Usage { input: None, output: Some(7), cost: None });
        assert_eq!(usage.show(UNICODE).as_deref(), Some("7 output tokens"));
        let cost = Money::of_dollars(0.25);
        usage.add(Usage { input: Some(1), output: Some(i64::MAX), cost });
        usage.add(Usage { cost, ..Usage::default() });
        let cost = Money::of_dollars(0.5);
        assert_eq!(usage, Usage { input: Some(1), output: Some(i64::MAX), cost });
        assert_eq!(Usage { cost, ..Usage::default() }.show(UNICODE).as_deref(), Some("$0.50"));
    }

    #[test]
    fn dollars_have_the_digits_that_count() {
        for (amount, text) in [
            (0.0, "$0"),
            (0.000_000_000_001, "$0.000000000001"),
            (0.000_180_6, "$0.00018"),
            (0.0013, "$0.0013"),
            (0.042, "$0.042"),
            (0.1, "$0.10"),
            (0.524, "$0.52"),
            (12.345_678, "$12.35"),
            (1234.0, "$1234.00"),
        ] {
            assert_eq!(dollars(Money::of_dollars(amount).unwrap()), text);
        }
    }
}
