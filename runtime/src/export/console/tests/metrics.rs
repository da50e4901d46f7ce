//! The summary at the end.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::metrics::MeterProvider;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider, Temporality};

use super::super::ConsoleExporter;
use super::super::screen::Screen;
use super::given::{Paper, batch, console, plain, stage};
use crate::semconv::{attribute, metric, token_type, unit};

/// Hands each collection to the console, as the export thread does.
struct Feed {
    console: Arc<Mutex<ConsoleExporter>>,
    temporality: Temporality,
}

impl PushMetricExporter for Feed {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        self.console.lock().unwrap().export_metrics(metrics);
        Ok(())
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }

    fn temporality(&self) -> Temporality {
        self.temporality
    }
}

struct Run {
    console: Arc<Mutex<ConsoleExporter>>,
    paper: Paper,
    meters: SdkMeterProvider,
}

impl Run {
    fn new(screen: Screen, temporality: Temporality) -> Self {
        let (console, paper) = console(screen);
        let console = Arc::new(Mutex::new(console));
        let feed = Feed { console: Arc::clone(&console), temporality };
        let meters =
            SdkMeterProvider::builder().with_reader(PeriodicReader::builder(feed).build()).build();
        Self { console, paper, meters }
    }

    fn flush(&self) {
        self.meters.force_flush().unwrap();
    }

    fn close(&self) -> String {
        self.console.lock().unwrap().close();
        self.paper.text()
    }

    fn record(&self) {
        let meter = self.meters.meter("spanline");
        let shared = || {
            vec![
                KeyValue::new(attribute::OPERATION_NAME, "chat"),
                KeyValue::new(attribute::PROVIDER_NAME, "openai"),
            ]
        };
        let with = |key: &'static str, value: &'static str| {
            let mut attributes = shared();
            attributes.push(KeyValue::new(key, value));
            attributes
        };
        let tokens = meter.u64_histogram(metric::CLIENT_TOKEN_USAGE).with_unit(unit::TOKEN).build();
        for (input, output) in [(612, 148), (90, 7)] {
            tokens.record(input, &with(attribute::TOKEN_TYPE, token_type::INPUT));
            tokens.record(output, &with(attribute::TOKEN_TYPE, token_type::OUTPUT));
        }
        let duration =
            meter.f64_histogram(metric::CLIENT_OPERATION_DURATION).with_unit(unit::SECOND).build();
        duration.record(1.79, &shared());
        duration.record(0.31, &shared());
        duration.record(30.0, &with(attribute::ERROR_TYPE, "timeout"));
        meter.u64_counter("app.requests").build().add(3, &[]);
        meter.i64_up_down_counter("app.open").with_unit("{connection}").build().add(-2, &[]);
        meter.f64_gauge("app.load").with_unit("1").build().record(0.4375, &[]);
    }
}

#[test]
fn metrics_are_summed_up_at_the_end() {
    let run = Run::new(plain(), Temporality::Cumulative);
    run.record();
    run.flush();
    run.flush();
    assert_eq!(run.paper.text(), "\n", "not before the end");
    assert_eq!(
        run.close(),
        "
metrics
app.load  last 0.4375
app.open  sum -2 connection
app.requests  sum 3
gen_ai.client.operation.duration  gen_ai.operation.name=chat  gen_ai.provider.name=openai
  -                   count 2  sum 2.10 s  mean 1.05 s  min 310 ms  max 1.79 s
  error.type=timeout  count 1  sum 30.0 s  mean 30.0 s  min 30.0 s  max 30.0 s
gen_ai.client.token.usage  gen_ai.operation.name=chat  gen_ai.provider.name=openai
  gen_ai.token.type=input   count 2  sum 702 tokens  mean  351 tokens  min 90 tokens  max 612 tokens
  gen_ai.token.type=output  count 2  sum 155 tokens  mean 77.5 tokens  min  7 tokens  max 148 tokens
"
    );
    run.close();
    assert_eq!(run.paper.writes().len(), 1, "once");
}

#[test]
fn changes_add_up_to_the_same_summary() {
    let whole = Run::new(plain(), Temporality::Cumulative);
    let parts = Run::new(plain(), Temporality::Delta);
    for run in [&whole, &parts] {
        run.record();
        run.flush();
        run.record();
        run.flush();
        run.flush();
    }
    assert_eq!(parts.close(), whole.close());
}

#[test]
fn on_a_narrow_terminal_the_numbers_are_wrapped() {
    let run = Run::new(Screen::fixed(Some(60), false, true), Temporality::Cumulative);
    run.record();
    run.flush();
    assert_eq!(
        run.close(),
        "
metrics
app.load  last 0.4375
app.open  sum -2 connection
app.requests  sum 3
gen_ai.client.operation.duration  gen_ai.operation.name=chat
    gen_ai.provider.name=openai
  -                   count 2  sum 2.10 s  mean 1.05 s
    min 310 ms  max 1.79 s
  error.type=timeout  count 1  sum 30.0 s  mean 30.0 s
    min 30.0 s  max 30.0 s
gen_ai.client.token.usage  gen_ai.operation.name=chat
    gen_ai.provider.name=openai
  gen_ai.token.type=input   count 2  sum 702 tokens
    mean  351 tokens  min 90 tokens  max 612 tokens
  gen_ai.token.type=output  count 2  sum 155 tokens
    mean 77.5 tokens  min  7 tokens  max 148 tokens
"
    );
}

#[test]
fn without_metrics_there_is_no_heading() {
    let run = Run::new(plain(), Temporality::Cumulative);
    run.flush();
    assert_eq!(run.close(), "\n");
}

#[test]
fn the_summary_stands_apart_from_the_trees() {
    let run = Run::new(plain(), Temporality::Cumulative);
    run.meters.meter("app").u64_counter("app.requests").build().add(1, &[]);
    run.flush();
    run.console.lock().unwrap().export_spans(batch([stage(1, "only")]));
    assert_eq!(
        run.close(),
        "
only                                              10 ms  ok

metrics
app.requests  sum 1
"
    );
}

#[test]
fn many_points_are_counted() {
    let run = Run::new(plain(), Temporality::Cumulative);
    let counter = run.meters.meter("app").u64_counter("app.requests").build();
    for shard in 100..150 {
        counter.add(1, &[KeyValue::new("shard", shard)]);
    }
    run.flush();
    let text = run.close();
    assert_eq!(text.lines().count(), 1 + 2 + 24 + 1);
    assert_eq!(text.lines().last(), Some("  26 more points"));
}

#[test]
fn names_and_attributes_cannot_drive_the_terminal() {
    let run = Run::new(plain(), Temporality::Cumulative);
    let counter =
        run.meters.meter("app").u64_counter("app.requests").with_unit("\u{1b}[1m").build();
    counter.add(1, &[KeyValue::new("who", "\u{1b}[2J")]);
    run.flush();
    let text = run.close();
    assert!(!text.contains('\u{1b}'), "{text}");
}
