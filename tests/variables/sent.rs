//! What a receiver sees of the OTLP family, in processes that have the variables alone.

use std::ffi::OsStr;

use super::run::work;
use super::support::authority::Authority;
use super::support::receiver::{Answer, Payload, Received, Receiver};
use super::support::tree;

const PROTOCOLS: [&str; 3] = ["grpc", "http/protobuf", "http/json"];

fn is_metrics(received: &Received) -> bool {
    matches!(received.payload, Payload::Metrics(_))
}

#[test]
fn headers_compression_and_certificates_go_to_the_receiver() {
    let authority = Authority::new();
    let (trusted, client) = (authority.file(), authority.identity("client"));
    for protocol in PROTOCOLS {
        let receiver = Receiver::start_tls(authority.server_for_known_clients());
        let url = receiver.url();
        let ended = work(&[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", OsStr::new(&url)),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", OsStr::new(protocol)),
            ("OTEL_EXPORTER_OTLP_HEADERS", OsStr::new("authorization=Bearer%20one,x-tenant=a%2Cb")),
            ("OTEL_EXPORTER_OTLP_METRICS_HEADERS", OsStr::new("x-tenant=metrics")),
            ("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", OsStr::new("gzip")),
            ("OTEL_EXPORTER_OTLP_CERTIFICATE", trusted.as_os_str()),
            ("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", client.certificate.as_os_str()),
            ("OTEL_EXPORTER_OTLP_CLIENT_KEY", client.key.as_os_str()),
            ("OTEL_RESOURCE_ATTRIBUTES", OsStr::new("team=a%2Cb,service.version=1.2")),
            ("OTEL_SERVICE_NAME", OsStr::new("checkout")),
            ("DEPLOYMENT_ENV", OsStr::new("staging")),
        ]);
        assert!(ended.is_success && ended.stderr.is_empty(), "{protocol}: {ended:?}");
        let requests = receiver.requests();
        assert!(requests.iter().any(is_metrics), "{requests:?}");
        for request in &requests {
            let (authorization, tenant, encoding) = if is_metrics(request) {
                (None, Some("metrics"), None)
            } else {
                (Some("Bearer one"), Some("a,b"), Some("gzip"))
            };
            assert_eq!(request.header("authorization"), authorization, "{protocol}");
            assert_eq!(request.header("x-tenant"), tenant, "{protocol}");
            let name = if protocol == "grpc" { "grpc-encoding" } else { "content-encoding" };
            assert_eq!(request.header(name), encoding, "{protocol}");
        }
        let spans = receiver.spans();
        assert_eq!(spans.len(), 2);
        let resources = spans.iter().map(|span| &span.resource);
        for resource in resources.chain(receiver.metrics().iter().map(|it| &it.resource)) {
            assert_resource(&tree::attributes(&resource.attributes));
        }
    }
}

/// All of it, in the order of names; of the instance's id that it is there.
fn assert_resource(attributes: &[String]) {
    let distribution = format!("telemetry.distro.version = {:?}", env!("CARGO_PKG_VERSION"));
    let expected = [
        r#"deployment.environment.name = "staging""#,
        r#"service.instance.id = ""#,
        r#"service.name = "checkout""#,
        r#"service.version = "1.2""#,
        r#"team = "a,b""#,
        r#"telemetry.distro.name = "spanline""#,
        &distribution,
        r#"telemetry.sdk.language = "rust""#,
        r#"telemetry.sdk.name = "opentelemetry""#,
        r#"telemetry.sdk.version = "0.33."#,
    ];
    assert_eq!(attributes.len(), expected.len(), "{attributes:#?}");
    for (attribute, expected) in attributes.iter().zip(expected) {
        assert!(attribute.starts_with(expected), "{attribute} is not {expected}");
    }
}

#[test]
fn a_stranger_is_not_trusted() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let trusted = stranger.file();
    for protocol in PROTOCOLS {
        let receiver = Receiver::start_tls(authority.server_for_known_clients());
        let url = receiver.url();
        let ended = work(&[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", OsStr::new(&url)),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", OsStr::new(protocol)),
            ("OTEL_EXPORTER_OTLP_CERTIFICATE", trusted.as_os_str()),
        ]);
        assert!(!ended.is_success, "{protocol}: {ended:?}");
        assert!(ended.stderr.contains("lost 2 spans"), "{protocol}: {ended:?}");
        assert!(ended.stderr.contains("invalid peer certificate"), "{protocol}: {ended:?}");
        assert!(receiver.requests().is_empty());
    }
}

#[test]
fn each_signal_has_its_own_patience_with_a_receiver_that_stalls() {
    for protocol in PROTOCOLS {
        let receiver = Receiver::start();
        receiver.answer_always(Answer::Stall);
        let url = receiver.url();
        let variables = [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", url.as_str()),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "150"),
            ("OTEL_EXPORTER_OTLP_METRICS_TIMEOUT", "250"),
        ];
        let ended = work(&variables.map(|(name, value)| (name, OsStr::new(value))));
        assert!(!ended.is_success, "{protocol}: {ended:?}");
        for lost in ["traces: ", "metrics: "] {
            assert!(ended.stderr.contains(lost), "{protocol}: {ended:?}");
        }
        for patience in ["did not answer within 150ms", "did not answer within 250ms"] {
            assert!(ended.stderr.contains(patience), "{protocol}: {ended:?}");
        }
    }
}
