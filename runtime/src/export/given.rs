//! Exporters that the program brings, written for the SDK.

use std::any::Any;
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};

use super::Delivery;
use crate::span::future::panic_message;

/// How long its shutdown may take; the export thread stands still meanwhile.
const SHUTDOWN: Duration = Duration::from_secs(1);

/// One of them.
#[derive(Debug)]
pub(crate) struct GivenExporter {
    exporter: Box<dyn Exports>,
    /// Its type, for messages.
    pub(crate) name: &'static str,
}

/// `SpanExporter`, as an object.
trait Exports: Debug + Send {
    fn set_resource(&mut self, resource: &Resource);
    fn export(&self, spans: Vec<SpanData>) -> Exporting<'_>;
    fn shutdown(&self) -> OTelSdkResult;
}

type Exporting<'a> = Pin<Box<dyn Future<Output = OTelSdkResult> + Send + 'a>>;

impl<E: SpanExporter> Exports for E {
    fn set_resource(&mut self, resource: &Resource) {
        SpanExporter::set_resource(self, resource);
    }

    fn export(&self, spans: Vec<SpanData>) -> Exporting<'_> {
        Box::pin(async move { SpanExporter::export(self, spans).await })
    }

    fn shutdown(&self) -> OTelSdkResult {
        self.shutdown_with_timeout(SHUTDOWN)
    }
}

impl GivenExporter {
    pub(crate) fn new<E: SpanExporter + 'static>(exporter: E) -> Self {
        Self { exporter: Box::new(exporter), name: type_name::<E>() }
    }

    pub(crate) fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }

    pub(crate) async fn export_spans(&mut self, spans: Vec<SpanData>) -> Delivery {
        let count = spans.len();
        let mut exporting = self.exporter.export(spans);
        let exported = std::future::poll_fn(|task| {
            let polled = catch_unwind(AssertUnwindSafe(|| exporting.as_mut().poll(task)));
            polled.map_or_else(|panic| Poll::Ready(Err(panic)), |polled| polled.map(Ok))
        });
        delivery(count, exported.await)
    }

    pub(crate) fn close(&mut self) -> Delivery {
        delivery(0, catch_unwind(AssertUnwindSafe(|| self.exporter.shutdown())))
    }
}

/// Without its path and its parameters.
pub(super) fn type_name<T>() -> &'static str {
    let path = std::any::type_name::<T>();
    let path = path.split('<').next().unwrap_or(path);
    path.rsplit("::").next().unwrap_or(path)
}

fn delivery(count: usize, result: Result<OTelSdkResult, Box<dyn Any + Send>>) -> Delivery {
    let reason = match result {
        Ok(Ok(())) => return Delivery::complete(),
        Ok(Err(error)) => error.to_string(),
        Err(panic) => format!("the exporter {}", panic_message(&*panic)),
    };
    Delivery { lost: count as u64, reason: Some(reason) }
}
