//! What telemetry tells of itself: the SDK metrics of the semantic conventions v1.41.1 (status: development).
//! Source: <https://github.com/open-telemetry/semantic-conventions/blob/v1.41.1/docs/otel/sdk-metrics.md>.

pub(crate) const EXPORTED_POINTS: &str = "otel.sdk.exporter.metric_data_point.exported";
pub(crate) const EXPORTED_RECORDS: &str = "otel.sdk.exporter.log.exported";
pub(crate) const EXPORTED_SPANS: &str = "otel.sdk.exporter.span.exported";
pub(crate) const PROCESSED_RECORDS: &str = "otel.sdk.processor.log.processed";
pub(crate) const PROCESSED_SPANS: &str = "otel.sdk.processor.span.processed";

pub(crate) const COMPONENT_NAME: &str = "otel.component.name";
pub(crate) const COMPONENT_TYPE: &str = "otel.component.type";

pub(crate) const BATCHING_LOG_PROCESSOR: &str = "batching_log_processor";
pub(crate) const BATCHING_SPAN_PROCESSOR: &str = "batching_span_processor";

pub(crate) mod error_type {
    pub(crate) const ALREADY_SHUT_DOWN: &str = "already_shutdown";
    /// Ours: as many bytes wait as may.
    pub(crate) const QUEUE_BYTES_FULL: &str = "queue_bytes_full";
    pub(crate) const QUEUE_FULL: &str = "queue_full";
}

pub(crate) mod unit {
    pub(crate) const DATA_POINT: &str = "{data_point}";
    pub(crate) const LOG_RECORD: &str = "{log_record}";
    pub(crate) const SPAN: &str = "{span}";
}
