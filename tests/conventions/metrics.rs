//! What is said of metrics.

use std::collections::BTreeSet;

use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::metrics::v1::Metric;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;

use super::spans::{mistyped, text};
use super::table::{MetricRule, Set};

/// A metric and the schema that it follows.
pub(crate) type Collected = (String, Metric);

fn of_point(sets: &[Set], rule: &MetricRule, attributes: &[KeyValue]) -> Vec<String> {
    let keys: BTreeSet<&str> = attributes.iter().map(|attribute| attribute.key.as_str()).collect();
    let mut mistakes = Vec::new();
    // Of a retrieval the provider may be unknown, and its span need not have it.
    let is_retrieval = text(attributes, "gen_ai.operation.name") == Some("retrieval");
    for required in rule.required {
        let is_exempt = is_retrieval && *required == "gen_ai.provider.name";
        if !keys.contains(required) && !is_exempt {
            mistakes.push(format!("lacks {required} in {keys:?}"));
        }
    }
    for key in keys {
        if !rule.required.contains(&key) && !rule.allowed.contains(&key) {
            mistakes.push(format!("{key} does not belong to it"));
        }
    }
    mistakes.extend(mistyped(sets, attributes));
    mistakes
}

fn mistakes(sets: &[Set], schema_url: &str, metric: &Metric) -> Vec<String> {
    let mut mistakes = Vec::new();
    let found = sets.iter().find_map(|set| {
        let rule = set.metrics.iter().find(|rule| rule.name == metric.name)?;
        Some((set.schema_url, rule))
    });
    let expected_schema = found.map_or(sets[0].schema_url, |(schema_url, _)| schema_url);
    if schema_url != expected_schema {
        mistakes.push(format!("follows {schema_url:?} and not {expected_schema:?}"));
    }
    if metric.name.starts_with("spanline.") {
        return mistakes;
    }
    let Some((_, rule)) = found else {
        mistakes.push("is in no table".into());
        return mistakes;
    };
    if metric.unit != rule.unit {
        mistakes.push(format!("is in {:?} and not in {:?}", metric.unit, rule.unit));
    }
    match &metric.data {
        Some(Data::Histogram(histogram)) => {
            for point in &histogram.data_points {
                if point.explicit_bounds != rule.bounds {
                    mistakes.push(format!("bounds {:?}", point.explicit_bounds));
                }
                mistakes.extend(of_point(sets, rule, &point.attributes));
            }
        }
        Some(Data::Sum(sum)) if rule.bounds.is_empty() && sum.is_monotonic => {
            for point in &sum.data_points {
                mistakes.extend(of_point(sets, rule, &point.attributes));
            }
        }
        other => mistakes.push(format!("is of another kind: {other:?}")),
    }
    mistakes
}

/// Every metric against its rule, and every rule by a metric.
pub(crate) fn check(sets: &[Set], metrics: &[Collected]) {
    let mut names: Vec<&str> = metrics.iter().map(|(_, metric)| metric.name.as_str()).collect();
    let mut found = String::new();
    for (schema_url, metric) in metrics {
        for mistake in mistakes(sets, schema_url, metric) {
            found.push_str(&format!("{}: {mistake}\n", metric.name));
        }
    }
    assert_eq!(found, "");
    for rule in sets.iter().flat_map(|set| set.metrics) {
        assert!(names.contains(&rule.name), "the program shows no {}", rule.name);
    }
    names.sort_unstable();
    let all = names.len();
    names.dedup();
    assert_eq!(names.len(), all, "a metric is there twice: {names:?}");
}
