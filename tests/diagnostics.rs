//! Our own messages as events of `tracing`, and that they make no more of themselves.
#![cfg(test)]
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use spanline::{ExporterName, Protocol, Stage, Telemetry, TelemetryBuilder};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, Layered, SubscriberExt as _};
use tracing_subscriber::{Registry, reload};

mod support;

use support::receiver::{Answer, Receiver};

/// Telemetry and the subscriber are one per process; the tests of this file take turns.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps what has our target.
#[derive(Clone, Debug, Default)]
struct Kept(Arc<Mutex<Vec<(Level, String)>>>);

struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            write!(self.0, "{value:?}").unwrap();
        }
    }
}

impl<S: Subscriber> Layer<S> for Kept {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "spanline" {
            let mut message = Message(String::new());
            event.record(&mut message);
            self.0.lock().unwrap().push((*event.metadata().level(), message.0));
        }
    }
}

/// Panics whenever it is told something of ours.
struct Panics;

impl<S: Subscriber> Layer<S> for Panics {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        assert_ne!(event.metadata().target(), "spanline", "told on purpose");
    }
}

type Keeping = Layered<Kept, Registry>;
type Other = Option<Box<dyn Layer<Keeping> + Send + Sync>>;
type Handle = reload::Handle<Other, Keeping>;

/// What was told since the last time; with another layer beside.
fn subscribe(other: Other) -> Kept {
    static INSTALLED: OnceLock<(Kept, Handle)> = OnceLock::new();
    let (kept, handle) = INSTALLED.get_or_init(|| {
        let kept = Kept::default();
        let (layer, handle) = reload::Layer::new(None);
        let registry = tracing_subscriber::registry().with(kept.clone()).with(layer);
        tracing::subscriber::set_global_default(registry).unwrap();
        (kept, handle)
    });
    handle.reload(other).unwrap();
    kept.0.lock().unwrap().clear();
    kept.clone()
}

impl Kept {
    /// Of that level.
    fn of(&self, level: Level) -> Vec<String> {
        let kept = self.0.lock().unwrap();
        kept.iter().filter(|(it, _)| *it == level).map(|(_, message)| message.clone()).collect()
    }
}

fn telemetry(receiver: &Receiver) -> TelemetryBuilder {
    Telemetry::builder()
        .traces_to([ExporterName::Otlp])
        .metrics_to([])
        .logs_to([ExporterName::Otlp])
        .otlp_endpoint(receiver.url())
        .otlp_protocol(Protocol::HttpProtobuf)
        .otlp_timeout(Duration::from_secs(20))
        .shutdown_timeout(Duration::from_secs(30))
}

fn work() {
    Stage::new("work").run_blocking(|| Ok::<_, String>(())).unwrap();
}

#[test]
fn settings_batches_and_warnings_are_told_each_at_its_level() {
    let _turn = turn();
    let kept = subscribe(None);
    let receiver = Receiver::start();
    let telemetry = telemetry(&receiver).init().unwrap();
    work();
    telemetry.flush().unwrap();
    receiver.answer_next(Answer::Partial(0, "please upgrade"));
    work();
    telemetry.flush().unwrap();
    let second = Telemetry::builder().init().unwrap();
    drop(second);
    telemetry.shutdown().unwrap();
    let debug = kept.of(Level::DEBUG);
    assert!(debug.contains(&"disabled: false (default)".to_owned()), "{debug:?}");
    assert!(debug.iter().any(|it| it.ends_with(": 1 spans sent")), "{debug:?}");
    let [info] = &kept.of(Level::INFO)[..] else { panic!("{kept:?}") };
    assert!(info.ends_with("warns: please upgrade"), "{info}");
    let [warning] = &kept.of(Level::WARN)[..] else { panic!("{kept:?}") };
    assert!(warning.starts_with("telemetry was set up already"), "{warning}");
}

#[test]
fn a_loss_is_a_warning_once_for_each_reason() {
    let _turn = turn();
    let kept = subscribe(None);
    let receiver = Receiver::start();
    receiver.answer_always(Answer::Http(403, Vec::new(), b"no".to_vec()));
    let telemetry = telemetry(&receiver).init().unwrap();
    for _ in 0..3 {
        work();
        assert!(telemetry.flush().is_err());
    }
    assert!(telemetry.shutdown().is_err());
    let [warning] = &kept.of(Level::WARN)[..] else { panic!("{kept:?}") };
    assert!(warning.contains(": 1 spans lost: traces: "), "{warning}");
    assert!(warning.ends_with("answered 403 Forbidden: no"), "{warning}");
    let again = kept.of(Level::DEBUG).iter().filter(|it| it.contains("spans lost")).count();
    assert_eq!(again, 2);
}

#[test]
fn what_we_say_is_not_exported_by_ourselves() {
    let _turn = turn();
    let receiver = Receiver::start();
    let telemetry = telemetry(&receiver).init().unwrap();
    let bridge = OpenTelemetryTracingBridge::new(&telemetry.logger_provider());
    let kept = subscribe(Some(Box::new(bridge)));
    receiver.answer_always(Answer::Http(403, Vec::new(), b"no".to_vec()));
    tracing::info!(target: "program", "lost");
    work();
    assert!(telemetry.flush().is_err());
    receiver.answer_always(Answer::Accept);
    tracing::info!(target: "program", "kept");
    drop(Telemetry::builder().init().unwrap());
    for _ in 0..3 {
        let _ = telemetry.flush();
    }
    // The receiver's own server has something to say as well: by the name of its target.
    let targets: Vec<_> = receiver.records().into_iter().map(|it| it.scope.name).collect();
    assert_eq!(targets.iter().filter(|it| *it == "program").count(), 1, "{targets:?}");
    assert!(!targets.iter().any(|it| it == "spanline"), "{targets:?}");
    assert!(kept.of(Level::WARN).len() >= 3, "{kept:?}");
    subscribe(None);
    assert!(telemetry.shutdown().is_err());
}

#[test]
fn a_subscriber_that_panics_costs_nothing() {
    let _turn = turn();
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| ()));
    subscribe(Some(Box::new(Panics)));
    let receiver = Receiver::start();
    let telemetry = telemetry(&receiver).init().unwrap();
    work();
    let flushed = telemetry.flush();
    std::panic::set_hook(hook);
    subscribe(None);
    flushed.unwrap();
    assert_eq!(receiver.spans().len(), 1);
    telemetry.shutdown().unwrap();
}
