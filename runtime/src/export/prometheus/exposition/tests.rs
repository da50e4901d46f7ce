//! The text, as Prometheus reads it.

use std::sync::Arc;

use opentelemetry::metrics::{Meter, MeterProvider as _};
use opentelemetry::{Array, Value};
use opentelemetry_sdk::metrics::reader::MetricReader as _;
use opentelemetry_sdk::metrics::{Aggregation, Instrument, ManualReader, SdkMeterProvider, Stream};

use super::*;
use crate::export::reader::SharedReader;

fn collected(record: impl FnOnce(&SdkMeterProvider)) -> ResourceMetrics {
    let reader = Arc::new(ManualReader::builder().build());
    let exponential = |instrument: &Instrument| {
        let scales = Aggregation::Base2ExponentialHistogram {
            max_size: 160,
            max_scale: 20,
            record_min_max: true,
        };
        let stream = || Stream::builder().with_aggregation(scales).build().unwrap();
        (instrument.name() == "exponential").then(stream)
    };
    let provider = SdkMeterProvider::builder()
        .with_resource(
            Resource::builder_empty()
                .with_attributes([
                    KeyValue::new("service.name", "sample"),
                    KeyValue::new("host.name", "a\"b\\c\nd"),
                ])
                .build(),
        )
        .with_view(exponential)
        .with_reader(SharedReader(Arc::clone(&reader)))
        .build();
    record(&provider);
    let mut metrics = ResourceMetrics::default();
    reader.collect(&mut metrics).unwrap();
    metrics
}

fn collected_of(record: impl FnOnce(&Meter)) -> ResourceMetrics {
    collected(|provider| record(&provider.meter("m")))
}

/// The lines behind those of the resource.
fn lines(exposition: &Exposition) -> Vec<&str> {
    exposition.text.lines().skip(3).collect()
}

#[test]
fn the_resource_is_one_metric_of_its_own() {
    let metrics = collected_of(|meter| meter.u64_counter("c").build().add(1, &[]));
    let text = Exposition::new(&metrics, false).text;
    let target = "# HELP target_info Where these metrics come from.\n\
                  # TYPE target_info gauge\n\
                  target_info{host_name=\"a\\\"b\\\\c\\nd\",service_name=\"sample\"} 1\n";
    assert!(text.starts_with(target), "{text}");
    let text = Exposition::new(&metrics, true).text;
    assert!(
        text.starts_with(&target.replacen("target_info", "target", 2).replace("gauge", "info"))
    );
}

#[test]
fn numbers_of_each_kind_are_lines_by_their_names() {
    let metrics = collected_of(|meter| {
        let requests = meter.u64_counter("requests").with_unit("{request}");
        let requests = requests.with_description("How many\nare \"here\" \\").build();
        requests.add(u64::MAX, &[KeyValue::new("http.route", "/a\"b\\\n")]);
        meter.f64_counter("io").with_unit("By").build().add(0.5, &[]);
        meter.i64_up_down_counter("open").build().add(-3, &[]);
        meter.f64_gauge("level").with_unit("1").build().record(2.0, &[]);
    });
    let exposition = Exposition::new(&metrics, false);
    assert_eq!(
        lines(&exposition),
        [
            "# HELP requests_total How many\\nare \"here\" \\\\",
            "# TYPE requests_total counter",
            "requests_total{http_route=\"/a\\\"b\\\\\\n\",otel_scope_name=\"m\"} 18446744073709551615",
            "# TYPE io_bytes_total counter",
            "io_bytes_total{otel_scope_name=\"m\"} 0.5",
            "# TYPE open gauge",
            "open{otel_scope_name=\"m\"} -3",
            "# TYPE level_ratio gauge",
            "level_ratio{otel_scope_name=\"m\"} 2.0",
        ]
    );
    assert_eq!((exposition.points, exposition.lost), (4, vec![]));
    let exposition = Exposition::new(&metrics, true);
    let lines = lines(&exposition);
    assert_eq!(
        lines[..2],
        ["# HELP requests How many\\nare \\\"here\\\" \\\\", "# TYPE requests counter"]
    );
    assert_eq!(lines[3..5], ["# TYPE io_bytes counter", "# UNIT io_bytes bytes"]);
    assert_eq!(lines.last(), Some(&"# EOF"));
}

#[test]
fn buckets_of_a_histogram_add_up_and_end_with_infinity() {
    let metrics = collected_of(|meter| {
        let duration =
            meter.f64_histogram("d").with_unit("s").with_boundaries(vec![0.5, 1.0, 10.0]);
        let duration = duration.build();
        for value in [0.25, 0.5, 2.0, 20.0] {
            duration.record(value, &[KeyValue::new("le", "mine")]);
        }
    });
    let labels = "exported_le=\"mine\",otel_scope_name=\"m\"";
    let bucket = |le, count| format!("d_seconds_bucket{{{labels},le=\"{le}\"}} {count}");
    assert_eq!(
        lines(&Exposition::new(&metrics, false)),
        [
            "# TYPE d_seconds histogram".to_owned(),
            bucket("0.5", 2),
            bucket("1.0", 2),
            bucket("10.0", 3),
            bucket("+Inf", 4),
            format!("d_seconds_sum{{{labels}}} 22.75"),
            format!("d_seconds_count{{{labels}}} 4"),
        ]
    );
}

#[test]
fn a_sum_that_may_fall_is_left_out() {
    let metrics = collected_of(|meter| {
        let change = meter.f64_histogram("change").with_boundaries(vec![0.0]).build();
        change.record(-1.0, &[]);
        change.record(5.0, &[]);
    });
    let text = Exposition::new(&metrics, true).text;
    assert!(text.contains("change_count{otel_scope_name=\"m\"} 2\n"), "{text}");
    assert!(!text.contains("change_sum"), "{text}");
}

#[test]
fn attributes_whose_names_become_one_are_joined_in_the_order_of_their_names() {
    let metrics = collected_of(|meter| {
        let attributes = [
            KeyValue::new("a_b", "3"),
            KeyValue::new("a.b", "2"),
            KeyValue::new("a-b", 1),
            KeyValue::new("empty", ""),
            KeyValue::new("flag", true),
            KeyValue::new("list", Value::Array(Array::String(vec!["x".into(), "y\"".into()]))),
        ];
        meter.u64_gauge("g").build().record(1, &attributes);
    });
    let exposition = Exposition::new(&metrics, false);
    assert_eq!(
        lines(&exposition)[1],
        "g{a_b=\"1;2;3\",flag=\"true\",list=\"[\\\"x\\\",\\\"y\\\\\\\"\\\"]\",otel_scope_name=\"m\"} 1"
    );
}

#[test]
fn a_scope_is_told_by_labels_and_two_scopes_share_a_family() {
    let metrics = collected(|provider| {
        let scope = |name: &'static str| {
            InstrumentationScope::builder(name)
                .with_version("1.2")
                .with_schema_url("https://schema")
                .with_attributes([KeyValue::new("team.name", "x")])
                .build()
        };
        for name in ["one", "two"] {
            provider.meter_with_scope(scope(name)).u64_counter("c").build().add(1, &[]);
        }
    });
    let scope = "otel_scope_schema_url=\"https://schema\",otel_scope_team_name=\"x\",\
                 otel_scope_version=\"1.2\"";
    let line = |name| format!("c_total{{otel_scope_name=\"{name}\",{scope}}} 1");
    let mut found: Vec<String> =
        lines(&Exposition::new(&metrics, false)).into_iter().map(str::to_owned).collect();
    found[1..].sort();
    assert_eq!(found, ["# TYPE c_total counter".to_owned(), line("one"), line("two")]);
}

#[test]
fn what_cannot_be_told_is_left_out_and_counted_with_its_reason() {
    let metrics = collected_of(|meter| {
        meter.u64_counter("both").build().add(1, &[]);
        let level = meter.i64_gauge("both.total").build();
        level.record(1, &[KeyValue::new("k", 1)]);
        let part = meter.f64_histogram("part").with_boundaries(vec![1.0]).build();
        part.record(1.0, &[]);
        meter.u64_gauge("part.count").build().record(1, &[]);
        meter.f64_histogram("exponential").build().record(1.0, &[]);
        let twice = meter.u64_gauge("twice").build();
        twice.record(1, &[KeyValue::new("a.b", 1)]);
        twice.record(2, &[KeyValue::new("a-b", 1)]);
    });
    let exposition = Exposition::new(&metrics, true);
    let text = &exposition.text;
    assert!(text.contains("both_total{otel_scope_name=\"m\"} 1\n"), "{text}");
    assert!(!text.contains("exponential"), "{text}");
    assert_eq!(text.matches("twice{").count(), 1, "{text}");
    assert_eq!(exposition.points, 3);
    let mut lost = exposition.lost;
    lost.sort();
    assert_eq!(
        lost,
        [
            (
                1,
                "`both.total` is a gauge, and the counter `both` has its name in Prometheus"
                    .to_owned()
            ),
            (1, "`exponential` is an exponential histogram".to_owned()),
            (
                1,
                "`part.count` is a gauge, and the histogram `part` has its name in Prometheus"
                    .to_owned()
            ),
            (1, "`twice` has one series twice in Prometheus".to_owned()),
        ]
    );
}

#[test]
fn what_is_no_ordinary_number_has_the_words_of_prometheus() {
    let written = |value: f64| {
        let mut text = String::new();
        value.write(&mut text);
        text
    };
    let values = [f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 1e300, 0.1, 67_108_864.0];
    assert_eq!(values.map(written), ["+Inf", "-Inf", "NaN", "1e300", "0.1", "67108864.0"]);
}
