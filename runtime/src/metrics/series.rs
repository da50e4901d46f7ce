//! The attributes of measurements, and what is kept for each set of them.

use opentelemetry::{KeyValue, Value};

/// Sets beyond which nothing is kept for another: as many as the SDK tells apart.
pub(super) const SERIES: usize = 2000;
/// A power of two.
const BUCKETS: usize = 256;
/// A bucket of 2,000 series has 8 of them. Who makes names up to fill one gets no further than this.
const DEEPEST: usize = 64;

/// The attributes of a measurement while it is made: a key for each place and the value on loan, if it has
/// one. Nothing is copied to look up what is kept for them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attributes<'a, const N: usize> {
    pub(super) keys: &'a [&'static str; N],
    pub(super) values: [Option<&'a Value>; N],
}

impl<const N: usize> Attributes<'_, N> {
    /// As the SDK wants them.
    pub(super) fn to_vec(self) -> Vec<KeyValue> {
        let pairs = self.keys.iter().zip(self.values);
        pairs.filter_map(|(key, value)| Some(KeyValue::new(*key, value?.clone()))).collect()
    }

    /// The same for equal values; none where equal ones are not known to be equal: not-a-number is not.
    fn hash(&self) -> Option<u64> {
        self.values.iter().try_fold(0, |hash, value| {
            Some(match value {
                None => mixed(hash, 1),
                Some(Value::String(text)) => with_text(hash, text.as_str()),
                Some(Value::I64(number)) => mixed(hash, number.cast_unsigned()),
                Some(Value::Bool(flag)) => mixed(hash, u64::from(*flag)),
                Some(_) => return None,
            })
        })
    }

    fn are(&self, kept: &[Option<Value>; N]) -> bool {
        self.values.iter().zip(kept).all(|(lent, kept)| match (lent, kept) {
            (Some(Value::String(lent)), Some(Value::String(kept))) => {
                // As a rule it is the very same text.
                let (lent, kept) = (lent.as_str(), kept.as_str());
                std::ptr::eq(lent, kept) || lent == kept
            }
            (lent, kept) => *lent == kept.as_ref(),
        })
    }
}

fn mixed(hash: u64, word: u64) -> u64 {
    (hash.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn with_text(hash: u64, text: &str) -> u64 {
    let bytes = text.as_bytes();
    let (words, _) = bytes.as_chunks::<8>();
    let hash = words.iter().fold(hash, |hash, word| mixed(hash, u64::from_le_bytes(*word)));
    mixed(hash, end(bytes) ^ ((bytes.len() as u64) << 56))
}

/// The last eight bytes, or what there is in one number.
#[inline]
fn end(bytes: &[u8]) -> u64 {
    if let Some(last) = bytes.last_chunk() {
        return u64::from_le_bytes(*last);
    }
    // Where the two halves meet, some bytes are in both.
    match (bytes.first_chunk(), bytes.last_chunk()) {
        (Some(first), Some(last)) => {
            let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
            (u64::from(first) << 32) | u64::from(last)
        }
        _ => bytes.iter().fold(0, |word, byte| (word << 8) | u64::from(*byte)),
    }
}

/// What is kept for each set of attributes, of which all have the same keys.
#[derive(Debug)]
pub(super) struct Series<const N: usize, T> {
    buckets: Vec<Vec<Entry<N, T>>>,
    count: usize,
}

#[derive(Debug)]
struct Entry<const N: usize, T> {
    hash: u64,
    values: [Option<Value>; N],
    kept: T,
}

impl<const N: usize, T> Default for Series<N, T> {
    fn default() -> Self {
        Self { buckets: Vec::new(), count: 0 }
    }
}

impl<const N: usize, T: Default> Series<N, T> {
    /// What is kept for these attributes, be it nothing yet; none when there is no room for more.
    pub(super) fn get(&mut self, attributes: &Attributes<'_, N>) -> Option<&mut T> {
        let hash = attributes.hash()?;
        if self.buckets.is_empty() {
            self.buckets.resize_with(BUCKETS, Vec::new);
        }
        // The upper bits of a product are those that all others have a part in.
        let place = hash >> (u64::BITS - BUCKETS.ilog2());
        let bucket = self.buckets.get_mut(usize::try_from(place).ok()?)?;
        let known = bucket.iter().position(|it| it.hash == hash && attributes.are(&it.values));
        let place = match known {
            Some(place) => place,
            None if self.count >= SERIES || bucket.len() >= DEEPEST => return None,
            None => {
                let values = attributes.values.map(Option::<&Value>::cloned);
                bucket.push(Entry { hash, values, kept: T::default() });
                self.count += 1;
                bucket.len() - 1
            }
        };
        bucket.get_mut(place).map(|it| &mut it.kept)
    }

    /// Values in their places, and what is kept for them.
    pub(super) fn iter(&self) -> impl Iterator<Item = ([Option<&Value>; N], &T)> {
        let all = self.buckets.iter().flatten();
        all.map(|it| (it.values.each_ref().map(Option::as_ref), &it.kept))
    }

    /// Lets go of all. Series that are bound keep their places in the SDK for ever, and what was bound
    /// when there was no place has none even when others have left theirs.
    pub(super) fn release(&mut self) {
        self.buckets.iter_mut().for_each(Vec::clear);
        self.count = 0;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn of(values: [Option<&Value>; 2]) -> Attributes<'_, 2> {
        Attributes { keys: &["operation", "model"], values }
    }

    fn model(model: &Value) -> Attributes<'_, 2> {
        of([None, Some(model)])
    }

    #[test]
    fn equal_attributes_have_one_series_whoever_owns_them() {
        let mut series = Series::<2, u32>::default();
        let texts = [Value::from("a"), Value::from(String::from("a")), Value::from(Arc::from("a"))];
        for text in &texts {
            *series.get(&model(text)).unwrap() += 1;
        }
        let kept: Vec<_> = series.iter().collect();
        assert_eq!(kept, [([None, Some(&Value::from("a"))], &3)]);
        assert_eq!(model(&texts[1]).to_vec(), [KeyValue::new("model", "a")]);
    }

    #[test]
    fn different_attributes_have_different_series() {
        let texts = ["", "a", "b", "ab", "aaaaaaaa", "aaaaaaab", "aaaaaaaaa", "1"];
        let values = texts.map(Value::from).into_iter();
        let values = values.chain([1_i64, 2, -1].map(Value::from));
        let values: Vec<Value> = values.chain([true, false].map(Value::from)).collect();
        let mut series = Series::<2, u32>::default();
        for _ in 0..2 {
            for value in &values {
                for values in [[Some(value), None], [None, Some(value)], [Some(value); 2]] {
                    *series.get(&of(values)).unwrap() += 1;
                }
            }
        }
        assert_eq!(series.iter().count(), values.len() * 3);
        assert!(series.iter().all(|(_, count)| *count == 2));
    }

    #[test]
    fn what_is_no_number_has_no_series() {
        let odd = Value::from(f64::NAN);
        assert_eq!(Series::<2, u8>::default().get(&model(&odd)), None);
    }

    #[test]
    fn there_is_room_for_as_many_series_as_the_sdk_has_and_for_others_afterwards() {
        let mut series = Series::<2, ()>::default();
        let values: Vec<Value> =
            (0..=SERIES).map(|number| Value::from(format!("model-{number}"))).collect();
        let mut kept = |value| series.get(&model(value)).is_some();
        assert!(values.iter().take(SERIES).all(&mut kept));
        assert!(!kept(&values[SERIES]));
        assert!(kept(&values[0]));
        series.release();
        assert!(series.get(&model(&values[SERIES])).is_some());
    }
}
