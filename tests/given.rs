//! An exporter that the program brings.
#![cfg(test)]
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use opentelemetry::global;
use opentelemetry::trace::{Span as _, Tracer as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use spanline::{Stage, Telemetry, TelemetryBuilder};

/// Telemetry is one per process; the tests of this file take turns.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Mood {
    Well,
    Failing,
    Panicking,
}

/// Keeps what it is given.
#[derive(Clone, Debug)]
struct Keeper {
    mood: Mood,
    kept: Arc<Mutex<Kept>>,
}

#[derive(Debug, Default)]
struct Kept {
    spans: Vec<SpanData>,
    service: Option<String>,
    is_shut_down: bool,
}

impl Keeper {
    fn new(mood: Mood) -> Self {
        Self { mood, kept: Arc::default() }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap()
    }
}

impl SpanExporter for Keeper {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        match self.mood {
            Mood::Well => self.kept().spans.extend(batch),
            Mood::Failing => return Err(OTelSdkError::InternalFailure("no room".into())),
            Mood::Panicking => panic!("out of luck"),
        }
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        self.kept().is_shut_down = true;
        Ok(())
    }

    fn set_resource(&mut self, resource: &Resource) {
        let service = resource.get(&"service.name".into()).map(|name| name.to_string());
        self.kept().service = service;
    }
}

fn telemetry(keeper: &Keeper) -> TelemetryBuilder {
    Telemetry::builder()
        .service_name("given")
        .span_exporter(keeper.clone())
        .shutdown_timeout(Duration::from_secs(30))
}

#[test]
fn it_gets_every_span_masked_and_with_its_resource_and_is_shut_down_once() {
    let _turn = turn();
    let keeper = Keeper::new(Mood::Well);
    let telemetry = telemetry(&keeper).init().unwrap();
    let health = telemetry.health();
    let places: Vec<&str> = health.exporters.iter().map(|it| it.destination.as_str()).collect();
    assert_eq!(places, ["traces to Keeper"], "no console beside it, and no metrics anywhere");

    Stage::new("ours")
        .attribute("key", "sk-aB3dE5gH7jK9mN1pQ3sT5vW7")
        .run_blocking_with(|| global::tracer("theirs").start("theirs").end(), |(), _| ());
    telemetry.flush().unwrap();
    {
        let kept = keeper.kept();
        let mut names: Vec<&str> = kept.spans.iter().map(|span| span.name.as_ref()).collect();
        names.sort_unstable();
        assert_eq!(names, ["ours", "theirs"]);
        let ours = kept.spans.iter().find(|span| span.name == "ours").unwrap();
        let key = ours.attributes.iter().find(|it| it.key.as_str() == "key").unwrap();
        assert_eq!(key.value.as_str(), "[masked:openai-key]");
        assert_eq!(kept.service.as_deref(), Some("given"));
        assert!(!kept.is_shut_down);
    }
    telemetry.shutdown().unwrap();
    assert!(keeper.kept().is_shut_down);
}

#[test]
fn an_error_and_a_panic_of_it_are_losses_with_their_reason() {
    let _turn = turn();
    for (mood, reason) in
        [(Mood::Failing, "no room"), (Mood::Panicking, "the exporter panicked: out of luck")]
    {
        let telemetry = telemetry(&Keeper::new(mood)).init().unwrap();
        Stage::new("lost").run_blocking_with(|| (), |(), _| ());
        Stage::new("lost too").run_blocking_with(|| (), |(), _| ());
        let error = telemetry.shutdown().unwrap_err();
        assert_eq!(error.lost_spans(), 2, "{error}");
        assert!(error.to_string().contains(reason), "{error}");
    }
}

#[test]
fn one_that_fails_keeps_no_other_from_its_spans() {
    let _turn = turn();
    let well = Keeper::new(Mood::Well);
    let telemetry = telemetry(&well).span_exporter(Keeper::new(Mood::Panicking)).init().unwrap();
    Stage::new("seen").run_blocking_with(|| (), |(), _| ());
    let error = telemetry.shutdown().unwrap_err();
    assert_eq!(error.lost_spans(), 1, "{error}");
    assert_eq!(well.kept().spans.len(), 1);
}
