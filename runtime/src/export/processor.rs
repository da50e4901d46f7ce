//! Span processors that the program brings, written for the SDK.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use opentelemetry::Context;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{Span, SpanData, SpanProcessor};

use super::Delivery;
use super::given::type_name;
use crate::span::future::panic_message;

/// How long its shutdown may take; the export thread stands still meanwhile.
const SHUTDOWN: Duration = Duration::from_secs(1);

/// One of them, on the export thread and where other code starts spans.
#[derive(Clone, Debug)]
pub(crate) struct GivenProcessor {
    processor: Arc<dyn SpanProcessor>,
    /// Its type, for messages.
    pub(crate) name: &'static str,
    /// That it panicked where a span started; told with the next batch.
    start_panic: Arc<Mutex<Option<String>>>,
}

impl GivenProcessor {
    pub(crate) fn new<P: SpanProcessor + 'static>(processor: P) -> Self {
        Self { processor: Arc::new(processor), name: type_name::<P>(), start_panic: Arc::default() }
    }

    /// Called before anybody else has it.
    pub(crate) fn set_resource(&mut self, resource: &Resource) {
        if let Some(processor) = Arc::get_mut(&mut self.processor) {
            let told = catch_unwind(AssertUnwindSafe(|| processor.set_resource(resource)));
            if let Err(panic) = told {
                self.note_panic("set_resource", &*panic);
            }
        }
    }

    /// Of a span that other OpenTelemetry code starts, on its thread.
    pub(crate) fn on_start(&self, span: &mut Span, parent: &Context) {
        let told = catch_unwind(AssertUnwindSafe(|| self.processor.on_start(span, parent)));
        if let Err(panic) = told {
            self.note_panic("on_start", &*panic);
        }
    }

    /// The first panic is told: others are likely the same.
    fn note_panic(&self, place: &str, panic: &(dyn Any + Send)) {
        let mut noted = self.start_panic.lock().unwrap_or_else(PoisonError::into_inner);
        noted.get_or_insert_with(|| format!("{place} of the processor {}", panic_message(panic)));
    }

    pub(crate) fn export_spans(&mut self, spans: Vec<SpanData>) -> Delivery {
        let mut delivery = Delivery::complete();
        for span in spans {
            let told = catch_unwind(AssertUnwindSafe(|| self.processor.on_end(span)));
            if let Err(panic) = told {
                let reason = format!("on_end of the processor {}", panic_message(&*panic));
                if delivery.lost == 0 {
                    delivery.reason = Some(reason);
                }
                delivery.lost += 1;
            }
        }
        if delivery.lost == 0 { self.delivery(None) } else { delivery }
    }

    /// Waits for it.
    pub(crate) fn flush(&mut self) -> Delivery {
        let flushed = catch_unwind(AssertUnwindSafe(|| self.processor.force_flush()));
        self.delivery(problem("force_flush", flushed))
    }

    pub(crate) fn close(&mut self) -> Delivery {
        let shutdown = || self.processor.shutdown_with_timeout(SHUTDOWN);
        let closed = catch_unwind(AssertUnwindSafe(shutdown));
        self.delivery(problem("shutdown", closed))
    }

    /// Nothing is lost; what there is to say is a remark.
    fn delivery(&self, problem: Option<String>) -> Delivery {
        let noted = self.start_panic.lock().unwrap_or_else(PoisonError::into_inner).take();
        Delivery { lost: 0, reason: problem.or(noted) }
    }
}

fn problem(place: &str, result: Result<OTelSdkResult, Box<dyn Any + Send>>) -> Option<String> {
    match result {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(format!("{place} of the processor: {error}")),
        Err(panic) => Some(format!("{place} of the processor {}", panic_message(&*panic))),
    }
}
