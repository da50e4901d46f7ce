//! What the metrics came to, for the end of a run.

use opentelemetry::KeyValue;
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, Metric, MetricData, ResourceMetrics};
use unicode_width::UnicodeWidthStr;

use super::ink::{Line, Piece, Tone};
use super::quantity;
use super::screen::{Glyphs, Screen};
use super::span::{pair, plural};
use super::text::{printable, shorten};

/// Points of one metric that are listed.
const POINTS: usize = 24;
/// Columns of a metric's name.
const NAME: usize = 120;
const GAP: usize = 2;
/// Before a point, and twice before its second line.
const INDENT: usize = 2;

/// The state of every metric after the last collection.
#[derive(Debug, Default)]
pub(super) struct Summary {
    series: Vec<Series>,
}

#[derive(Debug)]
struct Series {
    scope: String,
    name: String,
    unit: String,
    points: Vec<Point>,
}

#[derive(Clone, Debug)]
struct Point {
    attributes: Vec<KeyValue>,
    value: Measured,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Measured {
    Last(f64),
    Sum(f64),
    Spread { count: u64, sum: f64, min: Option<f64>, max: Option<f64> },
}

impl Measured {
    /// What came before, when only the change since then is reported.
    fn add_to(self, before: Self) -> Self {
        let least = |a: Option<f64>, b: Option<f64>, pick: fn(f64, f64) -> f64| match (a, b) {
            (Some(a), Some(b)) => Some(pick(a, b)),
            (a, b) => a.or(b),
        };
        match (before, self) {
            (Self::Sum(before), Self::Sum(change)) => Self::Sum(before + change),
            (
                Self::Spread { count, sum, min, max },
                Self::Spread { count: more, sum: rise, min: low, max: high },
            ) => Self::Spread {
                count: count + more,
                sum: sum + rise,
                min: least(min, low, f64::min),
                max: least(max, high, f64::max),
            },
            (_, current) => current,
        }
    }

    /// One text per column.
    fn show(self, unit: &str, glyphs: Glyphs) -> Vec<(&'static str, String)> {
        let measured = |value| printable(&quantity::measured(value, unit, glyphs), NAME, glyphs);
        match self {
            Self::Last(value) => vec![("last", measured(value))],
            Self::Sum(value) => vec![("sum", measured(value))],
            Self::Spread { count, sum, min, max } => {
                let mut columns = vec![("count", count.to_string()), ("sum", measured(sum))];
                if count > 0 {
                    #[allow(clippy::cast_precision_loss, reason = "a mean is rounded anyway")]
                    let mean = sum / count as f64;
                    columns.push(("mean", measured(mean)));
                }
                columns.extend(min.map(|min| ("min", measured(min))));
                columns.extend(max.map(|max| ("max", measured(max))));
                columns
            }
        }
    }
}

impl Summary {
    /// Metrics that are not in this collection stay as they were.
    pub(super) fn take(&mut self, metrics: &ResourceMetrics) {
        for scope in metrics.scope_metrics() {
            for metric in scope.metrics() {
                self.take_metric(scope.scope().name(), metric);
            }
        }
    }

    fn take_metric(&mut self, scope: &str, metric: &Metric) {
        let (temporality, points) = match metric.data() {
            AggregatedMetrics::F64(data) => points(data, |value| value),
            #[allow(clippy::cast_precision_loss, reason = "shown with few digits")]
            AggregatedMetrics::U64(data) => points(data, |value| value as f64),
            #[allow(clippy::cast_precision_loss, reason = "shown with few digits")]
            AggregatedMetrics::I64(data) => points(data, |value| value as f64),
        };
        let same = |series: &&mut Series| {
            series.scope == scope && series.name == metric.name() && series.unit == metric.unit()
        };
        match self.series.iter_mut().find(same) {
            None => self.series.push(Series {
                scope: scope.to_owned(),
                name: metric.name().to_owned(),
                unit: metric.unit().to_owned(),
                points,
            }),
            Some(series) if temporality == Temporality::Delta => series.add(points),
            Some(series) => series.points = points,
        }
    }

    pub(super) fn points(&self) -> usize {
        self.series.iter().map(|series| series.points.len()).sum()
    }

    pub(super) fn text(&self, screen: &Screen) -> String {
        let mut out = String::new();
        let mut heading = Line::new(screen.colour);
        heading.push("metrics", Tone::Strong);
        heading.end(&mut out);
        let mut series: Vec<_> = self.series.iter().filter(|it| !it.points.is_empty()).collect();
        series.sort_by(|a, b| (&a.name, &a.scope).cmp(&(&b.name, &b.scope)));
        for series in series {
            series.write(screen, &mut out);
        }
        out
    }
}

fn points<T: Copy>(data: &MetricData<T>, number: fn(T) -> f64) -> (Temporality, Vec<Point>) {
    let point = |attributes: Vec<KeyValue>, value| Point { attributes, value };
    match data {
        MetricData::Gauge(gauge) => {
            let points = gauge.data_points().map(|it| {
                point(it.attributes().cloned().collect(), Measured::Last(number(it.value())))
            });
            (Temporality::Cumulative, points.collect())
        }
        MetricData::Sum(sum) => {
            let points = sum.data_points().map(|it| {
                point(it.attributes().cloned().collect(), Measured::Sum(number(it.value())))
            });
            (sum.temporality(), points.collect())
        }
        MetricData::Histogram(histogram) => {
            let points = histogram.data_points().map(|it| {
                let spread = Measured::Spread {
                    count: it.count(),
                    sum: number(it.sum()),
                    min: it.min().map(number),
                    max: it.max().map(number),
                };
                point(it.attributes().cloned().collect(), spread)
            });
            (histogram.temporality(), points.collect())
        }
        MetricData::ExponentialHistogram(histogram) => {
            let points = histogram.data_points().map(|it| {
                let spread = Measured::Spread {
                    count: it.count() as u64,
                    sum: number(it.sum()),
                    min: it.min().map(number),
                    max: it.max().map(number),
                };
                point(it.attributes().cloned().collect(), spread)
            });
            (histogram.temporality(), points.collect())
        }
    }
}

impl Series {
    fn add(&mut self, changes: Vec<Point>) {
        for change in changes {
            match self.points.iter_mut().find(|it| same_set(&it.attributes, &change.attributes)) {
                Some(point) => point.value = change.value.add_to(point.value),
                None => self.points.push(change),
            }
        }
    }

    /// The name with what all points share, then a line for each point with what it has of its own;
    /// a point without attributes stands beside the name.
    fn write(&self, screen: &Screen, out: &mut String) {
        let glyphs = screen.glyphs;
        let mut shared: Vec<&KeyValue> =
            self.points.first().map(|point| point.attributes.iter().collect()).unwrap_or_default();
        shared.retain(|attribute| {
            self.points.iter().all(|point| point.attributes.contains(attribute))
        });
        shared.sort_by(|a, b| a.key.cmp(&b.key));

        let mut heading = Items::new(screen, 0, 2 * INDENT);
        heading.add(&Piece::plain(printable(&self.name, NAME, glyphs)), 0, out);
        for attribute in &shared {
            heading.add(&Piece::faint(pair(attribute, glyphs)), 0, out);
        }
        if let [Point { attributes, value }] = &*self.points
            && attributes.is_empty()
        {
            for (name, text) in value.show(&self.unit, glyphs) {
                heading.add(&Piece::plain(format!("{name} {text}")), 0, out);
            }
            heading.line.end(out);
            return;
        }
        heading.line.end(out);

        let mut rows: Vec<_> = self
            .points
            .iter()
            .map(|point| (point.label(&shared, glyphs), point.value.show(&self.unit, glyphs)))
            .collect();
        rows.sort();
        let more = rows.len().saturating_sub(POINTS);
        rows.truncate(POINTS);
        write_table(&rows, screen, out);
        if more > 0 {
            let mut items = Items::new(screen, INDENT, INDENT);
            items.add(&Piece::faint(format!("{more} more {}", plural(more, "point"))), 0, out);
            items.line.end(out);
        }
    }
}

/// What a point has of its own, and its numbers.
type Row = (String, Vec<(&'static str, String)>);

fn write_table(rows: &[Row], screen: &Screen, out: &mut String) {
    let widest = rows.iter().map(|(label, _)| label.width()).max().unwrap_or(0);
    let label_width = screen.columns().map_or(widest, |columns| widest.min(columns / 2));
    let mut widths: Vec<usize> = Vec::new();
    for (_, columns) in rows {
        widths.resize(widths.len().max(columns.len()), 0);
        for (width, (_, text)) in widths.iter_mut().zip(columns) {
            *width = text.width().max(*width);
        }
    }
    for (label, columns) in rows {
        let mut items = Items::new(screen, INDENT, 2 * INDENT);
        if label_width > 0 {
            let label = if label.is_empty() { "-" } else { label };
            let label = shorten(label, label_width, screen.glyphs);
            items.add(&Piece::faint(label), label_width, out);
        }
        for ((name, text), width) in columns.iter().zip(&widths) {
            let padding = " ".repeat(width.saturating_sub(text.width()));
            items.add(&Piece::plain(format!("{name} {padding}{text}")), 0, out);
        }
        items.line.end(out);
    }
}

impl Point {
    fn label(&self, shared: &[&KeyValue], glyphs: Glyphs) -> String {
        let mut own: Vec<_> =
            self.attributes.iter().filter(|attribute| !shared.contains(attribute)).collect();
        own.sort_by(|a, b| a.key.cmp(&b.key));
        let own: Vec<_> = own.into_iter().map(|attribute| pair(attribute, glyphs)).collect();
        own.join(&" ".repeat(GAP))
    }
}

/// Equal but for the order.
fn same_set(a: &[KeyValue], b: &[KeyValue]) -> bool {
    a.len() == b.len() && a.iter().all(|attribute| b.contains(attribute))
}

/// Items on a line, and on as many more as they need.
struct Items<'screen> {
    line: Line,
    screen: &'screen Screen,
    empty: bool,
    further: usize,
}

impl<'screen> Items<'screen> {
    fn new(screen: &'screen Screen, indent: usize, further: usize) -> Self {
        let mut line = Line::new(screen.colour);
        line.skip(indent);
        Self { line, screen, empty: true, further }
    }

    fn add(&mut self, piece: &Piece, width: usize, out: &mut String) {
        let has_room = self
            .screen
            .columns()
            .is_none_or(|columns| self.line.columns() + GAP + piece.width().max(width) <= columns);
        if self.empty {
            self.empty = false;
        } else if has_room {
            self.line.skip(GAP);
        } else {
            let mut next = Line::new(self.screen.colour);
            next.skip(self.further);
            std::mem::replace(&mut self.line, next).end(out);
        }
        self.line.cell(&piece.text, piece.tone, width);
    }
}
