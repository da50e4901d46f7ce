//! Which traces are kept, and the metrics that count all of them.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::fmt::Write as _;

use opentelemetry_proto::tonic::metrics::v1::{AggregationTemporality, HistogramDataPoint};
use spanline_tests::metric::Metrics;
use spanline_tests::process::{Ended, Process};

/// As many as the program makes.
const PIPELINES: u64 = 400;

const TREE: &str = "invoke_workflow work\n  chat m <client>\n    request\n  prepare\n";

fn run(scenario: &str, variables: &[(&str, &str)]) -> Ended {
    let mut process = Process::new(env!("CARGO_BIN_EXE_program"), scenario);
    for (name, value) in variables {
        process = process.env(name, value);
    }
    let ended = process.run();
    assert!(ended.success, "{}", ended.stderr);
    ended
}

fn work(sampler: &str, argument: &str) -> Ended {
    run("work", &[("OTEL_TRACES_SAMPLER", sampler), ("OTEL_TRACES_SAMPLER_ARG", argument)])
}

/// Every trace is whole, and every pipeline is in the metrics, whether its trace was kept or not.
fn kept(ended: &Ended) -> usize {
    for id in ended.lines.traces.keys() {
        assert_eq!(ended.lines.trace(id).tree(), TREE);
    }
    let metrics = ended.lines.metrics();
    let counted = |name: &str| -> (u64, f64) {
        let points = &metrics.histogram(name).data_points;
        (
            points.iter().map(|point| point.count).sum(),
            points.iter().filter_map(|point| point.sum).sum(),
        )
    };
    assert_eq!(counted("gen_ai.invoke_workflow.duration").0, PIPELINES);
    assert_eq!(counted("spanline.stage.duration").0, PIPELINES);
    assert_eq!(counted("gen_ai.client.operation.duration").0, PIPELINES);
    #[allow(clippy::cast_precision_loss, reason = "a few thousand tokens")]
    let tokens = (PIPELINES * 13) as f64;
    let (count, sum) = counted("gen_ai.client.token.usage");
    assert_eq!(count, PIPELINES * 2);
    assert!((sum - tokens).abs() < 0.5, "{sum} tokens");
    ended.lines.traces.len()
}

#[test]
fn every_standard_sampler_keeps_what_it_says_and_metrics_count_all() {
    let all = usize::try_from(PIPELINES).unwrap();
    for sampler in ["always_on", "parentbased_always_on"] {
        assert_eq!(kept(&work(sampler, "")), all, "{sampler}");
    }
    for sampler in ["always_off", "parentbased_always_off"] {
        assert_eq!(kept(&work(sampler, "")), 0, "{sampler}");
    }
    for sampler in ["traceidratio", "parentbased_traceidratio"] {
        assert_eq!(kept(&work(sampler, "0.0")), 0, "{sampler}");
        assert_eq!(kept(&work(sampler, "1.0")), all, "{sampler}");
        // The share of 400 coins with heads at one in four, seven deviations wide.
        let some = kept(&work(sampler, "0.25"));
        assert!((40..=160).contains(&some), "{sampler}: {some}");
    }
}

#[test]
fn a_remote_parent_decides_where_the_sampler_asks_it() {
    let kept = |sampler: &str| {
        let ended = run("remote", &[("OTEL_TRACES_SAMPLER", sampler)]);
        let metrics = ended.lines.metrics();
        assert_eq!(metrics.histogram("gen_ai.client.operation.duration").data_points[0].count, 2);
        let mut ids: Vec<String> = ended.lines.traces.keys().cloned().collect();
        for id in &ids {
            assert_eq!(ended.lines.trace(id).tree(), format!("… {TREE}"));
        }
        ids.sort();
        ids
    };
    let sampled = "0af7651916cd43dd8448eb211c80319c";
    let unsampled = "1af7651916cd43dd8448eb211c80319c";
    assert_eq!(kept("parentbased_always_on"), [sampled]);
    assert_eq!(kept("parentbased_always_off"), [sampled]);
    assert_eq!(kept("always_on"), [sampled, unsampled]);
    assert_eq!(kept("always_off"), [""; 0]);
}

#[test]
fn metrics_are_the_same_whether_the_trace_is_kept_or_not() {
    let told = |sampler: &str| {
        let ended = run("unsampled-writes", &[("OTEL_TRACES_SAMPLER", sampler)]);
        let metrics = ended.lines.metrics();
        let mut told = String::new();
        for (name, key, value) in [
            ("gen_ai.invoke_workflow.duration", "gen_ai.workflow.name", "outer"),
            ("gen_ai.client.operation.duration", "gen_ai.request.model", "outer"),
            ("gen_ai.client.token.usage", "gen_ai.request.model", "outer"),
            ("spanline.stage.duration", "spanline.stage.name", "inner"),
            ("spanline.stage.duration", "spanline.stage.name", "theirs"),
        ] {
            told.push_str(name);
            told.push('\n');
            told.push_str(&metrics.counts(name, key, value));
            let sum: f64 =
                metrics.points(name, key, value).iter().filter_map(|point| point.sum).sum();
            if name.ends_with("usage") {
                writeln!(told, "{sum} tokens").unwrap();
            }
        }
        told
    };
    let sampled = told("always_on");
    assert_eq!(told("always_off"), sampled);
    assert_eq!(
        sampled,
        r#"gen_ai.invoke_workflow.duration
gen_ai.workflow.name="outer": 1
gen_ai.client.operation.duration
gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="outer": 1
gen_ai.client.token.usage
gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="outer" gen_ai.token.type="input": 1
gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="outer" gen_ai.token.type="output": 1
3 tokens
spanline.stage.duration
error.type="core::fmt::Error" spanline.stage.name="inner": 1
spanline.stage.duration
error.type="_OTHER" spanline.stage.name="theirs": 1
"#
    );
}

#[test]
fn of_a_result_that_is_not_kept_nothing_is_read_but_what_metrics_need() {
    let told = |sampler: &str, metrics: &str| {
        let variables = [("OTEL_TRACES_SAMPLER", sampler), ("OTEL_METRICS_EXPORTER", metrics)];
        run("unsampled-results", &variables)
    };
    let kept = told("always_on", "file");
    assert_eq!(
        kept.stdout, "tested\nread model\nread text\nread error\n",
        "an error has no result"
    );
    let measured = told("always_off", "file");
    assert_eq!(measured.stdout, "tested\nread model\n");
    assert_eq!(told("always_off", "none").stdout, "");
    for ended in [kept, measured] {
        let metrics = ended.lines.metrics();
        let models =
            metrics.counts("gen_ai.client.operation.duration", "gen_ai.response.model", "model");
        assert!(models.ends_with(": 1\n"), "{models}");
        let types = metrics.counts("spanline.stage.duration", "error.type", "told");
        assert_eq!(types, "error.type=\"told\" spanline.stage.name=\"items\": 1\n");
    }
}

#[test]
fn metrics_have_the_names_units_and_bounds_of_the_conventions() {
    let ended = work("always_off", "");
    let metrics = ended.lines.metrics();
    let durations =
        [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
    let workflows = [1.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 7200.0];
    let tokens: Vec<f64> = (0..14).map(|power| 4_f64.powi(power)).collect();
    for (name, unit, bounds) in [
        ("gen_ai.invoke_workflow.duration", "s", &workflows[..]),
        ("gen_ai.client.operation.duration", "s", &durations[..]),
        ("spanline.stage.duration", "s", &durations[..]),
        ("gen_ai.client.token.usage", "{token}", &tokens[..]),
    ] {
        let (scope, schema_url, metric) = metrics.metric(name);
        assert_eq!(scope.name, "spanline");
        assert_eq!(schema_url, "https://opentelemetry.io/schemas/1.41.1");
        assert_eq!(metric.unit, unit, "{name}");
        let histogram = metrics.histogram(name);
        assert_eq!(histogram.aggregation_temporality(), AggregationTemporality::Cumulative);
        for point in &histogram.data_points {
            assert_eq!(point.explicit_bounds, bounds, "{name}");
            assert_eq!(point.bucket_counts.iter().sum::<u64>(), point.count, "{name}");
        }
    }
    assert_eq!(metrics.names().len(), 4);
    let input = metrics.points("gen_ai.client.token.usage", "gen_ai.token.type", "input");
    assert_eq!(input[0].bucket_counts[2], PIPELINES, "10 tokens lie between 4 and 16");
}

#[test]
fn metrics_go_out_on_their_interval_cumulative_or_as_deltas() {
    let collected = |temporality: &str| {
        let ended = run(
            "intervals",
            &[
                ("OTEL_METRIC_EXPORT_INTERVAL", "10"),
                ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", temporality),
            ],
        );
        let collections = ended.lines.collections.iter().cloned();
        let points: Vec<_> = collections
            .map(|collection| {
                let metrics = Metrics::new(collection);
                let histogram = metrics.histogram("spanline.stage.duration");
                assert_eq!(histogram.data_points.len(), 1);
                (histogram.aggregation_temporality(), histogram.data_points[0].clone())
            })
            .collect();
        assert!(points.len() >= 3);
        points
    };
    let cumulative = collected("cumulative");
    for pair in cumulative.windows(2) {
        assert_eq!(pair[0].0, AggregationTemporality::Cumulative);
        assert_eq!(pair[0].1.start_time_unix_nano, pair[1].1.start_time_unix_nano);
        assert!(pair[0].1.count <= pair[1].1.count);
    }
    let delta = collected("delta");
    for pair in delta.windows(2) {
        assert_eq!(pair[0].0, AggregationTemporality::Delta);
        assert!(pair[0].1.time_unix_nano <= pair[1].1.start_time_unix_nano);
    }
}

#[test]
fn series_beyond_the_limit_of_the_sdk_are_one_and_leave_their_places_when_they_end() {
    let collected = |temporality: &str| -> Vec<_> {
        let ended = run(
            "series",
            &[
                ("OTEL_TRACES_SAMPLER", "always_off"),
                ("OTEL_BSP_MAX_QUEUE_SIZE", "4096"),
                ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", temporality),
            ],
        );
        let collections = ended.lines.collections.iter().cloned();
        let counted = collections.map(|collection| {
            let metrics = Metrics::new(collection);
            let points = &metrics.histogram("spanline.stage.duration").data_points;
            let is_overflow = |point: &&HistogramDataPoint| {
                point.attributes.iter().any(|it| it.key == "otel.metric.overflow")
            };
            let (overflow, named): (Vec<_>, Vec<_>) = points.iter().partition(is_overflow);
            assert!(named.iter().all(|point| point.count == 2));
            (named.len(), overflow.iter().map(|point| point.count).sum::<u64>())
        });
        counted.collect()
    };
    assert_eq!(collected("cumulative"), [(1500, 0), (2000, 2000), (2000, 5000)]);
    // What had no measurement in the second collection makes room for the third.
    assert_eq!(collected("delta"), [(1500, 0), (500, 2000), (1500, 0)]);
}
