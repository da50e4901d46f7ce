//! Instruments that look up their series once: hashing an attribute list costs more than a span.

use std::fmt::Debug;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{BoundCounter, BoundHistogram, Counter, Histogram};

use super::series::{Attributes, Series};

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

/// An instrument with its series.
#[derive(Debug)]
pub(super) struct Bound<I: Instrument> {
    instrument: I,
    series: Series<I::Bound>,
}

impl<I: Instrument> Bound<I> {
    pub(super) fn new(instrument: I) -> Self {
        Self { instrument, series: Series::default() }
    }

    pub(super) fn record(&mut self, value: I::Value, attributes: &Attributes<'_>) {
        if !I::is_countable(value) {
            return;
        }
        match self.series.get(attributes, |attributes| self.instrument.bind(attributes)) {
            Some(bound) => I::record_bound(bound, value),
            None => self.instrument.record(value, &attributes.to_vec()),
        }
    }

    /// Lets go of all series. Those that are bound keep their places in the SDK for ever, and what was bound
    /// when there was no place has none even when others have left theirs.
    pub(super) fn release(&mut self) {
        self.series.clear();
    }
}
