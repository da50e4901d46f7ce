//! A span processor that the program brings.
#![cfg(test)]
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::ThreadId;
use std::time::Duration;

use opentelemetry::trace::{Span as _, Tracer as _};
use opentelemetry::{Context, KeyValue, global};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{BatchSpanProcessor, Span, SpanData, SpanExporter, SpanProcessor};
use spanline::{Stage, Telemetry, TelemetryBuilder};

/// Telemetry is one per process; the tests of this file take turns.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Mood {
    Well,
    PanicsAtTheEnd,
    PanicsAtTheStart,
    CannotFlush,
}

/// Keeps what it is told.
#[derive(Clone, Debug)]
struct Keeper {
    mood: Mood,
    told: Arc<Mutex<Told>>,
}

#[derive(Debug, Default)]
struct Told {
    service: Option<String>,
    started: usize,
    ended: Vec<SpanData>,
    threads: Vec<ThreadId>,
    flushes: usize,
    shutdowns: usize,
}

impl Keeper {
    fn new(mood: Mood) -> Self {
        Self { mood, told: Arc::default() }
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap()
    }
}

impl SpanProcessor for Keeper {
    fn on_start(&self, span: &mut Span, _: &Context) {
        assert!(self.mood != Mood::PanicsAtTheStart, "no start");
        self.told().started += 1;
        span.set_attribute(KeyValue::new("started", true));
    }

    fn on_end(&self, span: SpanData) {
        assert!(self.mood != Mood::PanicsAtTheEnd || span.name != "ours", "no end");
        let mut told = self.told();
        told.ended.push(span);
        told.threads.push(std::thread::current().id());
    }

    fn force_flush(&self) -> OTelSdkResult {
        if self.mood == Mood::CannotFlush {
            return Err(OTelSdkError::InternalFailure("no way".into()));
        }
        self.told().flushes += 1;
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        self.told().shutdowns += 1;
        Ok(())
    }

    fn set_resource(&mut self, resource: &Resource) {
        let service = resource.get(&"service.name".into()).map(|name| name.to_string());
        self.told().service = service;
    }
}

/// Keeps what it is given.
#[derive(Clone, Debug, Default)]
struct Memory(Arc<Mutex<Vec<SpanData>>>);

impl SpanExporter for Memory {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.lock().unwrap().extend(batch);
        Ok(())
    }
}

fn builder() -> TelemetryBuilder {
    Telemetry::builder()
        .service_name("processed")
        .traces_to([])
        .metrics_to([])
        .shutdown_timeout(Duration::from_secs(30))
}

/// One span of ours and, inside it, one of other code.
fn work() {
    Stage::new("ours")
        .attribute("key", "sk-aB3dE5gH7jK9mN1pQ3sT5vW7")
        .run_blocking_with(|| global::tracer("theirs").start("theirs").end(), |(), _| ());
}

fn attribute(span: &SpanData, name: &str) -> Option<String> {
    let found = span.attributes.iter().find(|it| it.key.as_str() == name);
    found.map(|it| it.value.as_str().into_owned())
}

#[test]
fn it_is_told_the_end_of_every_span_masked_and_off_the_programs_threads() {
    let _turn = turn();
    let keeper = Keeper::new(Mood::Well);
    let telemetry = builder().span_processor(keeper.clone()).init().unwrap();
    work();
    telemetry.flush().unwrap();
    {
        let told = keeper.told();
        assert_eq!(told.service.as_deref(), Some("processed"));
        let find = |name: &str| told.ended.iter().find(|span| span.name == name).unwrap();
        assert_eq!(told.ended.len(), 2);
        assert_eq!(attribute(find("ours"), "key").unwrap(), "[masked:openai-key]");
        assert!(!told.threads.contains(&std::thread::current().id()));
        // The start of a span of ours is told nobody: there is no SDK span that could be changed.
        assert_eq!(told.started, 1);
        assert_eq!(attribute(find("theirs"), "started").as_deref(), Some("true"));
        assert_eq!(attribute(find("ours"), "started"), None);
        assert_eq!((told.flushes, told.shutdowns), (1, 0));
    }
    let health = telemetry.health();
    let [exporter] = health.exporters.as_slice() else { panic!("{health}") };
    assert_eq!((exporter.destination.as_str(), exporter.exported_spans), ("traces to Keeper", 2));
    telemetry.shutdown().unwrap();
    assert_eq!(keeper.told().shutdowns, 1);
}

#[test]
fn a_panic_at_an_end_costs_that_span_alone() {
    let _turn = turn();
    let (bad, good) = (Keeper::new(Mood::PanicsAtTheEnd), Keeper::new(Mood::Well));
    let telemetry =
        builder().span_processor(bad.clone()).span_processor(good.clone()).init().unwrap();
    work();
    let error = telemetry.shutdown().unwrap_err();
    assert_eq!(error.lost_spans(), 1, "{error}");
    assert!(error.to_string().contains("on_end of the processor panicked: no end"), "{error}");
    assert_eq!((bad.told().ended.len(), good.told().ended.len()), (1, 2));
}

#[test]
fn a_panic_at_a_start_stays_inside_and_is_told() {
    let _turn = turn();
    let keeper = Keeper::new(Mood::PanicsAtTheStart);
    let telemetry = builder().span_processor(keeper.clone()).init().unwrap();
    work();
    telemetry.flush().unwrap();
    assert_eq!(keeper.told().ended.len(), 2);
    let remarks = telemetry.health().exporters[0].remarks.clone();
    assert_eq!(remarks, ["traces: on_start of the processor panicked: no start"]);
    telemetry.shutdown().unwrap();
}

#[test]
fn a_flush_that_fails_is_told() {
    let _turn = turn();
    let telemetry = builder().span_processor(Keeper::new(Mood::CannotFlush)).init().unwrap();
    work();
    telemetry.flush().unwrap();
    let remarks = telemetry.health().exporters[0].remarks.clone();
    assert!(remarks[0].starts_with("traces: force_flush of the processor: "), "{remarks:?}");
    assert!(remarks[0].contains("no way"), "{remarks:?}");
    telemetry.shutdown().unwrap();
}

#[test]
fn the_batch_processor_of_the_sdk_has_exported_everything_when_flush_returns() {
    let _turn = turn();
    let memory = Memory::default();
    let processor = BatchSpanProcessor::builder(memory.clone()).build();
    let telemetry = builder().span_processor(processor).init().unwrap();
    work();
    telemetry.flush().unwrap();
    assert_eq!(memory.0.lock().unwrap().len(), 2);
    telemetry.shutdown().unwrap();
}
