//! Headers from a file that changes while the program runs.

use std::path::PathBuf;

use super::*;
use crate::telemetry::diagnosis::Diagnosis;
use crate::telemetry::settings::HeaderFile;

struct Mounted {
    folder: tempfile::TempDir,
}

impl Mounted {
    fn new(text: &str) -> Self {
        let mounted = Self { folder: tempfile::tempdir().unwrap() };
        mounted.write(text);
        mounted
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("headers")
    }

    fn write(&self, text: &str) {
        std::fs::write(self.path(), text).unwrap();
    }

    /// As the file was before, for whoever looks at its time and its length alone.
    fn write_unseen(&self, text: &str) {
        let before = std::fs::metadata(self.path()).unwrap();
        assert_eq!(before.len(), text.len() as u64);
        self.write(text);
        let file = std::fs::File::options().write(true).open(self.path()).unwrap();
        file.set_modified(before.modified().unwrap()).unwrap();
    }

    fn settings(&self, protocol: Protocol, url: &str) -> Otlp {
        let header_file = Some(HeaderFile { path: self.path(), yields_to: Vec::new() });
        Otlp { header_file, ..settings(protocol, url) }
    }
}

fn sent(receiver: &Receiver, name: &str) -> Vec<Option<String>> {
    receiver.requests().iter().map(|it| it.header(name).map(str::to_owned)).collect()
}

#[test]
fn headers_of_a_file_go_with_each_request_over_those_of_variables() {
    for protocol in PROTOCOLS {
        let receiver = Receiver::start();
        let mounted = Mounted::new(
            "# mounted\n\n Authorization: Bearer a:b=c%20\r\nx-team = search \nx-code: file\n",
        );
        let mut settings = mounted.settings(protocol, &receiver.url());
        settings.headers = [("x-team", "old"), ("x-code", "code"), ("x-own", "kept")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec();
        settings.header_file.as_mut().unwrap().yields_to.push("x-code".to_owned());
        assert_eq!(send_spans(&settings, 1), Delivery::complete(), "{protocol:?}");
        for (name, value) in [
            ("authorization", "Bearer a:b=c%20"),
            ("x-team", "search"),
            ("x-code", "code"),
            ("x-own", "kept"),
        ] {
            assert_eq!(sent(&receiver, name), [Some(value.to_owned())], "{protocol:?}: {name}");
        }
    }
}

#[test]
fn a_file_that_changes_is_read_again_before_the_next_request() {
    for protocol in PROTOCOLS {
        let receiver = Receiver::start();
        let mounted = Mounted::new("authorization: one");
        let settings = mounted.settings(protocol, &receiver.url());
        run(async {
            let mut exporter = OtlpExporter::new(&settings).unwrap();
            for text in ["authorization: one", "authorization: another", "not a header", ""] {
                mounted.write(text);
                let delivery = exporter.export_spans(&sample::resource(), sample::spans(1)).await;
                assert_eq!(delivery, Delivery::complete());
            }
        });
        let [one, another] = ["one", "another"].map(|text| Some(text.to_owned()));
        let expected = [one, another.clone(), another, None];
        assert_eq!(sent(&receiver, "authorization"), expected, "{protocol:?}");
    }
}

#[test]
fn a_key_that_is_not_accepted_is_read_again_and_tried_once_more() {
    for protocol in PROTOCOLS {
        let receiver = Receiver::start();
        let refuse = || match protocol {
            Protocol::Grpc => Reply::Grpc(tonic::Status::unauthenticated("who?")),
            _ => Reply::Http(401, Vec::new(), Vec::new()),
        };
        let mounted = Mounted::new("authorization: first-key");
        let settings = mounted.settings(protocol, &receiver.url());
        run(async {
            let mut exporter = OtlpExporter::new(&settings).unwrap();
            let mut export =
                async || exporter.export_spans(&sample::resource(), sample::spans(1)).await.lost;
            mounted.write_unseen("authorization: other-key");
            receiver.answer_next(refuse());
            assert_eq!(export().await, 0, "{protocol:?}");
            receiver.answer_next(refuse());
            assert_eq!(export().await, 1, "the same key is not tried again");
            mounted.write_unseen("authorization: third-key");
            receiver.answer_next(refuse());
            receiver.answer_next(refuse());
            assert_eq!(export().await, 1, "one other key is tried, no more");
        });
        let keys = ["first-key", "other-key", "other-key", "other-key", "third-key"];
        assert_eq!(
            sent(&receiver, "authorization"),
            keys.map(|key| Some(key.to_owned())),
            "{protocol:?}"
        );
    }
}

#[test]
fn a_check_reads_the_file_too() {
    let receiver = Receiver::start();
    let mounted = Mounted::new("authorization: first-key");
    let settings = mounted.settings(Protocol::Grpc, &receiver.url());
    run(async {
        let mut exporter = OtlpExporter::new(&settings).unwrap();
        mounted.write_unseen("authorization: other-key");
        receiver.answer_next(Reply::Grpc(tonic::Status::unauthenticated("who?")));
        let request = Request::traces(&sample::resource(), sample::spans(1));
        assert_eq!(exporter.check(request, Duration::from_secs(20)).await, Ok(None));
        receiver.answer_next(Reply::Grpc(tonic::Status::unauthenticated("not with other-key")));
        let request = Request::traces(&sample::resource(), sample::spans(1));
        let finding = exporter.check(request, Duration::from_secs(20)).await.unwrap_err();
        assert_eq!(finding.diagnosis, Diagnosis::Unauthenticated);
        assert!(finding.message.ends_with("not with …"), "{finding}");
        assert!(finding.advice.contains("authorization"), "{finding}");
    });
}

#[test]
fn a_file_without_headers_is_named_without_what_is_in_it() {
    let mounted = Mounted::new("x-key: one\nhunter2-hunter2\n");
    for protocol in PROTOCOLS {
        let settings = mounted.settings(protocol, "http://localhost:4317");
        let message = configuration_error(&settings);
        assert!(message.starts_with("line 2 of "), "{message}");
        assert!(!message.contains("hunter2"), "{message}");
        let mut settings = settings;
        settings.header_file.as_mut().unwrap().path = mounted.path().with_file_name("missing");
        assert!(configuration_error(&settings).contains("cannot be read"));
    }
}

#[test]
fn what_a_file_holds_is_not_shown_when_a_receiver_repeats_it() {
    let receiver = Receiver::start();
    let mounted = Mounted::new("authorization: Bearer first-secret");
    let settings = mounted.settings(Protocol::HttpProtobuf, &receiver.url());
    let words = b"no: first-secret nor second-secret".to_vec();
    run(async {
        let mut exporter = OtlpExporter::new(&settings).unwrap();
        mounted.write("authorization: Bearer second-secret");
        receiver.answer_always(Reply::Http(403, Vec::new(), words));
        let delivery = exporter.export_spans(&sample::resource(), sample::spans(1)).await;
        let reason = reason(delivery);
        assert!(reason.ends_with("403 Forbidden: no: … nor …"), "{reason}");
        assert!(!format!("{exporter:?} {settings:?}").contains("secret"), "{exporter:?}");
    });
}
