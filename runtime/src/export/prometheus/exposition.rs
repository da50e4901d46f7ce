//! A collection as the text that Prometheus reads.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write as _;

use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::data::{
    AggregatedMetrics, HistogramDataPoint, Metric, MetricData, ResourceMetrics,
};

use super::name::{FamilyName, Kind, label};
use crate::export::naming::json::plain;
use crate::semconv::mapping::prometheus as name;

/// The text, and what became of the points.
#[derive(Debug, Default)]
pub(super) struct Exposition {
    pub(super) text: String,
    /// Points in the text.
    pub(super) points: u64,
    /// Points that are not, with why.
    pub(super) lost: Vec<(u64, String)>,
}

impl Exposition {
    pub(super) fn new(collected: &ResourceMetrics, is_open_metrics: bool) -> Self {
        let mut families = Families::default();
        for scope in collected.scope_metrics() {
            let labels = Labels::of_scope(scope.scope());
            for metric in scope.metrics() {
                families.add(metric, &labels);
            }
        }
        let mut text = String::new();
        write_target(&mut text, collected.resource(), is_open_metrics);
        for family in &families.all {
            family.write(&mut text, is_open_metrics);
        }
        if is_open_metrics {
            text.push_str("# EOF\n");
        }
        Self { text, points: families.points, lost: families.lost }
    }
}

/// A value that can be written.
trait Number: Copy {
    fn write(self, text: &mut String);
    fn is_negative(self) -> bool;
}

impl Number for u64 {
    fn write(self, text: &mut String) {
        let _ = write!(text, "{self}");
    }

    fn is_negative(self) -> bool {
        false
    }
}

impl Number for i64 {
    fn write(self, text: &mut String) {
        let _ = write!(text, "{self}");
    }

    fn is_negative(self) -> bool {
        self < 0
    }
}

impl Number for f64 {
    /// With a decimal point also where none is needed: a boundary reads the same in all forms.
    fn write(self, text: &mut String) {
        if self.is_infinite() {
            text.push_str(if self > 0.0 { "+Inf" } else { "-Inf" });
        } else {
            // `NaN` is what Prometheus calls it, too.
            let _ = write!(text, "{self:?}");
        }
    }

    fn is_negative(self) -> bool {
        self < 0.0
    }
}

/// Metrics of all scopes, by their names.
#[derive(Default)]
struct Families {
    all: Vec<Family>,
    places: HashMap<String, usize>,
    points: u64,
    lost: Vec<(u64, String)>,
}

impl Families {
    fn add(&mut self, metric: &Metric, scope: &Labels) {
        match metric.data() {
            AggregatedMetrics::F64(data) => self.add_data(metric, data, scope),
            AggregatedMetrics::U64(data) => self.add_data(metric, data, scope),
            AggregatedMetrics::I64(data) => self.add_data(metric, data, scope),
        }
    }

    fn add_data<T: Number>(&mut self, metric: &Metric, data: &MetricData<T>, scope: &Labels) {
        match data {
            MetricData::Gauge(gauge) => {
                let points = gauge.data_points().map(|point| (point.attributes(), point.value()));
                self.add_values(metric, Kind::Gauge, scope, points);
            }
            MetricData::Sum(sum) => {
                let kind = if sum.is_monotonic() { Kind::Counter } else { Kind::Gauge };
                let points = sum.data_points().map(|point| (point.attributes(), point.value()));
                self.add_values(metric, kind, scope, points);
            }
            MetricData::Histogram(histogram) => {
                let count = histogram.data_points().count();
                let Some(mut taking) = self.family(metric, Kind::Histogram, count) else { return };
                for point in histogram.data_points() {
                    taking.histogram(scope.with(point.attributes()), point);
                }
            }
            // The text has no place for their buckets, which are not the same in all series.
            MetricData::ExponentialHistogram(histogram) => {
                let count = histogram.data_points().count() as u64;
                let reason = format!("`{}` is an exponential histogram", metric.name());
                self.lost.push((count, reason));
            }
        }
    }

    fn add_values<'a, T: Number, A: Iterator<Item = &'a KeyValue>>(
        &mut self,
        metric: &Metric,
        kind: Kind,
        scope: &Labels,
        points: impl Iterator<Item = (A, T)>,
    ) {
        let points: Vec<_> = points.collect();
        let Some(mut taking) = self.family(metric, kind, points.len()) else { return };
        for (attributes, value) in points {
            taking.value(scope.with(attributes), value);
        }
    }

    /// Where points of this metric go; nowhere if the name is that of something else.
    fn family(&mut self, metric: &Metric, kind: Kind, points: usize) -> Option<Taking<'_>> {
        let name = FamilyName::new(metric.name(), metric.unit(), kind);
        let names = name.all(kind);
        let known = names.iter().find_map(|name| self.places.get(name).copied());
        let place = known.unwrap_or_else(|| {
            let place = self.all.len();
            self.places.extend(names.into_iter().map(|name| (name, place)));
            self.all.push(Family {
                name: name.clone(),
                kind,
                help: metric.description().to_owned(),
                samples: String::new(),
                series: HashSet::new(),
            });
            place
        });
        let family = self.all.get_mut(place)?;
        if (family.kind, &family.name.base) != (kind, &name.base) {
            let (kind, other) = (kind.word(), family.kind.word());
            let reason = format!(
                "`{}` is a {kind}, and the {other} `{}` has its name in Prometheus",
                metric.name(),
                family.name.base
            );
            self.lost.push((points as u64, reason));
            return None;
        }
        if family.help.is_empty() {
            metric.description().clone_into(&mut family.help);
        }
        Some(Taking { family, points: &mut self.points, lost: &mut self.lost })
    }
}

/// One family, and the accounts of all.
struct Taking<'a> {
    family: &'a mut Family,
    points: &'a mut u64,
    lost: &'a mut Vec<(u64, String)>,
}

impl Taking<'_> {
    fn value(&mut self, labels: Labels, value: impl Number) {
        let labels = labels.text();
        if self.is_new(&labels) {
            let name = self.family.name.sample(self.family.kind);
            self.family.sample(&name, "", &labels, None, value);
        }
    }

    fn histogram<T: Number>(&mut self, mut labels: Labels, point: &HistogramDataPoint<T>) {
        labels.give_way_to("le");
        let labels = labels.text();
        if !self.is_new(&labels) {
            return;
        }
        let name = self.family.name.base.clone();
        let bounds = point.bounds().map(Some).chain([None]);
        let mut below = 0;
        for (bound, count) in bounds.zip(point.bucket_counts()) {
            below += count;
            if let Some(bound) = bound {
                self.family.sample(&name, "_bucket", &labels, Some(bound), below);
            }
        }
        self.family.sample(&name, "_bucket", &labels, Some(f64::INFINITY), point.count());
        // One that may fall would look like a process that has begun anew.
        if !point.min().unwrap_or_else(|| point.sum()).is_negative() {
            self.family.sample(&name, "_sum", &labels, None, point.sum());
        }
        self.family.sample(&name, "_count", &labels, None, point.count());
    }

    /// Two values for one series would be one too many.
    fn is_new(&mut self, labels: &str) -> bool {
        let is_new = self.family.series.insert(labels.to_owned());
        if is_new {
            *self.points += 1;
        } else {
            let reason = format!("`{}` has one series twice in Prometheus", self.family.name.base);
            self.lost.push((1, reason));
        }
        is_new
    }
}

struct Family {
    name: FamilyName,
    kind: Kind,
    help: String,
    samples: String,
    /// The labels of what is in `samples`.
    series: HashSet<String>,
}

impl Family {
    fn sample(
        &mut self,
        name: &str,
        suffix: &str,
        labels: &str,
        bound: Option<f64>,
        value: impl Number,
    ) {
        let text = &mut self.samples;
        text.push_str(name);
        text.push_str(suffix);
        if !labels.is_empty() || bound.is_some() {
            text.push('{');
            text.push_str(labels);
            if let Some(bound) = bound {
                text.push_str(if labels.is_empty() { "le=\"" } else { ",le=\"" });
                bound.write(text);
                text.push('"');
            }
            text.push('}');
        }
        text.push(' ');
        value.write(text);
        text.push('\n');
    }

    fn write(&self, text: &mut String, is_open_metrics: bool) {
        if self.samples.is_empty() {
            return;
        }
        // OpenMetrics names the family, the older form what is sampled.
        let name =
            if is_open_metrics { self.name.base.clone() } else { self.name.sample(self.kind) };
        if !self.help.is_empty() {
            let help = escaped(&self.help, is_open_metrics);
            let _ = writeln!(text, "# HELP {name} {help}");
        }
        let _ = writeln!(text, "# TYPE {name} {}", self.kind.word());
        if let Some(unit) = self.name.unit.as_ref().filter(|_| is_open_metrics) {
            let _ = writeln!(text, "# UNIT {name} {unit}");
        }
        text.push_str(&self.samples);
    }
}

/// The resource, once, on a metric of its own.
fn write_target(text: &mut String, resource: &Resource, is_open_metrics: bool) {
    let attributes = resource.iter().map(|(key, value)| (key.as_str().to_owned(), plain(value)));
    let labels = Labels { pairs: attributes.collect() }.text();
    if labels.is_empty() {
        return;
    }
    let sample = name::TARGET_INFO;
    let (family, kind) = if is_open_metrics { (name::TARGET, "info") } else { (sample, "gauge") };
    let _ = writeln!(text, "# HELP {family} Where these metrics come from.");
    let _ = writeln!(text, "# TYPE {family} {kind}\n{sample}{{{labels}}} 1");
}

/// Names and values, by OpenTelemetry's names.
#[derive(Clone, Default)]
struct Labels {
    pairs: Vec<(String, String)>,
}

impl Labels {
    fn of_scope(scope: &InstrumentationScope) -> Self {
        let text = |key: &str, value: &str| (format!("{}{key}", name::SCOPE), value.to_owned());
        let mut pairs = vec![text("name", scope.name())];
        pairs.extend(scope.version().map(|version| text("version", version)));
        pairs.extend(scope.schema_url().map(|url| text("schema_url", url)));
        let attributes = scope.attributes();
        pairs.extend(attributes.map(|it| text(it.key.as_str(), &plain(&it.value))));
        Self { pairs }
    }

    fn with<'a>(&self, attributes: impl Iterator<Item = &'a KeyValue>) -> Self {
        let mut all = self.clone();
        all.pairs.extend(attributes.map(|it| (it.key.as_str().to_owned(), plain(&it.value))));
        all
    }

    /// Prometheus itself takes labels out of the way by this prefix.
    fn give_way_to(&mut self, reserved: &str) {
        for (key, _) in &mut self.pairs {
            if label(key) == reserved {
                key.insert_str(0, "exported_");
            }
        }
    }

    /// In the order of their names; those whose names have become one are joined.
    fn text(mut self) -> String {
        self.pairs.sort();
        let mut labels: BTreeMap<String, String> = BTreeMap::new();
        for (key, value) in self.pairs {
            labels
                .entry(label(&key))
                .and_modify(|known| {
                    known.push(';');
                    known.push_str(&value);
                })
                .or_insert(value);
        }
        let mut text = String::new();
        // To Prometheus a label without a value is none.
        for (name, value) in labels.iter().filter(|(_, value)| !value.is_empty()) {
            let comma = if text.is_empty() { "" } else { "," };
            let _ = write!(text, "{comma}{name}=\"{}\"", escaped(value, true));
        }
        text
    }
}

fn escaped(text: &str, quotes: bool) -> Cow<'_, str> {
    if !text.contains(['\\', '\n', '"']) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            '\\' => escaped.push_str("\\\\"),
            '\n' => escaped.push_str("\\n"),
            '"' if quotes => escaped.push_str("\\\""),
            other => escaped.push(other),
        }
    }
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests;
