//! OTLP's requests in its official types: made, counted, divided, written.

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use opentelemetry_proto::transform::trace::tonic::group_spans_by_resource_and_scope;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::data::ResourceMetrics as Collection;
use opentelemetry_sdk::trace::SpanData;

use super::log_record::LogRecord;

#[cfg(any(feature = "otlp-grpc", feature = "otlp-http"))]
mod division;
mod logs;
#[cfg(any(feature = "otlp-grpc", feature = "otlp-http"))]
mod oversize;
#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
#[cfg(all(feature = "file", feature = "otlp-http"))]
mod tests;

/// One request, ready to be encoded.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Request {
    Traces(ExportTraceServiceRequest),
    Metrics(ExportMetricsServiceRequest),
    Logs(ExportLogsServiceRequest),
}

impl Request {
    pub(crate) fn traces(resource: &Resource, spans: Vec<SpanData>) -> Self {
        let resource = ResourceAttributesWithSchema::from(resource);
        let resource_spans = group_spans_by_resource_and_scope(spans, &resource);
        Self::Traces(ExportTraceServiceRequest { resource_spans })
    }

    pub(crate) fn metrics(metrics: &Collection) -> Self {
        Self::Metrics(ExportMetricsServiceRequest::from(metrics))
    }

    pub(crate) fn logs(resource: &Resource, records: Vec<LogRecord>) -> Self {
        let resource = ResourceAttributesWithSchema::from(resource);
        Self::Logs(logs::request(&resource, records))
    }

    /// How many spans, metric points or log records are inside.
    pub(crate) fn items(&self) -> usize {
        match self {
            Self::Traces(traces) => traces
                .resource_spans
                .iter()
                .flat_map(|resource| &resource.scope_spans)
                .map(|scope| scope.spans.len())
                .sum(),
            Self::Metrics(metrics) => metrics
                .resource_metrics
                .iter()
                .flat_map(|resource| &resource.scope_metrics)
                .flat_map(|scope| &scope.metrics)
                .map(|metric| match &metric.data {
                    Some(Data::Gauge(gauge)) => gauge.data_points.len(),
                    Some(Data::Sum(sum)) => sum.data_points.len(),
                    Some(Data::Histogram(histogram)) => histogram.data_points.len(),
                    Some(Data::ExponentialHistogram(histogram)) => histogram.data_points.len(),
                    Some(Data::Summary(summary)) => summary.data_points.len(),
                    None => 0,
                })
                .sum(),
            Self::Logs(logs) => logs
                .resource_logs
                .iter()
                .flat_map(|resource| &resource.scope_logs)
                .map(|scope| scope.log_records.len())
                .sum(),
        }
    }

    #[cfg(any(feature = "otlp-grpc", feature = "otlp-http"))]
    /// By the official types; [spans](super::encoded) are written without them, and held against this.
    pub(crate) fn to_protobuf(&self) -> Vec<u8> {
        use prost::Message as _;

        match self {
            Self::Traces(traces) => traces.encode_to_vec(),
            Self::Metrics(metrics) => metrics.encode_to_vec(),
            Self::Logs(logs) => logs.encode_to_vec(),
        }
    }

    /// OTLP/JSON. JSON has no words for infinities and NaN: such a number arrives as no value.
    #[cfg(any(feature = "file", feature = "otlp-http"))]
    pub(crate) fn to_json(&self) -> serde_json::Result<Vec<u8>> {
        let mut document = match self {
            Self::Traces(traces) => serde_json::to_value(traces),
            Self::Metrics(metrics) => serde_json::to_value(metrics),
            Self::Logs(logs) => serde_json::to_value(logs),
        }?;
        remove_nulls(&mut document);
        serde_json::to_vec(&document)
    }
}

/// Receivers read an absent member as unset, and several refuse `null` where a number belongs.
#[cfg(any(feature = "file", feature = "otlp-http"))]
fn remove_nulls(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(remove_nulls);
        }
        serde_json::Value::Array(elements) => elements.iter_mut().for_each(remove_nulls),
        _ => {}
    }
}
