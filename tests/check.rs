//! What a check reports of the program's own telemetry: what it sends, where, and what it leaves alone.
#![cfg(test)]
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use spanline::{
    CheckReport, Diagnosis, ExporterName, Protocol, Sampler, Stage, Telemetry, TelemetryBuilder,
};
use spanline_tests::lines::hex;
use spanline_tests::process::{Ended, Process};

mod support;

use support::receiver::{Answer, Payload, Receiver, Refusing};

const PROTOCOLS: [Protocol; 3] = [Protocol::Grpc, Protocol::HttpProtobuf, Protocol::HttpJson];

/// Telemetry is one per process; the tests of this file take turns.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn telemetry(protocol: Protocol, endpoint: &str) -> TelemetryBuilder {
    Telemetry::builder()
        .service_name("tests")
        .traces_to([ExporterName::Otlp])
        .metrics_to([ExporterName::Otlp])
        .logs_to([ExporterName::Otlp])
        .console(false)
        .otlp_endpoint(endpoint)
        .otlp_protocol(protocol)
        .otlp_timeout(Duration::from_secs(20))
}

/// Each exporter's destination and what is wrong with it.
fn diagnoses(report: &CheckReport) -> Vec<(&str, Option<Diagnosis>)> {
    let exporters = report.exporters.iter();
    exporters.map(|it| (it.signal, it.finding.as_ref().map(|it| it.diagnosis))).collect()
}

#[test]
fn one_span_one_point_and_one_record_go_the_way_of_all_others() {
    let _turn = turn();
    for protocol in PROTOCOLS {
        let receiver = Receiver::start();
        let telemetry = telemetry(protocol, &receiver.url())
            .otlp_gzip(true)
            .otlp_header("x-team", "search")
            .sampler(Sampler::AlwaysOn)
            .init()
            .unwrap();
        let report = telemetry.check();
        assert!(report.is_ok(), "{protocol:?}: {report}");
        let arrived = [("traces", None), ("metrics", None), ("logs", None)];
        assert_eq!(diagnoses(&report), arrived);

        let requests = receiver.requests();
        assert_eq!(requests.len(), 3);
        for request in &requests {
            assert_eq!(request.header("x-team"), Some("search"));
            let encoding = match protocol {
                Protocol::Grpc => request.header("grpc-encoding"),
                _ => request.header("content-encoding"),
            };
            assert_eq!(encoding, Some("gzip"), "{protocol:?}");
        }
        let [span] = &receiver.spans()[..] else { panic!("{protocol:?}: one span") };
        assert_eq!(
            (span.span.name.as_str(), span.scope.name.as_str()),
            ("spanline.check", "spanline")
        );
        let id = hex(&span.span.trace_id);
        assert_eq!(report.trace_id.as_deref(), Some(id.as_str()));
        assert!(report.to_string().contains(&id), "{report}");
        assert!(format!("{:?}", span.resource).contains("tests"), "{:?}", span.resource);
        let [metric] = &receiver.metrics()[..] else { panic!("{protocol:?}: one metric") };
        assert_eq!(metric.metric.name, "spanline.check");
        let [record] = &receiver.records()[..] else { panic!("{protocol:?}: one log record") };
        assert_eq!(record.record.event_name, "spanline.check");
        assert_eq!(record.record.trace_id, span.span.trace_id);
        telemetry.shutdown().unwrap();
    }
}

#[test]
fn a_check_has_the_prefix_that_is_set() {
    let _turn = turn();
    let receiver = Receiver::start();
    let builder = telemetry(Protocol::Grpc, &receiver.url()).prefix("acme");
    let telemetry = builder.init().unwrap();
    assert!(telemetry.check().is_ok());
    assert_eq!(receiver.spans()[0].span.name, "acme.check");
    assert_eq!(receiver.metrics()[0].metric.name, "acme.check");
    telemetry.shutdown().unwrap();
}

#[test]
fn a_check_is_in_nobodys_account() {
    let _turn = turn();
    for answer in [Answer::Accept, Answer::Http(403, Vec::new(), b"no".to_vec())] {
        let receiver = Receiver::start();
        receiver.answer_always(answer);
        let telemetry = telemetry(Protocol::HttpProtobuf, &receiver.url()).init().unwrap();
        let report = telemetry.check();
        assert_eq!(report.exporters.len(), 3, "{report}");
        let health = telemetry.health();
        for exporter in &health.exporters {
            let sent =
                exporter.exported_spans + exporter.exported_points + exporter.exported_records;
            let lost = exporter.lost_spans + exporter.lost_points + exporter.lost_records;
            assert_eq!((sent, lost, exporter.reasons.len()), (0, 0, 0), "{health}");
            assert_eq!((exporter.last_success, &exporter.last_failure), (None, &None));
        }
        telemetry.shutdown().unwrap();
    }
}

#[test]
fn a_check_works_inside_every_runtime_and_outside() {
    let _turn = turn();
    let receiver = Receiver::start();
    let telemetry = telemetry(Protocol::Grpc, &receiver.url()).init().unwrap();
    assert!(telemetry.check().is_ok());
    let current = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    assert!(current.block_on(async { telemetry.check() }).is_ok());
    let multi = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    assert!(multi.block_on(async { telemetry.check() }).is_ok());
    assert_eq!(receiver.spans().len(), 3);
    telemetry.shutdown().unwrap();
}

#[test]
fn each_exporter_is_explained_for_itself() {
    let _turn = turn();
    let refusing = Refusing::new();
    let folder = tempfile::tempdir().unwrap();
    let telemetry = telemetry(Protocol::Grpc, &refusing.url())
        .traces_to([ExporterName::Otlp, ExporterName::File])
        .metrics_to([ExporterName::File])
        .logs_to([])
        .file(folder.path().join("spans.jsonl"))
        .init()
        .unwrap();
    let report = telemetry.check();
    assert!(!report.is_ok() && report.has(Diagnosis::ConnectionRefused), "{report}");
    let refused = Some(Diagnosis::ConnectionRefused);
    assert_eq!(diagnoses(&report), [("traces", refused), ("traces", None), ("metrics", None)]);
    let text = report.to_string();
    let expected = format!(
        "traces to otlp {0}: failed: {0} could not be reached: connection refused; start",
        refusing.url()
    );
    assert!(text.replace("/ could", " could").starts_with(&expected), "{text}");
    assert!(text.contains(": ok, one point in "), "{text}");
    let file = std::fs::read_to_string(folder.path().join("spans.jsonl")).unwrap();
    assert_eq!(file.matches("spanline.check").count(), 2, "{file}");
    telemetry.shutdown().unwrap();
}

#[test]
fn a_backend_that_takes_spans_alone_is_recognised() {
    let _turn = turn();
    for protocol in PROTOCOLS {
        let receiver = Receiver::start_for_traces_alone();
        let telemetry = telemetry(protocol, &receiver.url()).init().unwrap();
        let report = telemetry.check();
        let refused = Some(Diagnosis::SignalNotTaken);
        let expected = [("traces", None), ("metrics", refused), ("logs", refused)];
        assert_eq!(diagnoses(&report), expected, "{protocol:?}: {report}");
        let text = report.to_string();
        assert!(text.contains("OTEL_METRICS_EXPORTER=none"), "{text}");
        assert!(text.contains("OTEL_LOGS_EXPORTER=none"), "{text}");
        telemetry.shutdown().unwrap();
    }
}

#[test]
fn a_batch_that_is_stuck_does_not_hold_a_check_up() {
    let _turn = turn();
    let receiver = Receiver::start();
    receiver.answer_next(Answer::Stall);
    let telemetry = telemetry(Protocol::HttpProtobuf, &receiver.url())
        .metrics_to([])
        .logs_to([])
        .batch_delay(Duration::from_millis(1))
        .shutdown_timeout(Duration::from_millis(100))
        .init()
        .unwrap();
    Stage::new("stuck").run_blocking(|| Ok::<_, String>(())).unwrap();
    receiver.wait_until("the stuck batch", |received| {
        received.iter().find(|it| matches!(it.payload, Payload::Traces(_))).cloned()
    });
    let report = telemetry.check();
    assert!(report.is_ok(), "{report}");
    assert_eq!(receiver.spans()[0].span.name, "spanline.check");
    assert!(telemetry.shutdown().unwrap_err().is_lost());
}

#[test]
fn a_check_of_a_stalled_receiver_ends_with_the_exporters_timeout() {
    let _turn = turn();
    for protocol in PROTOCOLS {
        let receiver = Receiver::start();
        receiver.answer_always(Answer::Stall);
        let builder = telemetry(protocol, &receiver.url());
        let telemetry = builder.otlp_timeout(Duration::from_millis(200)).init().unwrap();
        let report = telemetry.check();
        let stalled = Some(Diagnosis::NoAnswer);
        let expected = [("traces", stalled), ("metrics", stalled), ("logs", stalled)];
        assert_eq!(diagnoses(&report), expected, "{protocol:?}: {report}");
        assert!(report.to_string().contains("did not answer within 200ms"), "{report}");
        telemetry.shutdown().unwrap();
    }
}

/// An exporter of the program's own.
#[derive(Debug, Default)]
struct Given {
    fails: bool,
    names: Arc<Mutex<Vec<String>>>,
}

impl SpanExporter for Given {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.names.lock().unwrap().extend(batch.into_iter().map(|span| span.name.into_owned()));
        if self.fails { Err(OTelSdkError::InternalFailure("no room".into())) } else { Ok(()) }
    }
}

#[test]
fn an_exporter_of_the_programs_own_is_tried_too() {
    let _turn = turn();
    for fails in [false, true] {
        let given = Given { fails, ..Given::default() };
        let names = Arc::clone(&given.names);
        let builder = Telemetry::builder().traces_to([]).metrics_to([]).span_exporter(given);
        let telemetry = builder.init().unwrap();
        let report = telemetry.check();
        let expected = fails.then_some(Diagnosis::ExporterFailed);
        assert_eq!(diagnoses(&report), [("traces", expected)], "{report}");
        assert_eq!(report.to_string().contains("no room"), fails, "{report}");
        assert_eq!(*names.lock().unwrap(), ["spanline.check"]);
        telemetry.shutdown().unwrap();
    }
}

#[test]
fn a_sampler_that_records_nothing_is_found_and_the_exporters_are_tried_all_the_same() {
    let _turn = turn();
    for (sampler, is_found) in [
        (Sampler::AlwaysOff, true),
        (Sampler::ParentBasedAlwaysOff, true),
        (Sampler::TraceIdRatio(0.0), true),
        (Sampler::ParentBasedTraceIdRatio(0.0), true),
        (Sampler::ParentBasedTraceIdRatio(0.1), false),
        (Sampler::AlwaysOn, false),
    ] {
        let receiver = Receiver::start();
        let builder = telemetry(Protocol::HttpProtobuf, &receiver.url()).sampler(sampler);
        let telemetry = builder.init().unwrap();
        let report = telemetry.check();
        assert_eq!(report.has(Diagnosis::NothingSampled), is_found, "{sampler:?}: {report}");
        assert_eq!(report.is_ok(), !is_found, "{report}");
        assert_eq!(receiver.spans().len(), 1);
        telemetry.shutdown().unwrap();
    }
}

#[test]
fn spans_that_go_nowhere_telemetry_that_is_off_and_one_that_is_down_are_found() {
    let _turn = turn();
    let telemetry = Telemetry::builder().traces_to([]).metrics_to([]).init().unwrap();
    let report = telemetry.check();
    assert!(report.has(Diagnosis::NoExporter), "{report}");
    assert!(report.to_string().contains("traces: none (code)"), "{report}");
    telemetry.shutdown().unwrap();

    let report = telemetry.check();
    assert!(report.has(Diagnosis::ShutDown) && report.exporters.is_empty(), "{report}");

    let telemetry = Telemetry::builder().enabled(false).init().unwrap();
    let report = telemetry.check();
    assert!(report.has(Diagnosis::Disabled), "{report}");
    assert!(!report.has(Diagnosis::NoExporter), "one cause is told once: {report}");
    telemetry.shutdown().unwrap();
}

fn doctor(process: Process) -> Ended {
    let ended = process.run();
    assert!(ended.success, "{}", ended.stderr);
    ended
}

fn program(scenario: &str) -> Process {
    Process::new(env!("CARGO_BIN_EXE_program"), scenario)
}

#[test]
fn the_variable_that_switches_telemetry_off_is_named() {
    for (name, value) in [("OTEL_SDK_DISABLED", "true"), ("OTEL_TRACING_ENABLED", "false")] {
        let ended = doctor(program("check").env(name, value));
        let expected = format!("telemetry is off: disabled: true ({name});");
        assert!(ended.stdout.contains(&expected), "{}", ended.stdout);
    }
    let ended = doctor(program("check").env("OTEL_TRACES_EXPORTER", "none"));
    assert!(ended.stdout.contains("none (OTEL_TRACES_EXPORTER)"), "{}", ended.stdout);
    let ended = doctor(program("check").env("OTEL_TRACES_SAMPLER", "always_off"));
    assert!(ended.stdout.contains("always_off (OTEL_TRACES_SAMPLER)"), "{}", ended.stdout);
}

const EARLY: &str = "spans were started before telemetry was set up, and are not recorded; call `init` first in `main`";

#[test]
fn spans_before_init_are_one_warning_and_one_finding() {
    let ended = doctor(program("check-early"));
    assert_eq!(ended.stderr, format!("spanline: warning: {EARLY}\n"));
    assert_eq!(ended.stdout.matches(EARLY).count(), 2, "health and report: {}", ended.stdout);
    assert!(ended.stdout.contains("started early: true\n"), "{}", ended.stdout);
    let off = doctor(program("check-early").env("OTEL_SDK_DISABLED", "true"));
    assert_eq!(off.stderr, "", "what is off warns of nothing");
}

#[test]
fn spans_after_init_and_between_two_are_not_early() {
    let ended = doctor(program("check-again"));
    assert_eq!(ended.stderr, "");
    assert_eq!(ended.stdout, "started early: false\n".repeat(3));
    // Whatever the first is told to do.
    let ended = doctor(program("check-again").env("OTEL_SDK_DISABLED", "true"));
    assert_eq!(ended.stderr, "");
    assert_eq!(ended.stdout, "started early: false\n".repeat(3));
}

#[test]
fn a_check_on_the_export_thread_does_not_wait_for_itself() {
    let ended = doctor(program("check-inside"));
    assert!(ended.stdout.contains("on the export thread itself"), "{}", ended.stdout);
}

#[test]
fn a_secret_of_a_header_is_sent_and_never_said() {
    let words = "not with canary-of-variable, canary-of-file, canary-of-code";
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("headers");
    std::fs::write(&file, "x-file: canary-of-file\n").unwrap();
    for protocol in ["grpc", "http/protobuf", "http/json"] {
        let receiver = Receiver::start();
        receiver.answer_always(match protocol {
            "grpc" => Answer::Grpc(tonic::Status::unauthenticated(words)),
            _ => Answer::Http(401, Vec::new(), words.as_bytes().to_vec()),
        });
        let ended = doctor(
            program("check-secrets")
                .env("OTEL_TRACES_EXPORTER", "otlp")
                .env("OTEL_METRICS_EXPORTER", "otlp")
                .env("OTEL_LOGS_EXPORTER", "otlp")
                .env("OTEL_LOG_LEVEL", "trace")
                .env("OTEL_EXPORTER_OTLP_ENDPOINT", &receiver.url())
                .env("OTEL_EXPORTER_OTLP_PROTOCOL", protocol)
                .env("OTEL_EXPORTER_OTLP_HEADERS", "x-variable=canary-of-variable")
                .env("SPANLINE_OTLP_HEADERS_FILE", file.to_str().unwrap()),
        );
        for name in ["variable", "file", "code"] {
            for request in receiver.requests() {
                let value = format!("canary-of-{name}");
                assert_eq!(request.header(&format!("x-{name}")), Some(value.as_str()));
            }
            assert!(ended.stdout.contains(&format!("x-{name}")), "{name}");
        }
        assert!(ended.stdout.contains("not with …, …, …; correct the key"), "{}", ended.stdout);
        let said = format!("{}{}", ended.stdout, ended.stderr);
        let leak = said.lines().find(|line| line.contains("canary"));
        assert_eq!(leak, None, "{protocol}");
    }
}
