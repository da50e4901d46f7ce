//! The members of a JSON object, each as what it should be or not at all.

use serde_json::{Map, Value};

/// Bytes above which a text is no name, id or reason.
const TEXT: usize = 1024;
/// The integers that a double holds exactly.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A JSON object that is not trusted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Object<'a>(&'a Map<String, Value>);

impl<'a> Object<'a> {
    pub(super) fn new(members: &'a Map<String, Value>) -> Self {
        Self(members)
    }

    fn of(value: &'a Value) -> Option<Self> {
        value.as_object().map(Self)
    }

    #[cfg(feature = "content")]
    pub(super) fn members(self) -> &'a Map<String, Value> {
        self.0
    }

    pub(super) fn has(self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    pub(super) fn object(self, key: &str) -> Option<Self> {
        Self::of(self.0.get(key)?)
    }

    /// Text of a length that a name has.
    pub(super) fn text(self, key: &str) -> Option<&'a str> {
        self.0.get(key)?.as_str().filter(|text| text.len() <= TEXT)
    }

    /// Text of any length; empty where there is none.
    pub(super) fn words(self, key: &str) -> &'a str {
        self.0.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    /// Whether there is text of any length.
    pub(super) fn is_text(self, key: &str) -> bool {
        self.0.get(key).is_some_and(Value::is_string)
    }

    pub(super) fn is_flag(self, key: &str) -> bool {
        self.0.get(key).is_some_and(Value::is_boolean)
    }

    pub(super) fn is_true(self, key: &str) -> bool {
        self.0.get(key).and_then(Value::as_bool) == Some(true)
    }

    pub(super) fn list(self, key: &str) -> Option<&'a [Value]> {
        self.0.get(key)?.as_array().map(Vec::as_slice)
    }

    /// The objects of a list.
    pub(super) fn objects(self, key: &str) -> impl Iterator<Item = Self> {
        self.list(key).unwrap_or_default().iter().filter_map(Self::of)
    }

    /// A number of tokens: no less than 0, and whole, however it is written.
    pub(super) fn count(self, key: &str) -> Option<u64> {
        let number = self.0.get(key)?.as_number()?;
        number.as_u64().or_else(|| {
            let double = number.as_f64()?;
            let is_whole = double.fract() == 0.0 && (0.0..=EXACT).contains(&double);
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "whole and within what a double holds exactly"
            )]
            is_whole.then_some(double as u64)
        })
    }

    /// A number as it is written: a decimal of few digits stays what it is.
    pub(super) fn decimal(self, key: &str) -> Option<String> {
        Some(self.0.get(key)?.as_number()?.to_string())
    }

    /// A number of tokens that says something only where there are any.
    pub(super) fn some(self, key: &str) -> Option<u64> {
        self.count(key).filter(|count| *count > 0)
    }
}
