//! The same program in a process of its own, under other conventions, as a receiver sees it.

use std::collections::BTreeSet;

use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value as Number;
use opentelemetry_proto::tonic::trace::v1::Span;
use spanline_tests::process::{Ended, Process};

use super::genai_main::{GENAI_MAIN, REMOVED};
use super::metrics::{self, Collected};
use super::spans::text;
use super::support::receiver::Receiver;
use super::table::V1_41;
use super::{openinference, spans};

/// What the receiver got.
struct Sent {
    spans: Vec<Span>,
    /// Of spans.
    schema_urls: BTreeSet<String>,
    scopes: BTreeSet<String>,
    metrics: Vec<Collected>,
}

fn process(variables: &[(&str, &str)]) -> Process {
    let mut process = Process::new(env!("CARGO_BIN_EXE_program"), "operations");
    for (name, value) in variables {
        process = process.env(name, value);
    }
    process
}

fn succeeded(ended: Ended) -> Ended {
    assert!(ended.success, "{}", ended.stderr);
    ended
}

fn sent(variables: &[(&str, &str)]) -> Sent {
    let receiver = Receiver::start();
    let url = receiver.url();
    let to_receiver = [
        ("OTEL_TRACES_EXPORTER", "otlp"),
        ("OTEL_METRICS_EXPORTER", "otlp"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", url.as_str()),
    ];
    let ended = succeeded(process(&[&to_receiver, variables].concat()).run());
    assert!(!ended.stderr.contains("spanline: "), "{}", ended.stderr);
    let spans = receiver.spans();
    assert!(spans.len() > 50, "{}", spans.len());
    let metrics = receiver.metrics();
    let of_spans = spans.iter().map(|span| &span.scope);
    let scopes = of_spans.chain(metrics.iter().map(|metric| &metric.scope));
    Sent {
        scopes: scopes.map(|scope| scope.name.clone()).collect(),
        schema_urls: spans.iter().map(|span| span.schema_url.clone()).collect(),
        spans: spans.into_iter().map(|span| span.span).collect(),
        metrics: metrics.into_iter().map(|it| (it.schema_url, it.metric)).collect(),
    }
}

fn schema_urls(sent: &Sent) -> Vec<&str> {
    sent.schema_urls.iter().map(String::as_str).collect()
}

#[test]
fn the_next_set_alone_has_nothing_of_what_it_replaces() {
    let sent = sent(&[("SPANLINE_CONVENTIONS", "genai-main")]);
    spans::check(&[GENAI_MAIN], &sent.spans);
    metrics::check(&[GENAI_MAIN], &sent.metrics);
    assert_eq!(schema_urls(&sent), [GENAI_MAIN.schema_url]);
    let (_, attributes) = spans::shown(&sent.spans);
    for removed in REMOVED {
        assert!(!attributes.contains(removed), "{removed}");
    }
    for new in ["gen_ai.retrieval.top_k", "gen_ai.usage.cache_write.input_tokens"] {
        assert!(attributes.contains(new), "{new}");
    }
}

#[test]
fn the_opt_in_of_the_standard_gives_both_sets() {
    let sent = sent(&[("OTEL_SEMCONV_STABILITY_OPT_IN", "http,gen_ai_latest_experimental/dup")]);
    spans::check(&[V1_41, GENAI_MAIN], &sent.spans);
    metrics::check(&[V1_41, GENAI_MAIN], &sent.metrics);
    assert_eq!(schema_urls(&sent), [V1_41.schema_url]);
    let (_, attributes) = spans::shown(&sent.spans);
    for name in [
        "gen_ai.usage.cache_creation.input_tokens",
        "gen_ai.usage.cache_write.input_tokens",
        "gen_ai.retrieval.top_k",
        "gen_ai.request.top_k",
    ] {
        assert!(attributes.contains(name), "{name}");
    }
}

fn is_openinference(key: &str) -> bool {
    let others = ["error.", "exception.", "gen_ai.", "openai.", "server.", "spanline."];
    !others.iter().any(|other| key.starts_with(other))
}

#[test]
fn openinference_alone_has_names_of_its_own_for_everything() {
    let sent = sent(&[("SPANLINE_CONVENTIONS", "openinference")]);
    openinference::check(&sent.spans);
    // It has no metrics: they are the default ones.
    metrics::check(&[V1_41], &sent.metrics);
    assert_eq!(schema_urls(&sent), [""]);
}

#[test]
fn openinference_beside_the_default_set_takes_nothing_from_it() {
    let mut sent = sent(&[("SPANLINE_CONVENTIONS", "openinference,v1.41.1")]);
    assert_eq!(schema_urls(&sent), [V1_41.schema_url]);
    metrics::check(&[V1_41], &sent.metrics);
    let (_, attributes) = spans::shown(&sent.spans);
    assert!(!attributes.contains("metadata"));
    for span in &mut sent.spans {
        assert!(text(&span.attributes, "openinference.span.kind").is_some(), "{span:?}");
        span.attributes.retain(|attribute| {
            ["session.id", "user.id"].contains(&attribute.key.as_str())
                || !is_openinference(&attribute.key)
        });
    }
    spans::check(&[V1_41], &sent.spans);
}

/// Everything under this prefix, without it.
fn under(prefix: &str, sent: &Sent) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut see = |name: &str| {
        names.extend(name.strip_prefix(prefix).map(ToOwned::to_owned));
    };
    let mut see_all = |attributes: &[KeyValue]| {
        for attribute in attributes {
            see(&attribute.key);
        }
    };
    for span in &sent.spans {
        see_all(&span.attributes);
        span.events.iter().for_each(|event| see_all(&event.attributes));
    }
    for (_, metric) in &sent.metrics {
        if let Some(Data::Histogram(histogram)) = &metric.data {
            histogram.data_points.iter().for_each(|point| see_all(&point.attributes));
        }
    }
    for event in sent.spans.iter().flat_map(|span| &span.events) {
        see(&event.name);
    }
    sent.metrics.iter().for_each(|(_, metric)| see(&metric.name));
    names
}

#[test]
fn a_prefix_is_on_all_that_is_ours_and_on_nothing_else() {
    let plain = sent(&[]);
    let prefixed = sent(&[("SPANLINE_PREFIX", "flowmason")]);
    let ours = under("spanline.", &plain);
    for name in
        ["stage.duration", "client.operation.cost", "pipeline.id", "total.tokens", "cost.usd"]
    {
        assert!(ours.contains(name), "{name} is not in {ours:#?}");
    }
    assert_eq!(under("flowmason.", &prefixed), ours);
    assert_eq!(under("spanline.", &prefixed), BTreeSet::new());
    assert_eq!(prefixed.scopes.into_iter().collect::<Vec<_>>(), ["spanline"]);
    assert_eq!(prefixed.spans.len(), plain.spans.len());
}

#[test]
fn the_console_shows_the_same_whatever_the_names() {
    const CALL: &str = "612 → 148 tokens";
    let both = ("OTEL_TRACES_EXPORTER", "console,file");
    let plain = succeeded(process(&[both]).run());
    let renamed = [("SPANLINE_CONVENTIONS", "openinference"), ("SPANLINE_PREFIX", "acme"), both];
    let renamed = succeeded(process(&renamed).run());
    let calls = plain.stderr.matches(CALL).count();
    assert!(calls > 0, "{}", plain.stderr);
    assert_eq!(renamed.stderr.matches(CALL).count(), calls, "{}", renamed.stderr);
    assert!(renamed.stderr.contains("$0.25"), "{}", renamed.stderr);
    let written = renamed.lines.all();
    let keys: BTreeSet<&str> = written
        .spans
        .iter()
        .flat_map(|span| &span.attributes)
        .map(|attribute| attribute.key.as_str())
        .collect();
    assert!(keys.contains("llm.token_count.prompt") && keys.contains("acme.cost.usd"));
    assert!(!keys.contains("gen_ai.operation.name") && !keys.contains("spanline.cost.usd"));
}

/// The sums of a counter by modality.
fn by_modality(sent: &Sent, name: &str) -> Vec<(String, i64)> {
    let (_, metric) = sent.metrics.iter().find(|(_, metric)| metric.name == name).unwrap();
    let Some(Data::Sum(sum)) = &metric.data else { panic!("{metric:?}") };
    let mut sums: Vec<(String, i64)> = Vec::new();
    for point in &sum.data_points {
        let modality = text(&point.attributes, "gen_ai.token.modality").unwrap().to_owned();
        let Some(Number::AsInt(tokens)) = point.value else { panic!("{point:?}") };
        match sums.iter_mut().find(|(known, _)| *known == modality) {
            Some((_, sum)) => *sum += tokens,
            None => sums.push((modality, tokens)),
        }
    }
    sums.sort();
    sums
}

#[test]
fn tokens_are_counted_by_modality_as_far_as_it_is_known() {
    let sent = sent(&[("SPANLINE_CONVENTIONS", "genai-main")]);
    let input = by_modality(&sent, "gen_ai.client.inference.usage.input_tokens");
    let modalities: Vec<&str> = input.iter().map(|(modality, _)| modality.as_str()).collect();
    assert_eq!(modalities, ["audio", "image", "text", "unknown"]);
    let calls = input[0].1 / 40;
    assert!(calls > 0);
    // Each call with a split has 40, 60 and 512 of 612; one has none.
    assert_eq!(input[1].1, calls * 60);
    assert_eq!(input[2].1, calls * 512);
    assert_eq!(input[3].1, 612);
    let output = by_modality(&sent, "gen_ai.client.inference.usage.output_tokens");
    assert_eq!(output[0].1, calls * 3);
    assert_eq!(output[1].1, calls * 5);
    assert_eq!(output[2].1, calls * 140);
    assert_eq!(output[3].1, 148);
    let cached = by_modality(&sent, "gen_ai.client.inference.usage.cache_read.input_tokens");
    let of_each = [("audio", 2), ("image", 50), ("text", 460)];
    assert_eq!(cached, of_each.map(|(modality, tokens)| (modality.to_owned(), calls * tokens)));
    let histogram = sent
        .metrics
        .iter()
        .find(|(_, metric)| metric.name == "gen_ai.client.inference.operation.input_tokens");
    let Some((_, metric)) = histogram else { panic!("no histogram") };
    let Some(Data::Histogram(histogram)) = &metric.data else { panic!("{metric:?}") };
    let whole: f64 = histogram.data_points.iter().filter_map(|point| point.sum).sum();
    let parts: i64 = input.iter().map(|(_, tokens)| tokens).sum();
    #[allow(clippy::cast_precision_loss, reason = "a few thousand tokens")]
    let parts = parts as f64;
    assert!((whole - parts).abs() < 0.5, "{whole} is not {parts}");
}
