//! Instruments that look up their series once: hashing an attribute list costs more than a span.

use std::fmt::Debug;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{BoundCounter, BoundHistogram, Counter, Histogram};

/// What can be bound to one set of attributes.
pub(super) trait Instrument {
    type Value: Copy;
    type Bound: Debug;

    fn bind(&self, attributes: &[KeyValue]) -> Self::Bound;
    fn record_bound(bound: &Self::Bound, value: Self::Value);
    fn record(&self, value: Self::Value, attributes: &[KeyValue]);

    /// Whether the value counts; a series that is bound is there, even when no value ever does.
    fn is_countable(_: Self::Value) -> bool {
        true
    }

    /// Records to what is bound in this place, and binds it where nothing is yet; where there is no place,
    /// to the series that the SDK finds.
    #[inline]
    fn record_at(
        &self,
        place: Option<&mut Place<Self>>,
        value: Self::Value,
        attributes: impl FnOnce() -> Vec<KeyValue>,
    ) where
        Self: Sized,
    {
        if !Self::is_countable(value) {
            return;
        }
        match place {
            Some(Place(Some(bound))) => Self::record_bound(bound, value),
            Some(Place(place)) => {
                Self::record_bound(place.insert(self.bind(&attributes())), value);
            }
            None => self.record(value, &attributes()),
        }
    }
}

/// Where an instrument is bound to one series, once something was recorded there.
#[derive(Debug)]
pub(super) struct Place<I: Instrument>(Option<I::Bound>);

impl<I: Instrument> Default for Place<I> {
    fn default() -> Self {
        Self(None)
    }
}

impl Instrument for Histogram<f64> {
    type Value = f64;
    type Bound = BoundHistogram<f64>;

    fn bind(&self, attributes: &[KeyValue]) -> Self::Bound {
        self.bind(attributes)
    }

    fn record_bound(bound: &Self::Bound, value: f64) {
        bound.record(value);
    }

    fn record(&self, value: f64, attributes: &[KeyValue]) {
        self.record(value, attributes);
    }

    fn is_countable(value: f64) -> bool {
        value.is_finite()
    }
}

impl Instrument for Histogram<u64> {
    type Value = u64;
    type Bound = BoundHistogram<u64>;

    fn bind(&self, attributes: &[KeyValue]) -> Self::Bound {
        self.bind(attributes)
    }

    fn record_bound(bound: &Self::Bound, value: u64) {
        bound.record(value);
    }

    fn record(&self, value: u64, attributes: &[KeyValue]) {
        self.record(value, attributes);
    }
}

impl Instrument for Counter<u64> {
    type Value = u64;
    type Bound = BoundCounter<u64>;

    fn bind(&self, attributes: &[KeyValue]) -> Self::Bound {
        self.bind(attributes)
    }

    fn record_bound(bound: &Self::Bound, value: u64) {
        bound.add(value);
    }

    fn record(&self, value: u64, attributes: &[KeyValue]) {
        self.add(value, attributes);
    }
}
