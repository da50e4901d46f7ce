//! What is said of metrics.

use std::collections::BTreeSet;

use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::{Histogram, Metric};
use spanline_tests::metric::Metrics;

use super::spans::mistyped;
use super::table::{METRICS, MetricRule};

fn of_point(rule: &MetricRule, histogram: &Histogram) -> Vec<String> {
    let mut mistakes = Vec::new();
    for point in &histogram.data_points {
        if point.explicit_bounds != rule.bounds {
            mistakes.push(format!("bounds {:?}", point.explicit_bounds));
        }
        let keys: BTreeSet<&str> =
            point.attributes.iter().map(|attribute| attribute.key.as_str()).collect();
        for required in rule.required {
            if !keys.contains(required) {
                mistakes.push(format!("lacks {required} in {keys:?}"));
            }
        }
        for key in keys {
            if !rule.required.contains(&key) && !rule.allowed.contains(&key) {
                mistakes.push(format!("{key} does not belong to it"));
            }
        }
        mistakes.extend(mistyped(&point.attributes));
    }
    mistakes
}

fn mistakes(metric: &Metric) -> Vec<String> {
    if metric.name.starts_with("spanline.") {
        return Vec::new();
    }
    let Some(rule) = METRICS.iter().find(|rule| rule.name == metric.name) else {
        return vec!["is in no table".into()];
    };
    let mut mistakes = Vec::new();
    if metric.unit != rule.unit {
        mistakes.push(format!("is in {:?} and not in {:?}", metric.unit, rule.unit));
    }
    match &metric.data {
        Some(Data::Histogram(histogram)) => mistakes.extend(of_point(rule, histogram)),
        other => mistakes.push(format!("is no histogram: {other:?}")),
    }
    mistakes
}

/// Every metric against its rule, and every rule by a metric.
pub(crate) fn check(metrics: &Metrics) {
    let names = metrics.names();
    let mut found = String::new();
    for name in &names {
        let (_, schema_url, metric) = metrics.metric(name);
        if schema_url != "https://opentelemetry.io/schemas/1.41.1" {
            found.push_str(&format!("{name}: follows {schema_url:?}\n"));
        }
        for mistake in mistakes(metric) {
            found.push_str(&format!("{name}: {mistake}\n"));
        }
    }
    assert_eq!(found, "");
    for rule in METRICS {
        assert!(names.contains(&rule.name), "the program shows no {}", rule.name);
    }
}
