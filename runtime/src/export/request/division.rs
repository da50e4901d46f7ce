//! Requests in two, so that each is small enough for its receiver.

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::logs::v1::{ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::{
    ExponentialHistogram, Gauge, Histogram, Metric, ResourceMetrics, ScopeMetrics, Sum, Summary,
};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans};

use super::Request;

impl Request {
    /// Divides the request by its items; the whole comes back when there is but one.
    pub(crate) fn halves(mut self) -> Result<(Self, Self), Self> {
        let items = self.items();
        if items < 2 {
            return Err(self);
        }
        let mut keep = items / 2;
        let rest = match &mut self {
            Self::Traces(traces) => Self::Traces(split_traces(traces, &mut keep)),
            Self::Metrics(metrics) => Self::Metrics(split_metrics(metrics, &mut keep)),
            Self::Logs(logs) => Self::Logs(split_logs(logs, &mut keep)),
        };
        Ok((self, rest))
    }
}

/// Keeps the first `keep` elements and counts them off; returns the others.
fn tail<T>(elements: &mut Vec<T>, keep: &mut usize) -> Vec<T> {
    let tail = elements.split_off(elements.len().min(*keep));
    *keep -= elements.len();
    tail
}

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

fn split_logs(logs: &mut ExportLogsServiceRequest, keep: &mut usize) -> ExportLogsServiceRequest {
    let mut resource_logs = Vec::new();
    for resource in &mut logs.resource_logs {
        let mut scope_logs = Vec::new();
        for scope in &mut resource.scope_logs {
            let log_records = tail(&mut scope.log_records, keep);
            if !log_records.is_empty() {
                let schema_url = scope.schema_url.clone();
                scope_logs.push(ScopeLogs { scope: scope.scope.clone(), log_records, schema_url });
            }
        }
        resource.scope_logs.retain(|scope| !scope.log_records.is_empty());
        if !scope_logs.is_empty() {
            resource_logs.push(ResourceLogs {
                resource: resource.resource.clone(),
                scope_logs,
                schema_url: resource.schema_url.clone(),
            });
        }
    }
    logs.resource_logs.retain(|resource| !resource.scope_logs.is_empty());
    ExportLogsServiceRequest { resource_logs }
}

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
