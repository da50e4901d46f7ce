//! What is lost, how often it is tried again, and what is said about it.

use super::*;

#[test]
fn what_a_receiver_rejects_of_a_batch_is_lost_with_its_words() {
    for protocol in PROTOCOLS {
        let receiver = Receiver::start();
        receiver.answer_always(Reply::Partial(2, "too\nold"));
        let settings = settings(protocol, &receiver.url());
        let delivery = send_spans(&settings, 5);
        assert_eq!(delivery.lost, 2, "{protocol:?}");
        let expected = format!("{} rejected 2 of 5 spans: too old", settings.endpoint);
        assert_eq!(reason(delivery).replace("/:", ":"), expected, "{protocol:?}");

        let records = over_logs(settings.clone());
        let settings = over_metrics(settings);
        let delivery = send_metrics(&settings);
        assert_eq!(delivery.lost, 2, "{protocol:?}");
        let expected = format!("{} rejected 2 of 6 metric points: too old", settings.endpoint);
        assert_eq!(reason(delivery), expected, "{protocol:?}");

        let delivery = send_records(&records, 4);
        assert_eq!(delivery.lost, 2, "{protocol:?}");
        let expected = format!("{} rejected 2 of 4 log records: too old", records.endpoint);
        assert_eq!(reason(delivery).replace("/:", ":"), expected, "{protocol:?}");
    }
}

#[test]
fn a_receiver_cannot_reject_more_than_was_sent() {
    for rejected in [7, i64::MAX] {
        let receiver = Receiver::start();
        receiver.answer_always(Reply::Partial(rejected, ""));
        assert_eq!(send_spans(&settings(Protocol::HttpProtobuf, &receiver.url()), 3).lost, 3);
    }
}

#[test]
fn a_message_without_rejection_is_a_warning_and_no_loss() {
    for protocol in PROTOCOLS {
        let receiver = Receiver::start();
        receiver.answer_always(Reply::Partial(0, "please upgrade"));
        let delivery = send_spans(&settings(protocol, &receiver.url()), 5);
        assert_eq!(delivery.lost, 0);
        let reason = reason(delivery);
        assert!(reason.ends_with(" warns: please upgrade"), "{reason}");
    }
}

#[test]
fn a_web_page_is_no_receipt_and_other_answers_that_are_no_otlp_are_warnings() {
    let receiver = Receiver::start();
    let settings = settings(Protocol::HttpProtobuf, &receiver.url());
    let answer = |kind: &str| {
        let kind = vec![("content-type", kind.to_owned())];
        receiver.answer_next(Reply::Http(200, kind, b"<html>hello</html>".to_vec()));
        let delivery = send_spans(&settings, 3);
        (delivery.lost, reason(delivery))
    };
    for kind in ["text/html; charset=utf-8", "Text/HTML", "TEXT/HTML; charset=utf-8"] {
        let (lost, reason) = answer(kind);
        assert_eq!(lost, 3, "{kind}");
        assert!(reason.contains("answered 200 with a web page"), "{kind}: {reason}");
    }
    let (lost, reason) = answer("text/plain");
    assert_eq!(lost, 0);
    assert!(reason.contains("of type `text/plain`, is not OTLP"), "{reason}");
}

#[test]
fn a_refusal_over_http_is_lost_with_status_and_words() {
    use prost::Message as _;

    let status = answer::RpcStatus { message: "no such tenant".to_owned(), ..Default::default() };
    let protobuf = vec![("content-type", "application/x-protobuf".to_owned())];
    let json = vec![("content-type", "application/json".to_owned())];
    let text = vec![("content-type", "text/plain".to_owned())];
    for (headers, body) in [
        (protobuf, status.encode_to_vec()),
        (json, br#"{"code":5,"message":"no such tenant"}"#.to_vec()),
        (text, b"no such tenant\n".to_vec()),
    ] {
        let receiver = Receiver::start();
        receiver.answer_always(Reply::Http(404, headers, body));
        let settings = settings(Protocol::HttpProtobuf, &receiver.url());
        let delivery = send_spans(&settings, 3);
        assert_eq!(delivery.lost, 3);
        let expected = format!("{} answered 404 Not Found: no such tenant", settings.endpoint);
        assert_eq!(reason(delivery), expected);
        assert_eq!(receiver.requests().len(), 1, "a refusal for good is not tried again");
    }
}

#[test]
fn a_long_answer_is_cut() {
    let receiver = Receiver::start();
    receiver.answer_always(Reply::Http(400, Vec::new(), vec![b'x'; 1024 * 1024]));
    let reason = reason(send_spans(&settings(Protocol::HttpProtobuf, &receiver.url()), 1));
    assert!(reason.len() < 300, "{}", reason.len());
    assert!(reason.ends_with("xxx…"), "{reason}");
}

#[test]
fn a_refusal_over_grpc_is_lost_with_status_and_words() {
    let receiver = Receiver::start();
    receiver.answer_always(Reply::Grpc(tonic::Status::unauthenticated("who are you?")));
    let settings = settings(Protocol::Grpc, &receiver.url());
    let delivery = send_spans(&settings, 3);
    assert_eq!(delivery.lost, 3);
    let expected = "answered gRPC status Unauthenticated: who are you?";
    assert_eq!(reason(delivery), format!("{} {expected}", settings.endpoint));
    assert_eq!(receiver.requests().len(), 1, "a refusal for good is not tried again");
}

#[test]
fn a_busy_receiver_is_asked_again() {
    let busy = |status| Reply::Http(status, Vec::new(), b"busy".to_vec());
    for status in [429, 502, 503, 504] {
        let receiver = Receiver::start();
        receiver.answer_next(busy(status));
        let settings = settings(Protocol::HttpProtobuf, &receiver.url());
        assert_eq!(send_spans(&settings, 2), Delivery::complete());
        assert_eq!(receiver.requests().len(), 2);
        assert_eq!(receiver.spans().len(), 2);
    }
    for status in [
        tonic::Status::unavailable("busy"),
        tonic::Status::aborted("busy"),
        tonic::Status::data_loss("busy"),
    ] {
        let receiver = Receiver::start();
        receiver.answer_next(Reply::Grpc(status));
        assert_eq!(send_spans(&settings(Protocol::Grpc, &receiver.url()), 2).lost, 0);
        assert_eq!(receiver.spans().len(), 2);
    }
}

#[test]
fn retry_after_is_waited_for_and_never_beyond_the_timeout() {
    let busy =
        |after: &str| Reply::Http(503, vec![("retry-after", after.to_owned())], b"busy".to_vec());
    let receiver = Receiver::start();
    receiver.answer_next(busy("0"));
    let settings = settings(Protocol::HttpProtobuf, &receiver.url());
    assert_eq!(send_spans(&settings, 1), Delivery::complete());

    for after in ["3600", "Fri, 31 Dec 9999 23:59:59 GMT", "18446744073709551615"] {
        let receiver = Receiver::start();
        receiver.answer_always(busy(after));
        let settings = self::settings(Protocol::HttpProtobuf, &receiver.url());
        let delivery = send_spans(&settings, 1);
        assert_eq!(delivery.lost, 1);
        assert!(reason(delivery).ends_with("answered 503 Service Unavailable: busy"));
        assert_eq!(receiver.requests().len(), 1);
    }
}

#[test]
fn an_exhausted_receiver_is_asked_again_only_when_it_says_when() {
    use prost::Message as _;

    let settings = |receiver: &Receiver| settings(Protocol::Grpc, &receiver.url());
    let receiver = Receiver::start();
    receiver.answer_always(Reply::Grpc(tonic::Status::resource_exhausted("quota")));
    assert_eq!(send_spans(&settings(&receiver), 1).lost, 1);
    assert_eq!(receiver.requests().len(), 1);

    let details = answer::RpcStatus::retry_in(Duration::from_millis(5)).encode_to_vec();
    let code = tonic::Code::ResourceExhausted;
    let status = tonic::Status::with_details(code, "quota", details.into());
    let receiver = Receiver::start();
    receiver.answer_next(Reply::Grpc(status));
    assert_eq!(send_spans(&settings(&receiver), 1).lost, 0);
    assert_eq!(receiver.requests().len(), 2);
}

#[test]
fn a_closed_port_is_lost_with_its_cause() {
    for protocol in PROTOCOLS {
        let refusing = Refusing::new();
        let settings = settings(protocol, &refusing.url());
        let delivery = send_spans(&settings, 3);
        assert_eq!(delivery.lost, 3, "{protocol:?}");
        let expected = format!("{} could not be reached: connection refused", settings.endpoint);
        assert_eq!(reason(delivery), expected, "{protocol:?}");
        assert_eq!(send_metrics(&over_metrics(settings)).lost, 6, "{protocol:?}");
    }
}

#[test]
fn an_unknown_host_is_lost_with_its_cause() {
    for protocol in PROTOCOLS {
        let settings = settings(protocol, "http://collector.invalid:4318");
        let delivery = send_spans(&settings, 1);
        assert_eq!(delivery.lost, 1, "{protocol:?}");
        let reason = reason(delivery);
        let start = format!("{} could not be reached: ", settings.endpoint);
        assert!(reason.starts_with(&start), "{protocol:?}: {reason}");
    }
}

#[test]
fn a_receiver_that_stalls_is_left_at_the_timeout() {
    for protocol in PROTOCOLS {
        let receiver = Receiver::start();
        receiver.answer_always(Reply::Stall);
        let mut settings = settings(protocol, &receiver.url());
        settings.timeout = Duration::from_millis(300);
        let delivery = send_spans(&settings, 4);
        assert_eq!(delivery.lost, 4, "{protocol:?}");
        let expected = format!("{} did not answer within 300ms", settings.endpoint);
        assert_eq!(reason(delivery), expected, "{protocol:?}");
    }
}

#[test]
fn a_connection_that_breaks_is_tried_again_and_given_up() {
    for protocol in PROTOCOLS {
        let receiver = Receiver::start();
        let settings = settings(protocol, &receiver.url());
        receiver.answer_next(Reply::Close);
        assert_eq!(send_spans(&settings, 4), Delivery::complete(), "{protocol:?}");
        assert_eq!(receiver.spans().len(), 4, "{protocol:?}");

        receiver.answer_always(Reply::Close);
        let delivery = send_spans(&settings, 4);
        assert_eq!(delivery.lost, 4, "{protocol:?}");
        let reason = reason(delivery);
        let start = format!("{} could not be reached: ", settings.endpoint);
        assert!(reason.starts_with(&start), "{protocol:?}: {reason}");
    }
}

#[test]
fn a_redirect_is_not_followed() {
    let (receiver, elsewhere) = (Receiver::start(), Receiver::start());
    let location = format!("{}/v1/traces?key=hidden", elsewhere.url());
    receiver.answer_always(Reply::Http(308, vec![("location", location)], Vec::new()));
    let delivery = send_spans(&settings(Protocol::HttpProtobuf, &receiver.url()), 1);
    assert_eq!(delivery.lost, 1);
    let reason = reason(delivery);
    let expected = format!("308 Permanent Redirect: moved to {}/v1/traces?…;", elsewhere.url());
    assert!(reason.contains(&expected), "{reason}");
    assert!(!reason.contains("hidden"), "{reason}");
    assert!(elsewhere.requests().is_empty());
}

#[test]
fn a_port_that_speaks_something_else_is_lost_with_its_cause() {
    use std::io::{Read as _, Write as _};

    for (protocol, greeting) in [
        (Protocol::Grpc, "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n"),
        (Protocol::HttpProtobuf, "220 mail.example ESMTP\r\n"),
    ] {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            while let Ok((mut stream, _)) = listener.accept() {
                let _ = stream.read(&mut [0; 16]);
                let _ = stream.write_all(greeting.as_bytes());
            }
        });
        let settings = settings(protocol, &url);
        let delivery = send_spans(&settings, 3);
        assert_eq!(delivery.lost, 3, "{protocol:?}");
        let reason = reason(delivery);
        let start = format!("{} could not be reached: ", settings.endpoint);
        assert!(reason.starts_with(&start), "{protocol:?}: {reason}");
    }
}

#[test]
fn no_timeout_is_too_long_for_the_clock() {
    for protocol in PROTOCOLS {
        let receiver = Receiver::start();
        let mut settings = settings(protocol, &receiver.url());
        settings.timeout = Duration::MAX;
        assert_eq!(send_spans(&settings, 1), Delivery::complete(), "{protocol:?}");
    }
}
