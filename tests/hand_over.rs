//! From the threads that end spans to the export thread: whatever they do meanwhile, it arrives.
#![cfg(test)]
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::collections::BTreeMap;
use std::sync::{Arc, Barrier, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use opentelemetry::trace::{
    SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, Tracer as _,
    TracerProvider as _,
};
use opentelemetry::{Context, Value};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter, SpanProcessor};
use spanline::{
    Agent, LlmCall, Pipeline, SpanGuard, Stage, Telemetry, TelemetryBuilder, current, scope,
};

/// Telemetry is one per process; the tests of this file take turns.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps what it is given, and does something of its own meanwhile.
#[derive(Clone, Debug)]
struct Busy {
    exported: Arc<Mutex<Vec<SpanData>>>,
    work: fn(),
}

impl Busy {
    fn new(work: fn()) -> Self {
        Self { exported: Arc::default(), work }
    }

    fn exported(&self) -> MutexGuard<'_, Vec<SpanData>> {
        self.exported.lock().unwrap()
    }

    /// The attributes of each span, by its name.
    fn attributes(&self) -> BTreeMap<String, String> {
        let told = |span: &SpanData| {
            let of = span.attributes.iter().map(|it| format!("{}={}", it.key, it.value.as_str()));
            (span.name.to_string(), of.collect::<Vec<_>>().join(" "))
        };
        self.exported().iter().map(told).collect()
    }
}

impl SpanExporter for Busy {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        (self.work)();
        self.exported().extend(batch);
        Ok(())
    }
}

fn set_up(exporter: &Busy) -> TelemetryBuilder {
    Telemetry::builder()
        .service_name("hand over")
        .span_exporter(exporter.clone())
        .metrics_to([])
        .shutdown_timeout(Duration::from_secs(60))
}

fn end(name: &'static str) {
    Stage::new(name).run_blocking_with(|| (), |(), _| ());
}

#[test]
fn a_flush_on_any_thread_sends_what_every_thread_ended_before_it() {
    const THREADS: usize = 4;
    const SPANS: usize = 25;
    const ROUNDS: usize = 40;
    let _turn = turn();
    let busy = Busy::new(|| ());
    let telemetry = set_up(&busy).init().unwrap();
    let barrier = Barrier::new(THREADS);
    // A thread that stopped here would keep the others waiting.
    let seen = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (busy, telemetry, barrier, seen) = (&busy, &telemetry, &barrier, &seen);
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    for _ in 0..SPANS {
                        let stage = Stage::new("work").attribute("large", "l".repeat(2000));
                        stage.run_blocking_with(|| (), |(), _| ());
                    }
                    barrier.wait();
                    if round % THREADS == thread {
                        let flushed = telemetry.flush().is_ok();
                        seen.lock().unwrap().push((flushed, busy.exported().len()));
                    }
                    barrier.wait();
                }
            });
        }
    });
    telemetry.shutdown().unwrap();
    let all = (1..=ROUNDS).map(|round| (true, round * THREADS * SPANS));
    assert_eq!(*seen.lock().unwrap(), all.collect::<Vec<_>>());
    let is_whole =
        |span: &SpanData| span.attributes.iter().any(|it| it.value.as_str().len() == 2000);
    assert!(busy.exported().iter().all(is_whole));
}

#[test]
fn what_an_exporter_does_itself_is_no_telemetry_and_keeps_nobody_waiting() {
    let _turn = turn();
    let busy = Busy::new(|| {
        end("of the exporter");
        let call = LlmCall::new("acme", "m").start();
        current().set("key", 1).event("event", ());
        call.end();
    });
    let telemetry = set_up(&busy).init().unwrap();
    for _ in 0..3 {
        end("work");
        telemetry.flush().unwrap();
    }
    telemetry.shutdown().unwrap();
    let exported = busy.exported();
    assert!(exported.iter().all(|span| span.name == "work"), "{exported:?}");
    assert_eq!(exported.len(), 3);
}

/// Ends its span when it is dropped, and starts another.
struct Last(Option<SpanGuard>);

impl Drop for Last {
    fn drop(&mut self) {
        if let Some(span) = self.0.take() {
            span.set("dropped", true);
            span.end();
        }
        end("in the drop");
    }
}

#[test]
fn what_ends_when_a_context_is_dropped_is_exported() {
    let _turn = turn();
    let busy = Busy::new(|| ());
    let telemetry = set_up(&busy).init().unwrap();
    let last = Last(Some(Stage::new("held").start()));
    let attached = Context::current_with_value(last).attach();
    end("meanwhile");
    drop(attached);
    telemetry.shutdown().unwrap();
    let names: Vec<String> = busy.attributes().into_keys().collect();
    assert_eq!(names, ["held", "in the drop", "meanwhile"]);
    assert_eq!(busy.attributes()["held"], "spanline.stage.name=held dropped=true");
}

#[test]
fn a_span_has_nothing_of_those_whose_memory_it_uses() {
    let _turn = turn();
    let busy = Busy::new(|| ());
    let telemetry = set_up(&busy).init().unwrap();
    let elsewhere = SpanContext::new(
        TraceId::from(7),
        SpanId::from(7),
        TraceFlags::default(),
        true,
        opentelemetry::trace::TraceState::NONE,
    );
    for round in 0..50 {
        let unsampled = Context::new().with_remote_span_context(elsewhere.clone());
        let full = || {
            let agent = Agent::new("a").max_cost_usd(1).attribute("own", round);
            let agent = || {
                agent.run_blocking_with(
                    || {
                        let call = LlmCall::new("openai", "gpt-4o-mini").start();
                        call.usage((100, 10));
                        call.set("text", "t".repeat(3000));
                        current().event("event", ());
                        call.fail(&std::io::Error::other("too late"));
                        drop(Stage::new("dropped").start());
                    },
                    |(), outcome| outcome.fail("failed", "of itself"),
                );
            };
            scope().session("s").run_blocking(agent);
        };
        full();
        Pipeline::new("unsampled").parent(unsampled).run_blocking_with(full, |(), _| ());
        end("plain");
        Pipeline::new("p").run_blocking_with(|| end("in a pipeline"), |(), _| ());
    }
    telemetry.shutdown().unwrap();
    let attributes = busy.attributes();
    assert_eq!(attributes["plain"], "spanline.stage.name=plain");
    assert_eq!(attributes["in a pipeline"], "spanline.stage.name=in a pipeline");
    assert_eq!(
        attributes["invoke_workflow p"],
        "gen_ai.operation.name=invoke_workflow gen_ai.workflow.name=p spanline.total.stages=1"
    );
    let exported = busy.exported();
    assert_eq!(exported.len(), 50 * 6);
    let plain = |span: &&SpanData| span.name == "plain" || span.name.ends_with('p');
    for span in exported.iter().filter(plain) {
        assert!(span.events.events.is_empty() && span.links.links.is_empty(), "{span:?}");
        assert_eq!(span.status, opentelemetry::trace::Status::Unset);
        assert!(span.attributes.iter().all(|it| it.value != Value::from("s")), "{span:?}");
    }
}

/// Starts an operation when a span of another provider ends, which that holds locked meanwhile.
#[derive(Debug)]
struct Follower;

impl SpanProcessor for Follower {
    fn on_start(&self, _: &mut opentelemetry_sdk::trace::Span, _: &Context) {}

    fn on_end(&self, _: SpanData) {
        end("follower");
        let _ = spanline::check_budget();
        let _ = current().totals();
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

#[test]
fn what_starts_while_a_span_of_others_ends_does_not_wait_for_it() {
    let _turn = turn();
    let busy = Busy::new(|| ());
    let telemetry = set_up(&busy).init().unwrap();
    let provider = SdkTracerProvider::builder().with_span_processor(Follower).build();
    Pipeline::new("p").run_blocking_with(
        || {
            let theirs = Context::current_with_span(provider.tracer("theirs").start("theirs"));
            let _attached = theirs.clone().attach();
            theirs.span().end();
        },
        |(), _| (),
    );
    telemetry.shutdown().unwrap();
    let names: Vec<String> = busy.attributes().into_keys().collect();
    assert_eq!(names, ["follower", "invoke_workflow p"]);
}
