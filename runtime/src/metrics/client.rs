//! What the conventions have on every metric of a client operation.

use opentelemetry::KeyValue;
use opentelemetry::metrics::Histogram;

use super::genai_main;
use super::instrument::Place;
use super::series::Attributes;
use super::v1_41;
use crate::export::record::Record;
use crate::semconv::{Measured, attribute};

/// The last one is on durations alone.
const KEYS: [&str; 7] = [
    attribute::PROVIDER_NAME,
    attribute::REQUEST_MODEL,
    attribute::RESPONSE_MODEL,
    attribute::SERVER_ADDRESS,
    attribute::SERVER_PORT,
    attribute::OPERATION_NAME,
    attribute::ERROR_TYPE,
];

/// One client operation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Client<'a>(pub(super) Attributes<'a, 7>);

/// What is bound for client operations with the same attributes: one look for all their metrics.
#[derive(Debug, Default)]
pub(super) struct Places {
    pub(super) duration: Place<Histogram<f64>>,
    pub(super) v1_41: v1_41::Places,
    /// Few follow it.
    pub(super) genai_main: Option<Box<genai_main::Places>>,
}

impl<'a> Client<'a> {
    pub(super) fn of(record: &'a Record) -> Self {
        let values = [
            record.measured(Measured::PROVIDER_NAME),
            record.measured(Measured::REQUEST_MODEL),
            record.measured(Measured::RESPONSE_MODEL),
            record.measured(Measured::SERVER_ADDRESS),
            record.measured(Measured::SERVER_PORT),
            record.own(),
            record.measured(Measured::ERROR_TYPE),
        ];
        Self(Attributes { keys: &KEYS, values })
    }

    pub(super) fn with_error(self) -> Vec<KeyValue> {
        self.0.to_vec()
    }

    pub(super) fn without_error(self) -> Vec<KeyValue> {
        let mut attributes = self.0;
        let [.., error] = &mut attributes.values;
        *error = None;
        attributes.to_vec()
    }

    /// Without the error, and with this.
    pub(super) fn with(self, key: &'static str, value: &'static str) -> Vec<KeyValue> {
        let mut all = self.without_error();
        all.push(KeyValue::new(key, value));
        all
    }
}
