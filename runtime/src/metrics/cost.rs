//! What calls cost, as an exact sum.

use std::sync::{Arc, Mutex, PoisonError};

use opentelemetry::metrics::{Meter, ObservableCounter};
use opentelemetry::{KeyValue, Value};

use super::series::{Attributes, Series};
use crate::export::record::Record;
use crate::semconv::{METRIC_OVERFLOW, Measured, attribute, unit};
use crate::usage::money::Money;

/// Who was paid for what.
const KEYS: [&str; 4] = [
    attribute::OPERATION_NAME,
    attribute::PROVIDER_NAME,
    attribute::REQUEST_MODEL,
    attribute::RESPONSE_MODEL,
];

/// Whole pico-dollars per series, which an instrument looks at when it is collected: doubles that are
/// added one by one would drift.
#[derive(Debug)]
pub(super) struct Cost {
    ledger: Arc<Mutex<Ledger>>,
    _counter: ObservableCounter<f64>,
}

#[derive(Debug, Default)]
struct Ledger {
    series: Series<4, Money>,
    /// The others are one, as in the SDK.
    overflow: Option<Money>,
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
                for (values, cost) in ledger.series.iter() {
                    let attributes = Attributes { keys: &KEYS, values }.to_vec();
                    observer.observe(cost.dollars(), &attributes);
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
    pub(super) fn record(&self, record: &Record) {
        let money = |measured| match record.measured(measured) {
            Some(Value::F64(dollars)) => Money::of_dollars(*dollars),
            _ => None,
        };
        let of_failed = money(Measured::FAILED_ATTEMPTS_COST_USD);
        let cost = money(Measured::COST_USD).into_iter().chain(of_failed);
        let Some(cost) = cost.reduce(Money::saturating_add) else { return };
        let text = |measured| record.measured(measured).filter(|it| matches!(it, Value::String(_)));
        let values = [
            record.own(),
            text(Measured::PROVIDER_NAME),
            text(Measured::REQUEST_MODEL),
            text(Measured::RESPONSE_MODEL),
        ];
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner).add(values, cost);
    }
}

impl Ledger {
    fn add(&mut self, values: [Option<&Value>; 4], cost: Money) {
        let known = self.series.get(&Attributes { keys: &KEYS, values });
        let sum = known.unwrap_or_else(|| self.overflow.get_or_insert_default());
        *sum = sum.saturating_add(cost);
    }
}

#[cfg(test)]
mod tests {
    use super::super::series::SERIES;
    use super::*;

    fn add(ledger: &mut Ledger, model: usize, cost: Money) {
        let model = Value::from(format!("model-{model}"));
        ledger.add([Some(&Value::from("chat")), None, Some(&model), None], cost);
    }

    fn sums(ledger: &Ledger) -> Vec<Money> {
        ledger.series.iter().map(|(_, sum)| *sum).collect()
    }

    #[test]
    fn a_million_small_amounts_are_exactly_their_sum() {
        let mut ledger = Ledger::default();
        let cost = Money::of_dollars(0.1).unwrap();
        for _ in 0..1_000_000 {
            add(&mut ledger, 1, cost);
        }
        assert_eq!(sums(&ledger), [Money::of_dollars(100_000.0).unwrap()]);
    }

    #[test]
    fn there_are_so_many_series_and_no_more_and_no_dollar_is_lost() {
        let mut ledger = Ledger::default();
        for _ in 0..2 {
            for model in 0..SERIES + 50 {
                add(&mut ledger, model, Money::of_picodollars(1));
            }
        }
        assert_eq!(sums(&ledger), [Money::of_picodollars(2); SERIES]);
        assert_eq!(ledger.overflow, Some(Money::of_picodollars(100)));
    }
}
