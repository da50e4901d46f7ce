//! Certificates, endpoints and headers, good and bad, and the secrets in them.

use super::*;

#[test]
fn https_trusts_the_given_authority_and_no_other() {
    let authority = Authority::new();
    for protocol in PROTOCOLS {
        let receiver = Receiver::start_tls(authority.server());
        let mut settings = settings(protocol, &receiver.url());
        settings.certificate = Some(authority.file());
        assert_eq!(send_spans(&settings, 2), Delivery::complete(), "{protocol:?}");
        assert_eq!(receiver.spans().len(), 2);

        let stranger = Authority::new();
        settings.certificate = Some(stranger.file());
        let delivery = send_spans(&settings, 2);
        assert_eq!(delivery.lost, 2, "{protocol:?}");
        let reason = reason(delivery);
        assert!(reason.contains("invalid peer certificate"), "{protocol:?}: {reason}");
    }
}

#[test]
fn a_client_certificate_is_shown_to_who_asks() {
    let authority = Authority::new();
    let identity = authority.identity("client");
    for protocol in PROTOCOLS {
        let receiver = Receiver::start_tls(authority.server_for_known_clients());
        let mut settings = settings(protocol, &receiver.url());
        settings.certificate = Some(authority.file());
        assert_eq!(send_spans(&settings, 2).lost, 2, "{protocol:?}");

        settings.client_certificate = Some(identity.certificate.clone());
        settings.client_key = Some(identity.key.clone());
        assert_eq!(send_spans(&settings, 2), Delivery::complete(), "{protocol:?}");
        assert_eq!(receiver.spans().len(), 2, "{protocol:?}");
    }
}

#[test]
fn an_unusable_certificate_is_named_with_what_was_expected() {
    let authority = Authority::new();
    let client = authority.identity("client");
    let other = authority.identity("other");
    let missing = authority.file().with_file_name("missing.pem");
    for protocol in PROTOCOLS {
        let base = settings(protocol, "https://127.0.0.1:1");
        for (certificate, client_certificate, client_key, expected) in [
            (Some(missing.clone()), None, None, "cannot read `"),
            (Some(client.key.clone()), None, None, "client.key` holds no usable certificate"),
            (None, Some(client.certificate.clone()), None, "comes without a key"),
            (None, None, Some(client.key.clone()), "comes without a certificate"),
            (
                None,
                Some(client.certificate.clone()),
                Some(client.certificate.clone()),
                "client.pem` holds no private key",
            ),
            (
                None,
                Some(client.certificate.clone()),
                Some(other.key.clone()),
                "do not fit together",
            ),
        ] {
            // The machine may have no list of its own.
            let certificate = certificate.or_else(|| Some(authority.file()));
            let settings = Otlp { certificate, client_certificate, client_key, ..base.clone() };
            let message = configuration_error(&settings);
            assert!(message.contains(expected), "{protocol:?}: {message}");
            assert!(message.contains("; expected "), "{protocol:?}: {message}");
        }
    }
}

#[test]
fn an_unusable_endpoint_is_named_without_its_secrets() {
    for protocol in PROTOCOLS {
        for (endpoint, shown) in [
            ("localhost:4317", "`localhost:4317`"),
            ("ftp://me:hunter2@host/?token=hunter2", "`ftp://…@host/?…`"),
            ("http://", "`http://`"),
            ("me:hunter2@host/path?hunter2", "`…@host/path?…`"),
            ("http://me:hunter2@ho st/#hunter2", "`http://…@ho st/#…`"),
        ] {
            let mut settings = settings(protocol, "");
            settings.endpoint = endpoint.to_owned();
            let message = configuration_error(&settings);
            assert!(message.contains(shown), "{message}");
            assert!(message.contains("expected a URL such as"), "{message}");
            assert!(!message.contains("hunter2"), "{message}");
        }
    }
}

#[test]
fn an_unusable_header_is_named_without_its_value() {
    for protocol in PROTOCOLS {
        let mut settings = settings(protocol, "http://localhost:4317");
        settings.headers = vec![("api-key".to_owned(), "hunter2\n".to_owned())];
        let message = configuration_error(&settings);
        assert!(message.contains("`api-key`"), "{message}");
        assert!(!message.contains("hunter2"), "{message}");
        settings.headers = vec![("api key".to_owned(), "hunter2".to_owned())];
        let message = configuration_error(&settings);
        assert!(message.contains("`api key`"), "{message}");
        assert!(!message.contains("hunter2"), "{message}");
    }
}

#[test]
fn secrets_that_a_receiver_repeats_are_masked() {
    let receiver = Receiver::start();
    let words = b"key sk-12345678 of me:hunter2 with querysecret unknown".to_vec();
    receiver.answer_always(Reply::Http(401, Vec::new(), words));
    let mut settings = settings(Protocol::HttpProtobuf, &receiver.url());
    settings.headers = vec![("authorization".to_owned(), "Bearer sk-12345678".to_owned())];
    settings.endpoint = settings.endpoint.replace("http://", "http://someone:hunter2@");
    settings.endpoint.push_str("?key=querysecret");
    let exporter = run(async { format!("{:?}", OtlpExporter::new(&settings).unwrap()) });
    let reason = reason(send_spans(&settings, 1));
    for secret in ["sk-12345678", "hunter2", "querysecret"] {
        assert!(!reason.contains(secret), "{reason}");
        assert!(!exporter.contains(secret), "{exporter}");
    }
    assert!(reason.ends_with("401 Unauthorized: key … of me:… with … unknown"), "{reason}");
    // What is masked in messages is sent all the same.
    let authorization: Vec<_> =
        receiver.requests()[0].headers.get_all("authorization").iter().cloned().collect();
    assert!(authorization.iter().any(|value| value == "Bearer sk-12345678"), "{authorization:?}");
}

#[test]
fn credentials_in_a_grpc_endpoint_are_refused_with_advice() {
    let message = configuration_error(&settings(Protocol::Grpc, "http://me:hunter2@localhost"));
    assert!(message.contains("expected the credentials in the header `authorization`"));
    assert!(!message.contains("hunter2"), "{message}");
}
