//! What a check makes of each thing that can be wrong between here and a receiver.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use tonic::Code;

use super::*;
use crate::telemetry::diagnosis::{Diagnosis, Finding};

const HTTP: [Protocol; 2] = [Protocol::HttpProtobuf, Protocol::HttpJson];

fn check_request(settings: &Otlp, request: Request) -> Result<Option<String>, Finding> {
    run(async {
        let mut exporter = OtlpExporter::new(settings).unwrap();
        exporter.check(request, Duration::from_secs(20)).await
    })
}

fn check(settings: &Otlp) -> Result<Option<String>, Finding> {
    check_request(settings, Request::traces(&sample::resource(), sample::spans(1)))
}

fn find(settings: &Otlp) -> Finding {
    let finding = check(settings).unwrap_err();
    assert!(!finding.message.is_empty() && !finding.advice.is_empty(), "{finding:?}");
    finding
}

#[track_caller]
fn assert_found(settings: &Otlp, diagnosis: Diagnosis, advice: &str) {
    let finding = find(settings);
    assert_eq!(finding.diagnosis, diagnosis, "{:?}: {finding}", settings.protocol);
    assert!(finding.advice.contains(advice), "{:?}: {finding}", settings.protocol);
    assert!(finding.message.contains(settings.place().trim_end_matches('/')), "{finding}");
}

#[test]
fn what_arrives_is_no_finding() {
    for protocol in PROTOCOLS {
        let receiver = Receiver::start();
        assert_eq!(check(&settings(protocol, &receiver.url())), Ok(None), "{protocol:?}");
        assert_eq!(receiver.spans().len(), 1);

        receiver.answer_always(Reply::Partial(0, "please upgrade"));
        let remark = check(&settings(protocol, &receiver.url())).unwrap().unwrap();
        assert!(remark.ends_with("warns: please upgrade"), "{remark}");
    }
}

#[test]
fn a_host_without_an_address_is_found() {
    for protocol in PROTOCOLS {
        let settings = settings(protocol, "http://collector.invalid:4318");
        assert_found(&settings, Diagnosis::NameNotResolved, "correct the host");
    }
}

#[test]
fn a_port_where_nobody_listens_is_found() {
    for protocol in PROTOCOLS {
        let refusing = Refusing::new();
        let settings = settings(protocol, &refusing.url());
        assert_found(&settings, Diagnosis::ConnectionRefused, "start the receiver");
    }
}

#[test]
fn a_receiver_that_stalls_is_found() {
    for protocol in PROTOCOLS {
        let receiver = Receiver::start();
        receiver.answer_always(Reply::Stall);
        let mut settings = settings(protocol, &receiver.url());
        settings.timeout = Duration::from_millis(300);
        assert_found(&settings, Diagnosis::NoAnswer, "OTEL_EXPORTER_OTLP_TIMEOUT");
    }
}

#[test]
fn a_port_that_accepts_and_says_nothing_is_found() {
    // Connections are made by the system; nobody ever takes them.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    for protocol in PROTOCOLS {
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut settings = settings(protocol, &url);
        settings.timeout = Duration::from_millis(300);
        assert_found(&settings, Diagnosis::NoAnswer, "see that a receiver of OTLP listens");
    }
}

#[test]
fn a_connection_that_breaks_is_found() {
    for protocol in PROTOCOLS {
        let url = serve(|_| Vec::new());
        assert_found(&settings(protocol, &url), Diagnosis::ConnectionBroken, "see that the port");
    }
}

#[test]
fn a_connection_that_breaks_once_is_tried_again() {
    for protocol in PROTOCOLS {
        let receiver = Receiver::start();
        receiver.answer_next(Reply::Close);
        assert_eq!(check(&settings(protocol, &receiver.url())), Ok(None), "{protocol:?}");
    }
}

#[test]
fn a_certificate_of_a_stranger_is_found() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    for protocol in PROTOCOLS {
        let receiver = Receiver::start_tls(authority.server());
        let mut settings = settings(protocol, &receiver.url());
        settings.certificate = Some(stranger.file());
        let advice = "OTEL_EXPORTER_OTLP_CERTIFICATE";
        assert_found(&settings, Diagnosis::UntrustedCertificate, advice);
    }
}

#[test]
fn a_certificate_of_another_host_is_found() {
    let authority = Authority::new();
    for protocol in PROTOCOLS {
        let receiver = Receiver::start_tls(authority.server_named("collector.example"));
        let mut settings = settings(protocol, &receiver.url());
        settings.certificate = Some(authority.file());
        assert_found(&settings, Diagnosis::CertificateOfAnotherHost, "name the host");
    }
}

#[test]
fn a_certificate_that_has_expired_is_found() {
    let authority = Authority::new();
    for protocol in PROTOCOLS {
        let receiver = Receiver::start_tls(authority.expired_server());
        let mut settings = settings(protocol, &receiver.url());
        settings.certificate = Some(authority.file());
        assert_found(&settings, Diagnosis::CertificateExpired, "renewed");
    }
}

#[test]
fn a_client_certificate_that_is_missing_or_a_strangers_is_found() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let identity = stranger.identity("client");
    for protocol in PROTOCOLS {
        let receiver = Receiver::start_tls(authority.server_for_known_clients());
        let mut settings = settings(protocol, &receiver.url());
        settings.certificate = Some(authority.file());
        let advice = "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE";
        assert_found(&settings, Diagnosis::ClientCertificateRequired, advice);

        settings.client_certificate = Some(identity.certificate.clone());
        settings.client_key = Some(identity.key.clone());
        assert_found(&settings, Diagnosis::ClientCertificateRefused, "an authority that the");
    }
}

#[test]
fn tls_to_a_plain_port_is_found() {
    let authority = Authority::new();
    for protocol in PROTOCOLS {
        let receiver = Receiver::start();
        let url = receiver.url().replace("http:", "https:");
        let mut settings = settings(protocol, &url);
        settings.certificate = Some(authority.file());
        settings.timeout = Duration::from_secs(2);
        assert_found(&settings, Diagnosis::PlainTextExpected, "http://");
    }
}

#[test]
fn plain_text_to_a_port_of_tls_is_found() {
    let authority = Authority::new();
    for protocol in PROTOCOLS {
        let receiver = Receiver::start_tls(authority.server());
        let settings = settings(protocol, &receiver.url().replace("https:", "http:"));
        assert_found(&settings, Diagnosis::TlsExpected, "https://");
    }
    // Some say so in words.
    for protocol in HTTP {
        let receiver = Receiver::start();
        let words = b"Client sent an HTTP request to an HTTPS server.\n".to_vec();
        receiver.answer_always(Reply::Http(400, Vec::new(), words));
        assert_found(&settings(protocol, &receiver.url()), Diagnosis::TlsExpected, "https://");
    }
}

#[test]
fn grpc_to_a_server_of_http_is_found() {
    let advice = "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf";
    let url = serve(|_| b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n".to_vec());
    assert_found(&settings(Protocol::Grpc, &url), Diagnosis::HttpExpected, advice);
    // One that hangs up on what it does not know.
    let url = serve(|asked| {
        let is_known = asked.starts_with(b"OPTIONS ");
        if is_known { b"HTTP/1.1 204 No Content\r\n\r\n".to_vec() } else { Vec::new() }
    });
    assert_found(&settings(Protocol::Grpc, &url), Diagnosis::HttpExpected, advice);

    let authority = Authority::new();
    for spoken in [vec![b"http/1.1".to_vec()], Vec::new()] {
        let mut server = authority.server();
        server.alpn_protocols = spoken;
        let receiver = Receiver::start_tls(server);
        let mut settings = settings(Protocol::Grpc, &receiver.url());
        settings.certificate = Some(authority.file());
        assert_found(&settings, Diagnosis::HttpExpected, advice);
    }
    // HTTP/2, and no gRPC in it: nothing is at the path of the method.
    let receiver = Receiver::start_without_grpc();
    assert_found(&settings(Protocol::Grpc, &receiver.url()), Diagnosis::HttpExpected, advice);
}

/// A server of gRPC and nothing else.
fn grpc_alone() -> String {
    struct Takes;

    #[tonic::async_trait]
    impl TraceService for Takes {
        async fn export(
            &self,
            _: tonic::Request<ExportTraceServiceRequest>,
        ) -> Result<tonic::Response<ExportTraceServiceResponse>, tonic::Status> {
            Ok(tonic::Response::new(ExportTraceServiceResponse::default()))
        }
    }

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        run(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            let incoming = tonic::transport::server::TcpIncoming::from(listener);
            let server = tonic::transport::Server::builder();
            let mut server = server;
            server
                .add_service(TraceServiceServer::new(Takes))
                .serve_with_incoming(incoming)
                .await
                .unwrap();
        });
    });
    url
}

#[test]
fn http_to_a_server_of_grpc_is_found() {
    let advice = "OTEL_EXPORTER_OTLP_PROTOCOL=grpc";
    let url = grpc_alone();
    assert_eq!(check(&settings(Protocol::Grpc, &url)), Ok(None));
    for protocol in HTTP {
        assert_found(&settings(protocol, &url), Diagnosis::GrpcExpected, advice);

        // Over TLS both speak HTTP/2, and it answers.
        for status in [200, 415] {
            let receiver = Receiver::start();
            let grpc = ("content-type", "application/grpc".to_owned());
            let status_12 = ("grpc-status", "12".to_owned());
            receiver.answer_always(Reply::Http(status, vec![grpc, status_12], Vec::new()));
            let settings = settings(protocol, &receiver.url());
            assert_found(&settings, Diagnosis::GrpcExpected, advice);
            assert_eq!(send_spans(&settings, 2).lost, 2, "what gRPC refuses has not arrived");
        }
    }
}

#[test]
fn each_status_of_http_is_found() {
    for protocol in HTTP {
        for (status, diagnosis, advice) in [
            (400, Diagnosis::BadRequest, "OTEL_EXPORTER_OTLP_PROTOCOL"),
            (401, Diagnosis::Unauthenticated, "OTEL_EXPORTER_OTLP_HEADERS"),
            (403, Diagnosis::PermissionDenied, "credentials"),
            (404, Diagnosis::PathNotFound, "before /v1/traces"),
            (413, Diagnosis::TooLarge, "limit"),
            (415, Diagnosis::EncodingNotTaken, "OTEL_EXPORTER_OTLP_PROTOCOL="),
            (429, Diagnosis::TooManyRequests, "quota"),
            (308, Diagnosis::Redirected, "redirects are not followed"),
            (500, Diagnosis::ServerError, "receiver's log"),
            (503, Diagnosis::ServerError, "receiver's log"),
        ] {
            let receiver = Receiver::start();
            receiver.answer_always(Reply::Http(status, Vec::new(), b"no".to_vec()));
            let settings = settings(protocol, &receiver.url());
            assert_found(&settings, diagnosis, advice);
            assert_eq!(receiver.requests().len(), 1, "{status} is asked for once");
        }
    }
}

#[test]
fn each_status_of_grpc_is_found() {
    for (code, message, diagnosis, advice) in [
        (Code::Unauthenticated, "who?", Diagnosis::Unauthenticated, "OTEL_EXPORTER_OTLP_HEADERS"),
        (Code::PermissionDenied, "no", Diagnosis::PermissionDenied, "credentials"),
        (Code::Unimplemented, "unknown service", Diagnosis::SignalNotTaken, "takes spans by OTLP"),
        (Code::Unimplemented, "no compressor for gzip", Diagnosis::EncodingNotTaken, "="),
        (Code::ResourceExhausted, "quota", Diagnosis::TooManyRequests, "quota"),
        (Code::ResourceExhausted, "message larger than max", Diagnosis::TooLarge, "4 MiB"),
        (Code::InvalidArgument, "no", Diagnosis::BadRequest, "endpoint"),
        (Code::Unavailable, "no", Diagnosis::ServerError, "log"),
        (Code::Internal, "no", Diagnosis::ServerError, "log"),
    ] {
        let receiver = Receiver::start();
        receiver.answer_always(Reply::Grpc(tonic::Status::new(code, message)));
        assert_found(&settings(Protocol::Grpc, &receiver.url()), diagnosis, advice);
        assert_eq!(receiver.requests().len(), 1, "{code} is asked for once");
    }
}

#[test]
fn a_backend_that_takes_no_metrics_is_found_over_grpc() {
    let receiver = Receiver::start();
    let status = tonic::Status::unimplemented("unknown service MetricsService");
    receiver.answer_always(Reply::Grpc(status));
    let settings = settings(Protocol::Grpc, &receiver.url());
    let finding = check_request(&settings, Request::metrics(&sample::metrics())).unwrap_err();
    assert_eq!(finding.diagnosis, Diagnosis::SignalNotTaken);
    assert!(finding.advice.starts_with("set OTEL_METRICS_EXPORTER=none"), "{finding}");
    let records = Request::logs(&sample::resource(), sample::records(1));
    let finding = check_request(&settings, records).unwrap_err();
    assert!(finding.advice.starts_with("set OTEL_LOGS_EXPORTER=none"), "{finding}");
}

#[test]
fn a_path_that_is_missing_is_proposed() {
    for protocol in HTTP {
        let receiver = Receiver::start_without_grpc();
        let mut settings = settings(protocol, &receiver.url());
        settings.endpoint = format!("{}/", receiver.url());
        let advice = format!("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT={}/v1/traces", receiver.url());
        assert_found(&settings, Diagnosis::PathNotFound, &advice);
    }
}

#[test]
fn compression_that_is_not_taken_is_found() {
    let receiver = Receiver::start();
    receiver.answer_always(Reply::Http(415, Vec::new(), Vec::new()));
    let mut settings = settings(Protocol::HttpProtobuf, &receiver.url());
    settings.gzip = true;
    assert_found(&settings, Diagnosis::EncodingNotTaken, "OTEL_EXPORTER_OTLP_COMPRESSION=none");
}

#[test]
fn a_page_and_a_rejected_span_are_found() {
    let receiver = Receiver::start();
    let settings = settings(Protocol::HttpProtobuf, &receiver.url());
    for kind in ["text/html", "text/plain"] {
        let page = vec![("content-type", kind.to_owned())];
        receiver.answer_next(Reply::Http(200, page, b"<html>hello</html>".to_vec()));
        assert_found(&settings, Diagnosis::NotOtlp, "no receiver of OTLP");
    }
    receiver.answer_next(Reply::Partial(1, "too old"));
    assert_found(&settings, Diagnosis::Rejected, "receiver's words");
}

#[test]
fn headers_are_named_and_never_told() {
    let receiver = Receiver::start();
    receiver.answer_always(Reply::Http(401, Vec::new(), b"bad key sk-12345678".to_vec()));
    let mut settings = settings(Protocol::HttpProtobuf, &receiver.url());
    settings.headers = vec![("authorization".to_owned(), "Bearer sk-12345678".to_owned())];
    let finding = find(&settings);
    assert!(finding.advice.contains("authorization"), "{finding}");
    assert!(!format!("{finding} {finding:?}").contains("12345678"), "{finding:?}");
}

/// A port that answers what it is asked with these bytes, and hangs up.
fn serve(answer: fn(&[u8]) -> Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let mut asked = [0; 1024];
            let length = stream.read(&mut asked).unwrap_or(0);
            let _ = stream.write_all(&answer(&asked[..length]));
        }
    });
    url
}
