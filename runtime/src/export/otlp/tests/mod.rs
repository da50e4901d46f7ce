//! Deliveries to a real receiver on loopback, and what becomes of them when it will not have them.

mod check;
mod credentials;
mod delivery;
mod loss;
mod oversize;
mod setup;

use super::*;
use crate::export::request::sample;

#[path = "../../../../../tests/support/mod.rs"]
mod support;

use support::authority::Authority;
use support::receiver::{Answer as Reply, Payload, Receiver, Refusing};

const PROTOCOLS: [Protocol; 3] = [Protocol::Grpc, Protocol::HttpProtobuf, Protocol::HttpJson];

fn settings(protocol: Protocol, url: &str) -> Otlp {
    let endpoint = match protocol {
        Protocol::Grpc => url.to_owned(),
        Protocol::HttpProtobuf | Protocol::HttpJson => format!("{url}/v1/traces"),
    };
    Otlp {
        protocol,
        endpoint,
        headers: Vec::new(),
        header_file: None,
        timeout: Duration::from_secs(20),
        gzip: false,
        certificate: None,
        client_certificate: None,
        client_key: None,
        max_request_bytes: 64 * 1024 * 1024,
        cut_bytes: crate::semconv::attribute::CONTENT_CUT_BYTES,
        spool: None,
    }
}

fn over_metrics(mut settings: Otlp) -> Otlp {
    settings.endpoint = settings.endpoint.replace("/v1/traces", "/v1/metrics");
    settings
}

fn over_logs(mut settings: Otlp) -> Otlp {
    settings.endpoint = settings.endpoint.replace("/v1/traces", "/v1/logs");
    settings
}

/// As on the export thread: a runtime of its own, with one thread.
fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.unwrap().block_on(work)
}

fn send_spans(settings: &Otlp, count: u64) -> Delivery {
    run(async {
        let mut exporter = OtlpExporter::new(settings).unwrap();
        exporter.export_spans(&sample::resource(), sample::spans(count)).await
    })
}

fn send_metrics(settings: &Otlp) -> Delivery {
    run(async {
        let mut exporter = OtlpExporter::new(settings).unwrap();
        exporter.export_metrics(&sample::metrics()).await
    })
}

fn send_records(settings: &Otlp, count: u64) -> Delivery {
    run(async {
        let mut exporter = OtlpExporter::new(settings).unwrap();
        exporter.export_records(&sample::resource(), sample::records(count)).await
    })
}

fn configuration_error(settings: &Otlp) -> String {
    let error = run(async { OtlpExporter::new(settings).unwrap_err() });
    assert!(error.is_configuration());
    error.to_string()
}

fn reason(delivery: Delivery) -> String {
    delivery.reason.unwrap()
}
