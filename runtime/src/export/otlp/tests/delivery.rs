//! What arrives, and in how many requests.

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;

use super::*;

#[test]
fn spans_arrive_whole_over_each_protocol_plain_and_compressed() {
    for protocol in PROTOCOLS {
        for gzip in [false, true] {
            let receiver = Receiver::start();
            let mut settings = settings(protocol, &receiver.url());
            settings.gzip = gzip;
            settings.headers = vec![("x-team".to_owned(), "search".to_owned())];
            assert_eq!(send_spans(&settings, 5), Delivery::complete(), "{protocol:?}");

            let requests = receiver.requests();
            assert_eq!(requests.len(), 1);
            let Payload::Traces(traces) = requests[0].payload.clone() else {
                panic!("metrics in place of traces")
            };
            let sent = Request::traces(&sample::resource(), sample::spans(5));
            assert_eq!(Request::Traces(traces), sent, "{protocol:?}");
            assert_eq!(requests[0].header("x-team"), Some("search"));
            let agent = requests[0].header("user-agent").unwrap();
            assert!(agent.starts_with("OTel-OTLP-Exporter-Rust-spanline/"), "{agent}");
            let encoding = match protocol {
                Protocol::Grpc => requests[0].header("grpc-encoding"),
                _ => requests[0].header("content-encoding"),
            };
            assert_eq!(encoding, gzip.then_some("gzip"), "{protocol:?}");
            let content_type = match protocol {
                Protocol::Grpc => "application/grpc",
                Protocol::HttpProtobuf => "application/x-protobuf",
                Protocol::HttpJson => "application/json",
            };
            assert_eq!(requests[0].header("content-type"), Some(content_type));
        }
    }
}

#[test]
fn metrics_arrive_whole_over_each_protocol() {
    for protocol in PROTOCOLS {
        let receiver = Receiver::start();
        let settings = over_metrics(settings(protocol, &receiver.url()));
        let metrics = sample::metrics();
        let delivery =
            run(async { OtlpExporter::new(&settings).unwrap().export_metrics(&metrics).await });
        assert_eq!(delivery, Delivery::complete(), "{protocol:?}");
        let Payload::Metrics(arrived) = receiver.requests()[0].payload.clone() else {
            panic!("traces in place of metrics")
        };
        assert_eq!(arrived, ExportMetricsServiceRequest::from(&metrics), "{protocol:?}");
    }
}

#[test]
fn one_exporter_sends_many_batches() {
    for protocol in PROTOCOLS {
        let receiver = Receiver::start();
        let settings = settings(protocol, &receiver.url());
        run(async {
            let mut exporter = OtlpExporter::new(&settings).unwrap();
            for _ in 0..3 {
                let delivery = exporter.export_spans(&sample::resource(), sample::spans(2)).await;
                assert_eq!(delivery, Delivery::complete());
            }
        });
        assert_eq!(receiver.spans().len(), 6);
    }
}

#[test]
fn nothing_is_sent_for_an_empty_batch() {
    for protocol in PROTOCOLS {
        let refusing = Refusing::new();
        let settings = settings(protocol, &refusing.url());
        assert_eq!(send_spans(&settings, 0), Delivery::complete());
    }
}

#[test]
fn a_batch_is_divided_below_the_largest_request() {
    for protocol in PROTOCOLS {
        let receiver = Receiver::start();
        let mut settings = settings(protocol, &receiver.url());
        settings.max_request_bytes = 4096;
        assert_eq!(send_spans(&settings, 50), Delivery::complete());
        let requests = receiver.requests();
        assert!(requests.len() >= 4, "{protocol:?}: {}", requests.len());
        for request in requests {
            let Payload::Traces(traces) = request.payload else { panic!("metrics") };
            let request = Request::Traces(traces);
            let bytes = match protocol {
                Protocol::HttpJson => request.to_json().unwrap(),
                _ => request.to_protobuf(),
            };
            assert!(bytes.len() <= 4096, "{protocol:?}: {}", bytes.len());
        }
        let mut ids: Vec<_> = receiver.spans().into_iter().map(|it| it.span.span_id).collect();
        ids.sort();
        let expected: Vec<_> = (1..=50_u64).map(|id| id.to_be_bytes().to_vec()).collect();
        assert_eq!(ids, expected, "{protocol:?}");
    }
}

#[test]
fn a_span_above_the_largest_request_is_sent_alone() {
    let receiver = Receiver::start();
    let mut settings = settings(Protocol::Grpc, &receiver.url());
    settings.max_request_bytes = 1;
    assert_eq!(send_spans(&settings, 3), Delivery::complete());
    assert_eq!(receiver.requests().len(), 3);
    settings = over_metrics(settings);
    assert_eq!(send_metrics(&settings), Delivery::complete());
    assert_eq!(receiver.requests().len(), 3 + 6);
}

#[test]
fn losses_of_a_divided_batch_add_up() {
    let receiver = Receiver::start();
    receiver.answer_next(Reply::Accept);
    receiver.answer_next(Reply::Http(400, Vec::new(), b"no".to_vec()));
    receiver.answer_next(Reply::Partial(1, "old"));
    let mut settings = settings(Protocol::HttpProtobuf, &receiver.url());
    settings.max_request_bytes = 1;
    let delivery = send_spans(&settings, 4);
    assert_eq!(delivery.lost, 2);
    assert!(reason(delivery).ends_with("answered 400 Bad Request: no"));
}
