//! What calls cost, as an exact sum.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use opentelemetry::metrics::{Meter, ObservableCounter};
use opentelemetry::{KeyValue, StringValue, Value};

use crate::semconv::{METRIC_OVERFLOW, attribute, unit};
use crate::span::record::Record;
use crate::usage::money::Money;

/// Series beyond which all others are one, as in the SDK.
const SERIES: usize = 2000;

/// Whole pico-dollars per series, which an instrument looks at when it is collected: doubles that are
/// added one by one would drift.
#[derive(Debug)]
pub(super) struct Cost {
    ledger: Arc<Mutex<Ledger>>,
    _counter: ObservableCounter<f64>,
}

#[derive(Debug, Default)]
struct Ledger {
    series: HashMap<Series, Money>,
    overflow: Option<Money>,
}

/// Who was paid for what.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Series {
    operation: &'static str,
    provider: Option<StringValue>,
    request_model: Option<StringValue>,
    response_model: Option<StringValue>,
}

impl Cost {
    pub(super) fn new(meter: &Meter, name: &'static str) -> Self {
        let ledger: Arc<Mutex<Ledger>> = Arc::default();
        let observed = Arc::clone(&ledger);
        let counter = meter
            .f64_observable_counter(name)
            .with_unit(unit::US_DOLLAR)
            .with_description("Cost of GenAI client operations, failed attempts included.")
            .with_callback(move |observer| {
                let ledger = observed.lock().unwrap_or_else(PoisonError::into_inner);
                for (series, cost) in &ledger.series {
                    observer.observe(cost.dollars(), &series.attributes());
                }
                if let Some(cost) = ledger.overflow {
                    let overflow = KeyValue::new(METRIC_OVERFLOW, true);
                    observer.observe(cost.dollars(), &[overflow]);
                }
            })
            .build();
        Self { ledger, _counter: counter }
    }

    /// Adds what an ended operation cost, if that is known.
    pub(super) fn record(&self, operation: &'static str, record: &Record) {
        let money = |key| match record.attribute(key) {
            Some(Value::F64(dollars)) => Money::of_dollars(*dollars),
            _ => None,
        };
        let of_failed = money(attribute::FAILED_ATTEMPTS_COST_USD);
        let cost = money(attribute::COST_USD).into_iter().chain(of_failed);
        let Some(cost) = cost.reduce(Money::saturating_add) else { return };
        let text = |key| match record.attribute(key) {
            Some(Value::String(text)) => Some(text.clone()),
            _ => None,
        };
        let series = Series {
            operation,
            provider: text(attribute::PROVIDER_NAME),
            request_model: text(attribute::REQUEST_MODEL),
            response_model: text(attribute::RESPONSE_MODEL),
        };
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner).add(series, cost);
    }
}

impl Ledger {
    fn add(&mut self, series: Series, cost: Money) {
        if self.series.len() >= SERIES && !self.series.contains_key(&series) {
            let overflow = self.overflow.get_or_insert_default();
            *overflow = overflow.saturating_add(cost);
            return;
        }
        let sum = self.series.entry(series).or_default();
        *sum = sum.saturating_add(cost);
    }
}

impl Series {
    fn attributes(&self) -> Vec<KeyValue> {
        let named = [
            (attribute::PROVIDER_NAME, &self.provider),
            (attribute::REQUEST_MODEL, &self.request_model),
            (attribute::RESPONSE_MODEL, &self.response_model),
        ];
        let named =
            named.into_iter().filter_map(|(key, value)| Some(KeyValue::new(key, value.clone()?)));
        let operation = KeyValue::new(attribute::OPERATION_NAME, self.operation);
        std::iter::once(operation).chain(named).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(model: usize) -> Series {
        Series {
            operation: "chat",
            provider: None,
            request_model: Some(format!("model-{model}").into()),
            response_model: None,
        }
    }

    #[test]
    fn a_million_small_amounts_are_exactly_their_sum() {
        let mut ledger = Ledger::default();
        let cost = Money::of_dollars(0.1).unwrap();
        for _ in 0..1_000_000 {
            ledger.add(series(1), cost);
        }
        assert_eq!(ledger.series[&series(1)], Money::of_dollars(100_000.0).unwrap());
    }

    #[test]
    fn there_are_so_many_series_and_no_more_and_no_dollar_is_lost() {
        let mut ledger = Ledger::default();
        for _ in 0..2 {
            for model in 0..SERIES + 50 {
                ledger.add(series(model), Money::of_picodollars(1));
            }
        }
        assert_eq!(ledger.series.len(), SERIES);
        assert_eq!(ledger.overflow, Some(Money::of_picodollars(100)));
    }
}
