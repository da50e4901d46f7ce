//! The PEM files of an encrypted connection.

use super::{assert_decided, error, otlp, quiet, settings};
use crate::telemetry::settings::Otlp;

const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

/// A folder with empty files, and their paths.
pub(super) fn files<const N: usize>(names: [&str; N]) -> (tempfile::TempDir, [String; N]) {
    let folder = tempfile::tempdir().unwrap();
    let paths = names.map(|name| {
        let path = folder.path().join(name);
        std::fs::write(&path, "").unwrap();
        path.to_str().unwrap().to_owned()
    });
    (folder, paths)
}

#[test]
fn certificates_are_paths_with_a_signals_form_and_a_general_one() {
    let (_folder, paths) = files(["ca.pem", "me.pem", "me.key", "other.pem", "you.pem", "you.key"]);
    let [ca, me, key, other, you, your_key] = paths.each_ref().map(String::as_str);
    let settings = quiet(&[
        (ENDPOINT, "https://h:4317"),
        ("OTEL_EXPORTER_OTLP_CERTIFICATE", ca),
        ("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", me),
        ("OTEL_EXPORTER_OTLP_CLIENT_KEY", key),
        ("OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE", other),
        ("OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE", you),
        ("OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY", your_key),
    ]);
    let used = |otlp: &Otlp| {
        [&otlp.certificate, &otlp.client_certificate, &otlp.client_key]
            .map(|path| path.as_ref().map(|path| path.display().to_string()).unwrap())
    };
    assert_eq!(used(otlp(&settings.traces)), [ca, you, your_key]);
    assert_eq!(used(otlp(&settings.metrics)), [other, me, key]);
    assert_decided(
        &settings,
        &format!("metrics certificate: {other} (OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE)"),
    );
}

#[test]
fn half_a_client_identity_is_an_error() {
    let (_folder, [pem, key]) = files(["me.pem", "me.key"]);
    let secure = (ENDPOINT, "https://h:4317");
    let name = "OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE";
    assert_eq!(
        error(&[secure, (name, &pem)]),
        format!(
            "{name}: {pem:?} is a client certificate without its key; expected \
             OTEL_EXPORTER_OTLP_CLIENT_KEY as well; telemetry is not set up"
        )
    );
    let name = "OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY";
    assert_eq!(
        error(&[secure, (name, &key)]),
        format!(
            "{name}: {key:?} is a client key without its certificate; expected \
             OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE as well; telemetry is not set up"
        )
    );
}

#[test]
fn a_certificate_that_encrypts_nothing_is_named() {
    let (_folder, [ca]) = files(["ca.pem"]);
    for plain in ["http://h:4317", "http://h:4318"] {
        let settings = settings(&[(ENDPOINT, plain), ("OTEL_EXPORTER_OTLP_CERTIFICATE", &ca)]);
        let [warning] = settings.warnings.as_slice() else { panic!("{:?}", settings.warnings) };
        let start = format!(
            "OTEL_EXPORTER_OTLP_CERTIFICATE: {ca:?} has no effect without encryption; expected an \
             endpoint that starts with https://; using plain text to {plain}"
        );
        assert!(warning.starts_with(&start), "{warning}");
        assert_eq!(otlp(&settings.traces).certificate, None);
    }
}

#[test]
fn a_certificate_that_is_not_there_is_an_error_that_names_its_variable() {
    let (folder, []) = files([]);
    let missing = folder.path().join("ca.pem");
    let name = "OTEL_EXPORTER_OTLP_CERTIFICATE";
    let message = error(&[(ENDPOINT, "https://h:4317"), (name, missing.to_str().unwrap())]);
    assert!(message.starts_with(&format!("{name}: {missing:?} cannot be read: ")), "{message}");
    assert!(message.ends_with("; expected the path of a PEM file; telemetry is not set up"));
    let message = error(&[(ENDPOINT, "https://h:4317"), (name, folder.path().to_str().unwrap())]);
    assert!(message.contains(" is a folder; expected "), "{message}");
}
