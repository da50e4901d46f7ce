//! Exported metrics.

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::{Histogram, HistogramDataPoint, Metric};

use crate::trace::written;

/// One collection.
#[derive(Clone, Debug, Default)]
pub struct Metrics {
    collected: Vec<(InstrumentationScope, String, Metric)>,
}

impl Metrics {
    #[must_use]
    pub fn new(request: ExportMetricsServiceRequest) -> Self {
        let mut collected = Vec::new();
        for resource in request.resource_metrics {
            for scope in resource.scope_metrics {
                let of = scope.scope.unwrap_or_default();
                collected.extend(
                    scope
                        .metrics
                        .into_iter()
                        .map(|metric| (of.clone(), scope.schema_url.clone(), metric)),
                );
            }
        }
        Self { collected }
    }

    /// The metric, its scope and schema URL.
    #[must_use]
    pub fn metric(&self, name: &str) -> (&InstrumentationScope, &str, &Metric) {
        let found = self.collected.iter().find(|(_, _, metric)| metric.name == name);
        let (scope, schema_url, metric) =
            found.unwrap_or_else(|| panic!("no metric `{name}` in {:?}", self.names()));
        (scope, schema_url, metric)
    }

    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        self.collected.iter().map(|(_, _, metric)| metric.name.as_str()).collect()
    }

    #[must_use]
    pub fn histogram(&self, name: &str) -> &Histogram {
        match &self.metric(name).2.data {
            Some(Data::Histogram(histogram)) => histogram,
            other => panic!("`{name}` is no histogram: {other:?}"),
        }
    }

    /// The points of a histogram that have this attribute.
    #[must_use]
    pub fn points(&self, name: &str, key: &str, value: &str) -> Vec<&HistogramDataPoint> {
        if !self.names().contains(&name) {
            return Vec::new();
        }
        let wanted = format!("{value:?}");
        let points = self.histogram(name).data_points.iter();
        points.filter(|point| attribute(&point.attributes, key) == wanted).collect()
    }

    /// What [`points`](Self::points) finds, a line each: its attributes in the order of the
    /// alphabet, and how many measurements it stands for.
    #[must_use]
    pub fn counts(&self, name: &str, key: &str, value: &str) -> String {
        let points = self.points(name, key, value);
        let mut lines: Vec<String> = points
            .into_iter()
            .map(|point| format!("{}: {}\n", sorted(&point.attributes), point.count))
            .collect();
        lines.sort();
        lines.concat()
    }
}

fn attribute(attributes: &[KeyValue], key: &str) -> String {
    let found = attributes.iter().find(|attribute| attribute.key == key);
    found.map(|attribute| written(attribute.value.as_ref())).unwrap_or_default()
}

fn sorted(attributes: &[KeyValue]) -> String {
    let mut pairs: Vec<String> = attributes
        .iter()
        .map(|attribute| format!("{}={}", attribute.key, written(attribute.value.as_ref())))
        .collect();
    pairs.sort();
    pairs.join(" ")
}
