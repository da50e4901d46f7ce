//! How one value is written in a variable, and how messages speak of it.

use std::time::Duration;

use super::reader::quoted;

/// The largest number that any variable takes: as milliseconds 24 days, far from what overflows a clock.
const MOST: u64 = i32::MAX as u64;

/// Reads, shows and explains one form of value.
pub(crate) trait Format {
    type Value;

    /// The value, or what is wrong with `text`, which is not empty.
    fn parse(&self, text: &str) -> Result<Self::Value, String>;

    /// What would have been right.
    fn expected(&self, default: &Self::Value) -> String;

    fn show(&self, value: &Self::Value) -> String;

    /// Whether a value set in code can be used.
    fn accepts(&self, _value: &Self::Value) -> bool {
        true
    }
}

/// `true` or `false` in any case, and nothing else.
#[derive(Debug)]
pub(crate) struct Boolean;

impl Format for Boolean {
    type Value = bool;

    fn parse(&self, text: &str) -> Result<bool, String> {
        if text.eq_ignore_ascii_case("true") {
            Ok(true)
        } else if text.eq_ignore_ascii_case("false") {
            Ok(false)
        } else {
            Err(format!("{} is neither true nor false", quoted(text)))
        }
    }

    fn expected(&self, _default: &bool) -> String {
        "true or false".to_owned()
    }

    fn show(&self, value: &bool) -> String {
        value.to_string()
    }
}

/// A number of milliseconds, above zero: a pause of nothing is a busy loop.
#[derive(Debug)]
pub(crate) struct Milliseconds;

impl Format for Milliseconds {
    type Value = Duration;

    fn parse(&self, text: &str) -> Result<Duration, String> {
        match number(text) {
            Some(0) => Err(format!("{} is not above zero", quoted(text))),
            Some(number) if number <= MOST => Ok(Duration::from_millis(number)),
            Some(_) => Err(format!("{} is more than {MOST} milliseconds", quoted(text))),
            None => Err(format!("{} is not a number of milliseconds", quoted(text))),
        }
    }

    fn expected(&self, default: &Duration) -> String {
        format!("a whole number such as {}", default.as_millis())
    }

    fn show(&self, value: &Duration) -> String {
        value.as_millis().to_string()
    }

    fn accepts(&self, value: &Duration) -> bool {
        !value.is_zero() && *value <= Duration::from_millis(MOST)
    }
}

/// A count with a smallest value.
#[derive(Debug)]
pub(crate) struct Count {
    pub(crate) least: usize,
}

impl Format for Count {
    type Value = usize;

    fn parse(&self, text: &str) -> Result<usize, String> {
        let Some(number) = number(text) else {
            return Err(format!("{} is not a number", quoted(text)));
        };
        if number > MOST {
            return Err(format!("{} is more than {MOST}", quoted(text)));
        }
        match usize::try_from(number) {
            Ok(number) if self.accepts(&number) => Ok(number),
            _ => Err(format!("{} is below {}", quoted(text), self.least)),
        }
    }

    fn expected(&self, default: &usize) -> String {
        format!("a whole number such as {default}")
    }

    fn show(&self, value: &usize) -> String {
        value.to_string()
    }

    fn accepts(&self, value: &usize) -> bool {
        *value >= self.least && u64::try_from(*value).is_ok_and(|value| value <= MOST)
    }
}

/// A number of characters, or no limit at all.
#[derive(Debug)]
pub(crate) struct Length;

impl Format for Length {
    type Value = Option<usize>;

    fn parse(&self, text: &str) -> Result<Option<usize>, String> {
        Count { least: 0 }.parse(text).map(Some)
    }

    fn expected(&self, _default: &Option<usize>) -> String {
        "a whole number such as 4096".to_owned()
    }

    fn show(&self, value: &Option<usize>) -> String {
        value.map_or_else(|| "no limit".to_owned(), |length| length.to_string())
    }
}

/// A share, 0 to 1.
#[derive(Debug)]
pub(crate) struct Share;

impl Format for Share {
    type Value = f64;

    fn parse(&self, text: &str) -> Result<f64, String> {
        match text.parse::<f64>() {
            Ok(share) if self.accepts(&share) => Ok(share),
            Ok(_) => Err(format!("{} is not between 0 and 1", quoted(text))),
            Err(_) => Err(format!("{} is not a number", quoted(text))),
        }
    }

    fn expected(&self, _default: &f64) -> String {
        "a number from 0 to 1 such as 0.25".to_owned()
    }

    fn show(&self, value: &f64) -> String {
        value.to_string()
    }

    fn accepts(&self, value: &f64) -> bool {
        (0.0..=1.0).contains(value)
    }
}

/// One of a few words, in any case.
#[derive(Debug)]
pub(crate) struct Words<T: 'static> {
    pub(crate) known: &'static [(&'static str, T)],
    /// Words of the specification that have no effect so far.
    pub(crate) unavailable: &'static [&'static str],
}

impl<T> Words<T> {
    pub(super) fn is_unavailable(&self, text: &str) -> bool {
        self.unavailable.iter().any(|word| word.eq_ignore_ascii_case(text))
    }
}

impl<T: Copy + PartialEq> Format for Words<T> {
    type Value = T;

    fn parse(&self, text: &str) -> Result<T, String> {
        let known = self.known.iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
        if let Some((_, value)) = known {
            return Ok(*value);
        }
        let problem = if self.is_unavailable(text) { "is not available yet" } else { "is unknown" };
        Err(format!("{} {problem}", quoted(text)))
    }

    fn expected(&self, _default: &T) -> String {
        let words: Vec<&str> = self.known.iter().map(|(word, _)| *word).collect();
        match words.as_slice() {
            [only] => (*only).to_owned(),
            [one, other] => format!("{one} or {other}"),
            several => format!("one of {}", several.join(", ")),
        }
    }

    fn show(&self, value: &T) -> String {
        let known = self.known.iter().find(|(_, known)| known == value);
        known.map_or("", |(word, _)| word).to_owned()
    }
}

fn number(text: &str) -> Option<u64> {
    // A number beyond u64 is a number all the same, and too large.
    let digits = text.strip_prefix('+').unwrap_or(text);
    let whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    whole.then(|| digits.parse().unwrap_or(u64::MAX))
}
