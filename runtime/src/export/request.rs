//! OTLP's requests in its official types: made, counted, divided, written.

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::{
    ExponentialHistogram, Gauge, Histogram, Metric, ResourceMetrics, ScopeMetrics, Sum, Summary,
};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans};
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use opentelemetry_proto::transform::trace::tonic::group_spans_by_resource_and_scope;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::data::ResourceMetrics as Collection;
use opentelemetry_sdk::trace::SpanData;

#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
#[cfg(all(feature = "file", feature = "otlp-http"))]
mod tests;

/// What a request carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    Traces,
    Metrics,
}

impl Signal {
    /// `3 spans`, `1 metric point`.
    pub(crate) fn count(self, items: usize) -> String {
        let noun = match self {
            Self::Traces => "span",
            Self::Metrics => "metric point",
        };
        format!("{items} {noun}{}", if items == 1 { "" } else { "s" })
    }
}

/// One request, ready to be encoded.
#[derive(Debug, PartialEq)]
pub(crate) enum Request {
    Traces(ExportTraceServiceRequest),
    Metrics(ExportMetricsServiceRequest),
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

    pub(crate) fn signal(&self) -> Signal {
        match self {
            Self::Traces(_) => Signal::Traces,
            Self::Metrics(_) => Signal::Metrics,
        }
    }

    /// How many spans, or metric points, are inside.
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
        }
    }

    /// Divides the request by its items; the whole comes back when there is but one.
    #[cfg(any(feature = "otlp-grpc", feature = "otlp-http"))]
    pub(crate) fn halves(mut self) -> Result<(Self, Self), Self> {
        let items = self.items();
        if items < 2 {
            return Err(self);
        }
        let mut keep = items / 2;
        let rest = match &mut self {
            Self::Traces(traces) => Self::Traces(split_traces(traces, &mut keep)),
            Self::Metrics(metrics) => Self::Metrics(split_metrics(metrics, &mut keep)),
        };
        Ok((self, rest))
    }

    #[cfg(any(feature = "otlp-grpc", feature = "otlp-http"))]
    pub(crate) fn to_protobuf(&self) -> Vec<u8> {
        use prost::Message as _;

        match self {
            Self::Traces(traces) => traces.encode_to_vec(),
            Self::Metrics(metrics) => metrics.encode_to_vec(),
        }
    }

    /// OTLP/JSON. JSON has no words for infinities and NaN: such a number arrives as no value.
    #[cfg(any(feature = "file", feature = "otlp-http"))]
    pub(crate) fn to_json(&self) -> serde_json::Result<Vec<u8>> {
        let mut document = match self {
            Self::Traces(traces) => serde_json::to_value(traces),
            Self::Metrics(metrics) => serde_json::to_value(metrics),
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

/// Keeps the first `keep` elements and counts them off; returns the others.
#[cfg(any(feature = "otlp-grpc", feature = "otlp-http"))]
fn tail<T>(elements: &mut Vec<T>, keep: &mut usize) -> Vec<T> {
    let tail = elements.split_off(elements.len().min(*keep));
    *keep -= elements.len();
    tail
}

#[cfg(any(feature = "otlp-grpc", feature = "otlp-http"))]
fn split_traces(
    traces: &mut ExportTraceServiceRequest,
    keep: &mut usize,
) -> ExportTraceServiceRequest {
    let mut resource_spans = Vec::new();
    for resource in &mut traces.resource_spans {
        let mut scope_spans = Vec::new();
        for scope in &mut resource.scope_spans {
            let spans = tail(&mut scope.spans, keep);
            if !spans.is_empty() {
                let schema_url = scope.schema_url.clone();
                scope_spans.push(ScopeSpans { scope: scope.scope.clone(), spans, schema_url });
            }
        }
        resource.scope_spans.retain(|scope| !scope.spans.is_empty());
        if !scope_spans.is_empty() {
            resource_spans.push(ResourceSpans {
                resource: resource.resource.clone(),
                scope_spans,
                schema_url: resource.schema_url.clone(),
            });
        }
    }
    traces.resource_spans.retain(|resource| !resource.scope_spans.is_empty());
    ExportTraceServiceRequest { resource_spans }
}

#[cfg(any(feature = "otlp-grpc", feature = "otlp-http"))]
fn split_metrics(
    request: &mut ExportMetricsServiceRequest,
    keep: &mut usize,
) -> ExportMetricsServiceRequest {
    let mut resource_metrics = Vec::new();
    for resource in &mut request.resource_metrics {
        let mut scope_metrics = Vec::new();
        for scope in &mut resource.scope_metrics {
            let mut metrics = Vec::new();
            scope.metrics.retain_mut(|metric| {
                let whole_moves = *keep == 0;
                metrics.extend(split_points(metric, keep));
                !whole_moves
            });
            if !metrics.is_empty() {
                let schema_url = scope.schema_url.clone();
                scope_metrics.push(ScopeMetrics {
                    scope: scope.scope.clone(),
                    metrics,
                    schema_url,
                });
            }
        }
        resource.scope_metrics.retain(|scope| !scope.metrics.is_empty());
        if !scope_metrics.is_empty() {
            resource_metrics.push(ResourceMetrics {
                resource: resource.resource.clone(),
                scope_metrics,
                schema_url: resource.schema_url.clone(),
            });
        }
    }
    request.resource_metrics.retain(|resource| !resource.scope_metrics.is_empty());
    ExportMetricsServiceRequest { resource_metrics }
}

/// The metric with the points beyond `keep`; none when no point is beyond.
#[cfg(any(feature = "otlp-grpc", feature = "otlp-http"))]
fn split_points(metric: &mut Metric, keep: &mut usize) -> Option<Metric> {
    fn some<T>(points: Vec<T>) -> Option<Vec<T>> {
        (!points.is_empty()).then_some(points)
    }
    let data = match metric.data.as_mut()? {
        Data::Gauge(gauge) => {
            let data_points = some(tail(&mut gauge.data_points, keep))?;
            Data::Gauge(Gauge { data_points })
        }
        Data::Sum(sum) => Data::Sum(Sum {
            data_points: some(tail(&mut sum.data_points, keep))?,
            aggregation_temporality: sum.aggregation_temporality,
            is_monotonic: sum.is_monotonic,
        }),
        Data::Histogram(histogram) => Data::Histogram(Histogram {
            data_points: some(tail(&mut histogram.data_points, keep))?,
            aggregation_temporality: histogram.aggregation_temporality,
        }),
        Data::ExponentialHistogram(histogram) => Data::ExponentialHistogram(ExponentialHistogram {
            data_points: some(tail(&mut histogram.data_points, keep))?,
            aggregation_temporality: histogram.aggregation_temporality,
        }),
        Data::Summary(summary) => {
            let data_points = some(tail(&mut summary.data_points, keep))?;
            Data::Summary(Summary { data_points })
        }
    };
    Some(Metric {
        name: metric.name.clone(),
        description: metric.description.clone(),
        unit: metric.unit.clone(),
        metadata: metric.metadata.clone(),
        data: Some(data),
    })
}
