//! Money in whole pico-dollars: sums of it do not drift.

use crate::span::value::{AttributeValue, ValueRef, widen};

/// Pico-dollars in a dollar.
const DOLLAR: f64 = 1e12;
/// Decimals of a dollar that are kept.
const DECIMALS: usize = 12;

/// An amount of US dollars, 10⁻¹² of one at the least; what is too much stays the most there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Money(u64);

impl Money {
    pub(crate) const fn of_picodollars(picodollars: u64) -> Self {
        Self(picodollars)
    }

    pub(crate) const fn picodollars(self) -> u64 {
        self.0
    }

    /// Known to the pico-dollar below 4,500 dollars; `None` for what is no amount.
    pub(crate) fn of_dollars(dollars: f64) -> Option<Self> {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "positive, and the cast saturates"
        )]
        (dollars.is_finite() && dollars >= 0.0).then(|| Self((dollars * DOLLAR).round() as u64))
    }

    /// The nearest double.
    #[allow(clippy::cast_precision_loss, reason = "the nearest double is what is documented")]
    pub(crate) fn dollars(self) -> f64 {
        self.0 as f64 / DOLLAR
    }

    pub(crate) const fn saturating_add(self, more: Self) -> Self {
        Self(self.0.saturating_add(more.0))
    }

    /// A decimal such as `0.00042` or `4.2e-4`; what is below a pico-dollar is rounded.
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix('+').unwrap_or(text);
        let (decimal, exponent) = match text.split_once(['e', 'E']) {
            Some((decimal, exponent)) => (decimal, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = decimal.split_once('.').unwrap_or((decimal, ""));
        let mut digits = whole.bytes().chain(fraction.bytes());
        if whole.len() + fraction.len() == 0 || !digits.all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        // Where the last pico-dollar ends, counted in digits from the first.
        let end = i64::try_from(whole.len() + DECIMALS).ok()? + i64::from(exponent);
        let mut picodollars = 0_u64;
        let mut place = 0;
        for digit in whole.bytes().chain(fraction.bytes()).map(|digit| u64::from(digit - b'0')) {
            if place == end {
                picodollars = picodollars.saturating_add(u64::from(digit >= 5));
            }
            if place < end {
                picodollars = picodollars.saturating_mul(10).saturating_add(digit);
            }
            place += 1;
        }
        while place < end && picodollars != 0 && picodollars != u64::MAX {
            picodollars = picodollars.saturating_mul(10);
            place += 1;
        }
        Some(Self(picodollars))
    }
}

/// An amount of US dollars: a number, or a decimal as text, or `Option` of one. Sealed.
///
/// It is kept to 10⁻¹² of a dollar. What is no amount, such as a negative number, counts as not told.
///
/// ```
/// fn accepts(_: impl spanline::Amount) {}
/// accepts(0.00042);
/// accepts("0.00042");
/// accepts(None::<f64>);
/// ```
#[diagnostic::on_unimplemented(
    message = "expected an amount of dollars, found `{Self}`",
    label = "neither a number nor a decimal as text",
    note = "pass a float, an integer or a string, or an `Option` of one"
)]
pub trait Amount: AttributeValue {
    /// The amount, if it is one.
    #[doc(hidden)]
    fn money(&self) -> Option<Money> {
        match self.value()? {
            ValueRef::Int(dollars) => Money::parse(&dollars.to_string()),
            ValueRef::Float(dollars) => Money::of_dollars(dollars),
            ValueRef::Single(dollars) => Money::of_dollars(widen(dollars)),
            ValueRef::Text(text) => Money::parse(text),
            ValueRef::Bool(_) | ValueRef::Array(_) => None,
        }
    }
}

impl<T: Amount + ?Sized> Amount for &T {}
impl<T: Amount> Amount for Option<T> {}

macro_rules! amounts {
    ($($type:ty),+) => {$(impl Amount for $type {})+};
}

amounts!(f32, f64, i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize);
amounts!(str, String, std::borrow::Cow<'_, str>, Box<str>, std::sync::Arc<str>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_is_kept_to_the_picodollar_as_number_and_as_text() {
        for (text, number, picodollars) in [
            ("0", 0.0, 0),
            ("0.000000000001", 0.000_000_000_001, 1),
            ("4.2e-4", 4.2e-4, 420_000_000),
            ("0.1", 0.1, 100_000_000_000),
            ("1.234567890123", 1.234_567_890_123, 1_234_567_890_123),
            ("+2.", 2.0, 2_000_000_000_000),
            (".5", 0.5, 500_000_000_000),
            ("12E2", 1200.0, 1_200_000_000_000_000),
            ("0.0000000000004", 0.000_000_000_000_4, 0),
            ("0.0000000000005", 0.000_000_000_000_5, 1),
        ] {
            assert_eq!(text.money(), Some(Money(picodollars)), "{text}");
            assert_eq!(number.money(), Some(Money(picodollars)), "{number}");
        }
    }

    #[test]
    fn every_amount_of_an_ordinary_call_survives_the_way_through_a_double() {
        let mut picodollars = 1_u64;
        while picodollars < 4_500_000_000_000_000 {
            for near in [picodollars - 1, picodollars, picodollars + 1] {
                assert_eq!(Money::of_dollars(Money(near).dollars()), Some(Money(near)));
            }
            picodollars = picodollars * 7 / 3 + 1;
        }
    }

    #[test]
    fn what_is_no_amount_is_none() {
        for text in ["", ".", "-1", "$1", "1,5", "1e", "0x1", "NaN", "inf", "1e99999999999"] {
            assert_eq!(text.money(), None, "{text}");
        }
        for number in [-0.1, f64::NAN, f64::INFINITY] {
            assert_eq!(number.money(), None, "{number}");
        }
        assert_eq!((-1).money(), None);
        assert_eq!(None::<&str>.money(), None);
    }

    #[test]
    fn too_much_is_the_most_there_is() {
        for text in ["99999999999", "1e300", "18446744.073709551616"] {
            assert_eq!(text.money(), Some(Money(u64::MAX)), "{text}");
        }
        assert_eq!(1e300.money(), Some(Money(u64::MAX)));
        assert_eq!("1e-2000000000".money(), Some(Money(0)));
        assert_eq!("0e2000000000".money(), Some(Money(0)));
        assert_eq!(Money(u64::MAX).saturating_add(Money(1)), Money(u64::MAX));
    }

    #[test]
    fn a_single_is_the_decimal_that_was_written() {
        assert_eq!(0.1_f32.money(), Some(Money(100_000_000_000)));
    }
}
