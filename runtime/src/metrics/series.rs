//! The attributes of measurements, and what is kept for each set of them.

use std::borrow::Cow;

use opentelemetry::{KeyValue, Value};

use crate::span::record::Record;

/// Attributes that one measurement has at most.
const MOST: usize = 8;
/// Sets beyond which nothing is kept for another: as many as the SDK tells apart.
pub(super) const SERIES: usize = 2000;
/// A power of two.
const BUCKETS: usize = 256;
/// A bucket of 2,000 series has 8 of them. Who makes names up to fill one gets no further than this.
const DEEPEST: usize = 64;

/// A value on loan.
#[derive(Clone, Copy, Debug)]
pub(super) enum Lent<'a> {
    Value(&'a Value),
    Name(&'a Cow<'static, str>),
    Static(&'static str),
}

impl Lent<'_> {
    fn to_value(self) -> Value {
        match self {
            Self::Value(value) => value.clone(),
            Self::Name(name) => Value::from(name.clone()),
            Self::Static(text) => Value::from(text),
        }
    }

    fn text(&self) -> Option<&str> {
        match self {
            Self::Value(Value::String(text)) => Some(text.as_str()),
            Self::Value(_) => None,
            Self::Name(name) => Some(name),
            Self::Static(text) => Some(text),
        }
    }

    fn is(&self, value: &Value) -> bool {
        match (self, self.text(), value) {
            (_, Some(lent), Value::String(text)) => lent == text.as_str(),
            (Self::Value(lent), None, value) => *lent == value,
            _ => false,
        }
    }
}

/// The attributes of a measurement while it is made: nothing is copied to look up what is kept for them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attributes<'a> {
    pairs: [(&'static str, Lent<'a>); MOST],
    count: usize,
    hash: u64,
    /// Whether equal sets are known to be equal: not-a-number is not.
    is_comparable: bool,
}

impl<'a> Attributes<'a> {
    pub(super) fn new() -> Self {
        let pairs = [("", Lent::Static("")); MOST];
        Self { pairs, count: 0, hash: 0, is_comparable: true }
    }

    /// Those of a record with these keys.
    pub(super) fn of(record: &'a Record, keys: &[&'static str]) -> Self {
        Self::new().and(record, keys)
    }

    /// These, and those of a record with these keys.
    pub(super) fn and(mut self, record: &'a Record, keys: &[&'static str]) -> Self {
        self.add(record, keys);
        self
    }

    /// These and one more.
    pub(super) fn with(mut self, key: &'static str, value: Lent<'a>) -> Self {
        self.push(key, value);
        self
    }

    /// Adds those of a record with these keys.
    pub(super) fn add(&mut self, record: &'a Record, keys: &[&'static str]) {
        for key in keys {
            if let Some(value) = record.attribute(key) {
                self.push(key, Lent::Value(value));
            }
        }
    }

    pub(super) fn push(&mut self, key: &'static str, value: Lent<'a>) {
        if let Some(pair) = self.pairs.get_mut(self.count) {
            *pair = (key, value);
            self.count += 1;
        }
        let hash = mixed(self.hash, key.len() as u64);
        self.hash = match (value.text(), value) {
            (Some(text), _) => with_text(hash, text),
            (None, Lent::Value(Value::I64(number))) => mixed(hash, number.cast_unsigned()),
            (None, Lent::Value(Value::Bool(flag))) => mixed(hash, u64::from(*flag)),
            _ => {
                self.is_comparable = false;
                hash
            }
        };
    }

    fn pairs(&self) -> &[(&'static str, Lent<'a>)] {
        self.pairs.get(..self.count).unwrap_or_default()
    }

    pub(super) fn to_vec(self) -> Vec<KeyValue> {
        self.pairs().iter().map(|(key, value)| KeyValue::new(*key, value.to_value())).collect()
    }

    fn are(&self, kept: &[KeyValue]) -> bool {
        let is_same = |((key, value), kept): (&(&'static str, Lent<'_>), &KeyValue)| {
            // As a rule it is the very same text.
            let (key, kept_key) = (*key, kept.key.as_str());
            (std::ptr::eq(key, kept_key) || key == kept_key) && value.is(&kept.value)
        };
        self.count == kept.len() && self.pairs().iter().zip(kept).all(is_same)
    }
}

fn mixed(hash: u64, word: u64) -> u64 {
    (hash.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn with_text(hash: u64, text: &str) -> u64 {
    let (words, rest) = text.as_bytes().as_chunks::<8>();
    let hash = words.iter().fold(hash, |hash, word| mixed(hash, u64::from_le_bytes(*word)));
    let rest = rest.iter().fold(text.len() as u64, |word, byte| (word << 8) | u64::from(*byte));
    mixed(hash, rest)
}

/// What is kept for each set of attributes.
#[derive(Debug)]
pub(super) struct Series<T> {
    buckets: Vec<Vec<Kept<T>>>,
    count: usize,
}

#[derive(Debug)]
struct Kept<T> {
    hash: u64,
    attributes: Vec<KeyValue>,
    value: T,
}

impl<T> Default for Series<T> {
    fn default() -> Self {
        Self { buckets: Vec::new(), count: 0 }
    }
}

impl<T> Series<T> {
    /// What is kept for these attributes, made by `value` where there is nothing yet; none when there is
    /// no room for more.
    pub(super) fn get(
        &mut self,
        attributes: &Attributes<'_>,
        value: impl FnOnce(&[KeyValue]) -> T,
    ) -> Option<&mut T> {
        if !attributes.is_comparable {
            return None;
        }
        if self.buckets.is_empty() {
            self.buckets.resize_with(BUCKETS, Vec::new);
        }
        let hash = attributes.hash;
        // The upper bits of a product are those that all others have a part in.
        let place = hash >> (u64::BITS - BUCKETS.ilog2());
        let bucket = self.buckets.get_mut(usize::try_from(place).ok()?)?;
        let known = bucket.iter().position(|it| it.hash == hash && attributes.are(&it.attributes));
        let place = match known {
            Some(place) => place,
            None if self.count >= SERIES || bucket.len() >= DEEPEST => return None,
            None => {
                let attributes = attributes.to_vec();
                let value = value(&attributes);
                bucket.push(Kept { hash, attributes, value });
                self.count += 1;
                bucket.len() - 1
            }
        };
        bucket.get_mut(place).map(|kept| &mut kept.value)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&[KeyValue], &T)> {
        self.buckets.iter().flatten().map(|kept| (&*kept.attributes, &kept.value))
    }

    pub(super) fn clear(&mut self) {
        self.buckets.iter_mut().for_each(Vec::clear);
        self.count = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn models(model: &Value) -> Attributes<'_> {
        Attributes::new().with("operation", Lent::Static("chat")).with("model", Lent::Value(model))
    }

    #[test]
    fn equal_attributes_have_one_series_whoever_lends_them() {
        let mut series = Series::default();
        let name = Cow::Borrowed("a");
        let owned = Value::from(String::from("a"));
        for lent in [Lent::Static("a"), Lent::Name(&name), Lent::Value(&owned)] {
            *series.get(&Attributes::new().with("k", lent), |_| 0).unwrap() += 1;
        }
        let kept: Vec<_> = series.iter().collect();
        assert_eq!(kept, [(&[KeyValue::new("k", "a")][..], &3)]);
    }

    #[test]
    fn different_attributes_have_different_series() {
        let texts = ["", "a", "b", "ab", "aaaaaaaa", "aaaaaaab", "aaaaaaaaa", "1"];
        let values = texts.map(Value::from).into_iter();
        let values = values.chain([1_i64, 2, -1].map(Value::from));
        let values: Vec<Value> = values.chain([true, false].map(Value::from)).collect();
        let mut series = Series::default();
        for _ in 0..2 {
            for value in &values {
                for key in ["a", "b", "cc"] {
                    let attributes = Attributes::new().with(key, Lent::Value(value));
                    *series.get(&attributes, |_| 0).unwrap() += 1;
                }
            }
        }
        assert_eq!(series.iter().count(), values.len() * 3);
        assert!(series.iter().all(|(_, count)| *count == 2));
    }

    #[test]
    fn what_is_no_number_has_no_series() {
        let odd = Value::from(f64::NAN);
        assert_eq!(Series::default().get(&models(&odd), |_| 0), None);
    }

    #[test]
    fn there_is_room_for_as_many_series_as_the_sdk_has_and_for_others_afterwards() {
        let mut series = Series::default();
        let values: Vec<Value> =
            (0..=SERIES).map(|number| Value::from(format!("model-{number}"))).collect();
        let mut kept = |value| series.get(&models(value), |_| ()).is_some();
        assert!(values.iter().take(SERIES).all(&mut kept));
        assert!(!kept(&values[SERIES]));
        assert!(kept(&values[0]));
        series.clear();
        assert!(series.get(&models(&values[SERIES]), |_| ()).is_some());
    }
}
