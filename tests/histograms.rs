//! Exponential histograms, on request.
#![cfg(test)]
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::process::Command;

use serde_json::Value;
use spanline::{ExporterName, LlmCall, Telemetry};

fn call(input: u64) {
    LlmCall::new("openai", "gpt-4o-mini")
        .run_blocking_with(|| (), |(), outcome| outcome.usage((input, 1)));
}

/// The points of a metric in one line of the file.
fn points<'a>(line: &'a Value, name: &str, kind: &str) -> Option<&'a [Value]> {
    let scopes = line["resourceMetrics"][0]["scopeMetrics"].as_array()?.iter();
    let mut metrics = scopes.filter_map(|scope| scope["metrics"].as_array()).flatten();
    let metric = metrics.find(|metric| metric["name"] == name)?;
    Some(metric[kind]["dataPoints"].as_array()?)
}

fn whole(value: &Value) -> u64 {
    value.as_u64().or_else(|| value.as_str()?.parse().ok()).unwrap()
}

#[test]
fn every_histogram_is_exponential_and_goes_on_adding_up() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("metrics.jsonl");
    let telemetry = Telemetry::builder()
        .traces_to([])
        .metrics_to([ExporterName::File])
        .file(&path)
        .exponential_histograms(true)
        .init()
        .unwrap();
    for inputs in [[1, 1000], [10, 100_000]] {
        inputs.into_iter().for_each(call);
        telemetry.flush().unwrap();
    }
    telemetry.shutdown().unwrap();

    let text = std::fs::read_to_string(path).unwrap();
    assert!(!text.contains("\"explicitBounds\""), "{text}");
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    // The file has the spans as well.
    let lines: Vec<Value> =
        lines.filter(|line: &Value| line.get("resourceMetrics").is_some()).collect();
    for (line, count, sum) in [(&lines[0], 2, 1001.0), (&lines[1], 4, 101_011.0)] {
        let tokens = points(line, "gen_ai.client.token.usage", "exponentialHistogram").unwrap();
        let is_input = |point: &&Value| point.to_string().contains("\"input\"");
        let point = tokens.iter().find(is_input).unwrap();
        assert_eq!((whole(&point["count"]), point["sum"].as_f64().unwrap()), (count, sum));
        let buckets = point["positive"]["bucketCounts"].as_array().unwrap();
        assert!(buckets.len() <= 160, "{}", buckets.len());
        assert_eq!(buckets.iter().map(whole).sum::<u64>(), count);
        assert!(point["scale"].as_i64().unwrap() <= 20, "{point}");
        assert_eq!(point["min"].as_f64(), Some(1.0));
        let name = "gen_ai.client.operation.duration";
        let durations = points(line, name, "exponentialHistogram").unwrap();
        assert_eq!(whole(&durations[0]["count"]), count);
    }
}

#[test]
fn the_summary_of_the_console_tells_them_as_it_tells_others() {
    let summary = |aggregation: &str| {
        let variable = "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION";
        let mut command = Command::new(env!("CARGO_BIN_EXE_configured"));
        command.arg("work").env_clear().env(variable, aggregation);
        command.envs(std::env::var_os("SystemRoot").map(|root| ("SystemRoot", root)));
        let output = command.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let stderr = String::from_utf8(output.stderr).unwrap();
        let start = stderr.find("spanline.stage.duration").unwrap_or_else(|| panic!("{stderr}"));
        // Durations differ from run to run.
        let words = stderr[start..].split_whitespace();
        words.filter(|word| !word.contains(|it: char| it.is_ascii_digit() || it == 'µ')).fold(
            String::new(),
            |text, word| {
                if ["ms", "s", "ns"].contains(&word) { text } else { text + word + " " }
            },
        )
    };
    assert_eq!(summary("base2_exponential_bucket_histogram"), summary("explicit_bucket_histogram"));
}
