//! Settings in code of log records.

use std::time::Duration;

use super::TelemetryBuilder;

impl TelemetryBuilder {
    /// `OTEL_BLRP_SCHEDULE_DELAY`: how long log records wait for company; 1 s by default.
    pub fn record_batch_delay(mut self, delay: Duration) -> Self {
        self.overrides.record_delay = Some(delay);
        self
    }

    /// `OTEL_BLRP_EXPORT_TIMEOUT`: how long a batch of log records may take, attempts after the first
    /// included; 30 s by default.
    pub fn record_batch_timeout(mut self, timeout: Duration) -> Self {
        self.overrides.record_timeout = Some(timeout);
        self
    }

    /// `OTEL_BLRP_MAX_EXPORT_BATCH_SIZE`: log records per batch; 512 by default.
    pub fn record_batch_size(mut self, records: usize) -> Self {
        self.overrides.record_batch_size = Some(records);
        self
    }

    /// `OTEL_BLRP_MAX_QUEUE_SIZE`: log records that may wait, once in all and once per exporter; 2,048
    /// by default.
    pub fn record_queue_size(mut self, records: usize) -> Self {
        self.overrides.record_queue = Some(records);
        self
    }

    /// `OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT`; 128 by default.
    pub fn record_attribute_count_limit(mut self, attributes: usize) -> Self {
        self.overrides.record_attributes = Some(attributes);
        self
    }

    /// `OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT`: characters kept of each text; no limit by
    /// default.
    pub fn record_attribute_length_limit(mut self, characters: usize) -> Self {
        self.overrides.record_value_length = Some(characters);
        self
    }

    /// `OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN`: where log records tell exceptions, whether events on
    /// the spans tell them as well (`logs/dup`), which they do not by default.
    pub fn exceptions_on_spans(mut self, also: bool) -> Self {
        self.overrides.exceptions_on_spans = Some(also);
        self
    }

    /// `OTEL_INSTRUMENTATION_GENAI_EMIT_EVENT`: an event with the details of each inference, where
    /// log records are exported; none by default.
    pub fn inference_events(mut self, emit: bool) -> Self {
        self.overrides.inference_events = Some(emit);
        self
    }
}
