//! What cannot be delivered waits on disk, and arrives once.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use spanline::{
    Evaluation, ExporterHealth, ExporterName, Protocol, SpoolHealth, Stage, Telemetry,
    TelemetryBuilder,
};
use spanline_tests::process::{Ended, Process};
use tempfile::TempDir;

mod support;

use support::receiver::{Answer, ReceivedSpan, Receiver, Refusing};

const PROTOCOLS: [Protocol; 3] = [Protocol::Grpc, Protocol::HttpProtobuf, Protocol::HttpJson];

/// Of files.
const NONE: [PathBuf; 0] = [];

/// Telemetry is one per process; the tests that set it up here take turns.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Spans alone.
fn telemetry(folder: &TempDir, endpoint: &str) -> TelemetryBuilder {
    Telemetry::builder()
        .traces_to([ExporterName::Otlp])
        .metrics_to([])
        .otlp_endpoint(endpoint)
        .otlp_protocol(Protocol::HttpProtobuf)
        .shutdown_timeout(Duration::from_secs(30))
        .spool(folder.path())
}

fn stage(name: &str) {
    Stage::new(name.to_owned()).run_blocking(|| Ok::<_, String>(())).unwrap();
}

fn busy(protocol: Protocol) -> Answer {
    match protocol {
        Protocol::Grpc => Answer::Grpc(tonic::Status::unavailable("busy")),
        _ => Answer::Http(503, Vec::new(), b"busy".to_vec()),
    }
}

fn spool(exporter: &ExporterHealth) -> &SpoolHealth {
    exporter.spool.as_ref().unwrap()
}

/// The one exporter that there is.
fn exporter(telemetry: &Telemetry) -> ExporterHealth {
    let mut exporters = telemetry.health().exporters;
    assert_eq!(exporters.len(), 1);
    exporters.remove(0)
}

fn names(spans: &[ReceivedSpan]) -> Vec<&str> {
    let mut names: Vec<&str> = spans.iter().map(|span| &*span.span.name).collect();
    names.sort_unstable();
    names
}

/// Every file below a folder, by what it ends with.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|it| it == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Waits for what is to be true in the end.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = std::time::Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(30), "never {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn what_a_receiver_does_not_take_now_waits_on_disk_and_arrives_once_it_does() {
    let _turn = turn();
    for protocol in PROTOCOLS {
        let folder = tempfile::tempdir().unwrap();
        let receiver = Receiver::start();
        receiver.answer_always(busy(protocol));
        let telemetry = telemetry(&folder, &receiver.url())
            .otlp_protocol(protocol)
            .otlp_timeout(Duration::from_millis(200))
            .metrics_to([ExporterName::Otlp])
            .logs_to([ExporterName::Otlp])
            .init()
            .unwrap();
        let evaluated = Stage::new("waits").run_blocking(|| {
            spanline::current().evaluate(Evaluation::new("relevance").score(0.5));
            Ok::<_, String>(())
        });
        evaluated.unwrap();
        telemetry.flush().unwrap();
        let health = telemetry.health();
        let waiting: Vec<u64> = health.exporters.iter().map(|it| spool(it).waiting).collect();
        assert_eq!(waiting, [1, 1, 1], "{protocol:?}: {health}");
        assert_eq!((health.lost_spans(), health.lost_points(), health.lost_records()), (0, 0, 0));
        assert!(health.exporters.iter().all(|it| it.queued_spans + it.queued_records == 0));
        assert_eq!(files(folder.path(), "otlp").len(), 3);

        receiver.answer_always(Answer::Accept);
        telemetry.shutdown().unwrap();
        assert_eq!(names(&receiver.spans()), ["waits"], "{protocol:?}");
        assert_eq!(receiver.records().len(), 1);
        receiver.wait_for_metric("spanline.stage.duration");
        let health = telemetry.health();
        for exporter in &health.exporters {
            assert_eq!((spool(exporter).waiting, spool(exporter).bytes), (0, 0), "{health}");
        }
        assert_eq!(health.exporters[0].exported_spans, 1, "{health}");
        assert_eq!(health.exporters[2].exported_records, 1, "{health}");
        assert_eq!(files(folder.path(), "otlp"), NONE);
        assert_eq!(files(folder.path(), "lock"), NONE);
    }
}

#[test]
fn a_receiver_that_comes_back_is_found_without_being_asked_for() {
    let _turn = turn();
    let folder = tempfile::tempdir().unwrap();
    let refusing = Refusing::new();
    let telemetry = telemetry(&folder, &refusing.url()).init().unwrap();
    stage("early");
    telemetry.flush().unwrap();
    assert_eq!(spool(&exporter(&telemetry)).waiting, 1);
    let receiver = Receiver::start_at(refusing);
    assert_eq!(names(&receiver.wait_for_spans(1)), ["early"]);
    until("exported", || exporter(&telemetry).exported_spans == 1);
    telemetry.shutdown().unwrap();
}

#[test]
fn the_next_start_sends_what_the_last_one_left() {
    let _turn = turn();
    let folder = tempfile::tempdir().unwrap();
    let refusing = Refusing::new();
    let first = telemetry(&folder, &refusing.url()).init().unwrap();
    stage("left");
    first.shutdown().unwrap();
    let health = first.health();
    assert_eq!((health.lost_spans(), spool(&health.exporters[0]).waiting), (0, 1), "{health}");
    let said = health.warnings.last().unwrap();
    assert!(
        said.contains("1 spans wait on disk for the next start of the program: traces: "),
        "{said}"
    );

    let receiver = Receiver::start_at(refusing);
    let second = telemetry(&folder, &receiver.url()).init().unwrap();
    assert_eq!(names(&receiver.wait_for_spans(1)), ["left"]);
    second.shutdown().unwrap();
    let exporter = exporter(&second);
    assert_eq!((spool(&exporter).recovered, exporter.exported_spans), (1, 1));

    let third = telemetry(&folder, &receiver.url()).init().unwrap();
    third.shutdown().unwrap();
    assert_eq!(receiver.requests().len(), 1);
    assert_eq!(files(folder.path(), "otlp"), NONE);
}

#[test]
fn what_was_taken_is_never_sent_again() {
    let _turn = turn();
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start();
    for number in 0..3 {
        let telemetry = telemetry(&folder, &receiver.url()).init().unwrap();
        stage(&format!("span {number}"));
        telemetry.shutdown().unwrap();
        assert_eq!(exporter(&telemetry).exported_spans, 1);
    }
    assert_eq!(names(&receiver.spans()), ["span 0", "span 1", "span 2"]);
    assert_eq!(receiver.requests().len(), 3);
}

#[test]
fn a_receiver_that_outlasts_the_shutdown_costs_nothing() {
    let _turn = turn();
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start();
    receiver.answer_always(Answer::Stall);
    let patience = Duration::from_millis(300);
    let first = telemetry(&folder, &receiver.url()).shutdown_timeout(patience).init().unwrap();
    for number in 0..3 {
        stage(&format!("span {number}"));
        assert!(first.flush().unwrap_err().to_string().contains("not everything was sent"));
    }
    first.shutdown().unwrap();
    let health = first.health();
    assert_eq!((health.lost_spans(), spool(&health.exporters[0]).waiting), (0, 3), "{health}");

    receiver.answer_always(Answer::Accept);
    // Whoever was stalled has let go of the folder.
    until("taken over", || {
        let second = telemetry(&folder, &receiver.url()).init().unwrap();
        second.shutdown().unwrap();
        receiver.spans().len() == 3
    });
    assert_eq!(names(&receiver.spans()), ["span 0", "span 1", "span 2"]);
}

#[test]
fn the_oldest_give_way_where_there_is_no_room_and_are_counted() {
    let _turn = turn();
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start();
    receiver.answer_always(busy(Protocol::HttpProtobuf));
    // Sixteen files of a block each.
    let telemetry = telemetry(&folder, &receiver.url())
        .spool_limit(64 * 1024)
        .otlp_timeout(Duration::from_millis(50))
        .init()
        .unwrap();
    for number in 0..20 {
        stage(&format!("span {number:02}"));
        let _ = telemetry.flush();
    }
    let health = telemetry.health();
    let exporter = &health.exporters[0];
    let SpoolHealth { waiting, bytes, dropped, .. } = spool(exporter);
    assert_eq!((*waiting, *bytes, *dropped), (16, 64 * 1024, 4), "{health}");
    assert_eq!(exporter.lost_spans, 4);
    assert!(exporter.reasons[0].0.contains("its oldest gave way"), "{health}");
    assert_eq!(files(folder.path(), "otlp").len(), 16);

    receiver.answer_always(Answer::Accept);
    assert_eq!(telemetry.shutdown().unwrap_err().lost_spans(), 4);
    let newest: Vec<String> = (4..20).map(|number| format!("span {number:02}")).collect();
    assert_eq!(names(&receiver.spans()), newest);
}

#[test]
fn what_is_refused_for_good_is_lost_and_leaves_the_disk() {
    let _turn = turn();
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start();
    receiver.answer_next(Answer::Http(400, Vec::new(), b"no such tenant".to_vec()));
    receiver.answer_next(Answer::Partial(1, "too old"));
    let telemetry = telemetry(&folder, &receiver.url()).init().unwrap();
    for name in ["refused", "rejected"] {
        stage(name);
        assert_eq!(telemetry.flush().unwrap_err().lost_spans(), 1);
    }
    let error = telemetry.shutdown().unwrap_err();
    assert_eq!(error.lost_spans(), 2);
    assert!(error.to_string().contains("400 Bad Request: no such tenant"), "{error}");
    assert!(error.to_string().contains("rejected 1 of 1 span: too old"), "{error}");
    let exporter = exporter(&telemetry);
    assert_eq!((spool(&exporter).waiting, spool(&exporter).dropped), (0, 0));
    assert_eq!(files(folder.path(), "otlp"), NONE);
}

#[test]
fn what_is_refused_for_its_key_waits_for_another_key() {
    let _turn = turn();
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start();
    receiver.answer_always(Answer::Http(401, Vec::new(), b"who are you".to_vec()));
    let first = telemetry(&folder, &receiver.url()).otlp_header("key", "old").init().unwrap();
    stage("kept");
    first.shutdown().unwrap();
    let exporter = exporter(&first);
    assert_eq!((exporter.lost_spans, spool(&exporter).waiting), (0, 1));
    for file in files(folder.path(), "otlp") {
        assert!(!String::from_utf8_lossy(&fs::read(file).unwrap()).contains("old"));
    }

    receiver.answer_always(Answer::Accept);
    let second = telemetry(&folder, &receiver.url()).otlp_header("key", "new").init().unwrap();
    second.shutdown().unwrap();
    assert_eq!(names(&receiver.spans()), ["kept"]);
    assert_eq!(receiver.requests().last().unwrap().header("key"), Some("new"));
}

#[test]
fn what_is_torn_is_found_counted_and_in_nobodys_way() {
    let _turn = turn();
    let folder = tempfile::tempdir().unwrap();
    let refusing = Refusing::new();
    let first = telemetry(&folder, &refusing.url()).init().unwrap();
    for number in 0..5 {
        stage(&format!("span {number}"));
        let _ = first.flush();
    }
    first.shutdown().unwrap();
    let files = files(folder.path(), "otlp");
    assert_eq!(files.len(), 5);
    // As after a loss of power: too short, empty, of the right length and with other content; and one
    // whose writer was killed.
    let whole = fs::read(&files[0]).unwrap();
    fs::write(&files[0], &whole[..whole.len() - 1]).unwrap();
    fs::write(&files[1], "").unwrap();
    let mut changed = fs::read(&files[2]).unwrap();
    *changed.last_mut().unwrap() ^= 1;
    fs::write(&files[2], changed).unwrap();
    fs::write(files[3].with_extension("part"), &fs::read(&files[3]).unwrap()[..40]).unwrap();
    fs::remove_file(&files[3]).unwrap();
    // It was all there when its writer was killed.
    fs::rename(&files[4], files[4].with_extension("part")).unwrap();

    let receiver = Receiver::start_at(refusing);
    let second = telemetry(&folder, &receiver.url()).init().unwrap();
    let error = second.shutdown().unwrap_err();
    assert_eq!(error.lost_spans(), 4, "{error}");
    assert!(error.to_string().contains("was damaged on disk"), "{error}");
    assert!(error.to_string().contains("was not written to its end"), "{error}");
    assert_eq!(names(&receiver.spans()), ["span 4"]);
    let exporter = exporter(&second);
    let SpoolHealth { waiting, recovered, dropped, .. } = spool(&exporter);
    assert_eq!((*waiting, *recovered, *dropped), (0, 5, 4));
    assert_eq!(exporter.exported_spans, 1);
}

#[test]
fn a_request_that_is_never_taken_keeps_no_other_waiting() {
    let _turn = turn();
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start();
    receiver.answer_always(Answer::BusyFor("span 1"));
    let telemetry = telemetry(&folder, &receiver.url())
        .otlp_timeout(Duration::from_millis(200))
        .init()
        .unwrap();
    for number in 0..4 {
        stage(&format!("span {number}"));
        telemetry.flush().unwrap();
    }
    assert_eq!(names(&receiver.spans()), ["span 0", "span 2", "span 3"]);
    let exporter = exporter(&telemetry);
    assert_eq!((exporter.exported_spans, spool(&exporter).waiting), (3, 1));
    telemetry.shutdown().unwrap();
    assert_eq!(files(folder.path(), "otlp").len(), 1);
}

#[test]
fn metrics_that_are_not_taken_again_and_again_keep_no_others_waiting() {
    let _turn = turn();
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start();
    let telemetry = telemetry(&folder, &receiver.url())
        .traces_to([])
        .metrics_to([ExporterName::Otlp])
        .otlp_timeout(Duration::from_millis(50))
        .init()
        .unwrap();
    for _ in 0..3 {
        receiver.answer_next(busy(Protocol::HttpProtobuf));
    }
    for number in 0..4 {
        stage(&format!("counted {number}"));
        telemetry.flush().unwrap();
    }
    telemetry.shutdown().unwrap();
    let health = telemetry.health();
    assert_eq!((spool(&health.exporters[0]).waiting, health.lost_points()), (0, 0), "{health}");
    let requests: Vec<String> =
        receiver.requests().iter().map(|it| format!("{:?}", it.payload)).collect();
    // The oldest three times in its place, then another, then the oldest again.
    assert!(requests[..3].iter().all(|it| *it == requests[0]));
    assert!(requests[3] != requests[0] && requests[4] == requests[0]);
}

#[test]
fn receivers_that_differ_in_what_is_secret_of_their_urls_share_no_folder() {
    let _turn = turn();
    let folder = tempfile::tempdir().unwrap();
    let refusing = Refusing::new();
    let first = telemetry(&folder, &format!("{}/?token=first-tenant", refusing.url()));
    let first = first.init().unwrap();
    stage("of the first");
    first.shutdown().unwrap();
    let of_first = spool(&exporter(&first)).folder.clone();
    assert!(!of_first.display().to_string().contains("tenant"), "{}", of_first.display());

    let receiver = Receiver::start_at(refusing);
    let second = telemetry(&folder, &format!("{}/?token=other-tenant", receiver.url()));
    let second = second.init().unwrap();
    second.shutdown().unwrap();
    assert_ne!(spool(&exporter(&second)).folder, of_first);
    assert_eq!(spool(&exporter(&second)).recovered, 0);
    assert_eq!(receiver.spans().len(), 0);
    assert_eq!(files(&of_first, "otlp").len(), 1);
}

#[cfg(unix)]
#[test]
fn what_is_on_disk_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    fn assert_private(folder: &Path) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, if path.is_dir() { 0o700 } else { 0o600 }, "{}", path.display());
            if path.is_dir() {
                assert_private(&path);
            }
        }
    }

    let _turn = turn();
    let folder = tempfile::tempdir().unwrap();
    let refusing = Refusing::new();
    let telemetry = telemetry(&folder, &refusing.url())
        .spool(folder.path().join("new").join("spool"))
        .init()
        .unwrap();
    stage("private");
    telemetry.flush().unwrap();
    assert_eq!(files(folder.path(), "otlp").len(), 1);
    assert_private(folder.path());
    telemetry.shutdown().unwrap();
}

#[test]
fn a_folder_that_cannot_be_made_stops_init_and_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let ended = program("spool-once", &file.join("spool"), "http://127.0.0.1:1")
        .arg("name")
        .arg(&folder.path().join("notes").display().to_string())
        .run();
    assert!(!ended.success);
    let message = format!("SPANLINE_SPOOL_DIR: cannot write to the spool `{}", file.display());
    assert!(ended.stderr.contains(&message), "{}", ended.stderr);
    assert!(ended.stderr.contains("expected a folder that may be made"), "{}", ended.stderr);
}

#[test]
fn a_folder_that_is_removed_is_made_again_and_what_was_in_it_is_counted() {
    let _turn = turn();
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start();
    receiver.answer_always(busy(Protocol::HttpProtobuf));
    let timeout = Duration::from_millis(50);
    let telemetry = telemetry(&folder, &receiver.url()).otlp_timeout(timeout).init().unwrap();
    stage("removed");
    telemetry.flush().unwrap();
    fs::remove_dir_all(spool(&exporter(&telemetry)).folder.clone()).unwrap();
    stage("after");
    let _ = telemetry.flush();
    receiver.answer_always(Answer::Accept);
    let error = telemetry.shutdown().unwrap_err();
    assert_eq!(error.lost_spans(), 1, "{error}");
    assert!(error.to_string().contains("was removed from the spool by somebody else"), "{error}");
    assert_eq!(names(&receiver.spans()), ["after"]);
}

#[test]
fn where_the_disk_takes_nothing_the_export_goes_on_without() {
    let _turn = turn();
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start();
    let telemetry = telemetry(&folder, &receiver.url()).init().unwrap();
    let destination = spool(&exporter(&telemetry)).folder.clone();
    fs::remove_dir_all(&destination).unwrap();
    // Neither a folder nor a place for one.
    fs::write(&destination, "").unwrap();
    for name in ["one", "other"] {
        stage(name);
        telemetry.flush().unwrap();
    }
    assert_eq!(names(&receiver.spans()), ["one", "other"]);
    let health = telemetry.health();
    let problem = spool(&health.exporters[0]).problem.as_deref().unwrap();
    assert!(problem.starts_with("cannot write to the spool `"), "{problem}");
    assert_eq!((health.exporters[0].exported_spans, health.lost_spans()), (2, 0), "{health}");

    // The disk has room again.
    fs::remove_file(&destination).unwrap();
    stage("third");
    telemetry.shutdown().unwrap();
    assert_eq!(spool(&exporter(&telemetry)).problem, None);
    assert_eq!(receiver.spans().len(), 3);
}

/// The program with a spool and nothing but spans.
fn program(scenario: &str, folder: &Path, endpoint: &str) -> Process {
    spooled(Process::new(env!("CARGO_BIN_EXE_program"), scenario), folder, endpoint)
}

fn spooled(process: Process, folder: &Path, endpoint: &str) -> Process {
    process
        .env("OTEL_TRACES_EXPORTER", "otlp")
        .env("OTEL_METRICS_EXPORTER", "none")
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
        .env("OTEL_EXPORTER_OTLP_TIMEOUT", "500")
        .env("SPANLINE_SPOOL_DIR", &folder.display().to_string())
}

#[cfg(unix)]
#[test]
fn a_request_that_is_cut_off_while_it_is_written_leaves_nothing_and_costs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start();
    let shared = folder.path().join("spool");
    // No file may have more than a block: a request is cut off while it is written.
    let limited = r#"trap "" XFSZ; ulimit -f 1; exec "$0" "$@""#;
    let ended = spooled(Process::new("sh", "-c"), &shared, &receiver.url())
        .arg(limited)
        .arg(env!("CARGO_BIN_EXE_program"))
        .arg("spool-once")
        .arg(&"long name ".repeat(200))
        .arg(&folder.path().join("notes").display().to_string())
        .run();
    assert!(ended.success && ended.stderr.is_empty(), "{}", ended.stderr);
    assert_eq!(noted(&folder.path().join("notes")), ["Ok(())"]);
    assert_eq!(receiver.spans().len(), 1);
    assert!(ended.stdout.contains("cannot write to the spool `"), "{}", ended.stdout);
    assert!(ended.stdout.contains(": 1 spans and 0 points exported, 0 and 0 lost"));
    assert_eq!(files(&shared, "part"), NONE);
    assert_eq!(files(&shared, "otlp"), NONE);
}

/// What the process said that it had flushed.
fn noted(notes: &Path) -> Vec<String> {
    fs::read_to_string(notes).unwrap().lines().map(str::to_owned).collect()
}

/// How often a program is killed.
#[cfg(unix)]
const RUNS: u64 = 10;

/// That nothing is said to be lost but what was being written when a run was killed.
#[cfg(unix)]
fn assert_torn_at_most(ended: &Ended, count: u64) {
    for line in ended.stderr.lines() {
        let lost = line.strip_prefix("spanline: error: lost ").unwrap();
        let (number, why) = lost.split_once(' ').unwrap();
        assert!(number.parse::<u64>().unwrap() <= count, "{line}");
        assert!(why.ends_with("a request of an earlier run was not written to its end"), "{line}");
    }
}

/// How often each name arrived.
fn arrivals(receiver: &Receiver) -> BTreeMap<String, usize> {
    let mut arrivals = BTreeMap::new();
    for span in receiver.spans() {
        *arrivals.entry(span.span.name).or_default() += 1;
    }
    arrivals
}

#[cfg(unix)]
#[test]
fn a_kill_at_any_moment_loses_nothing_that_was_flushed_and_doubles_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let notes = folder.path().join("notes");
    let refusing = Refusing::new();
    let mut flushed = Vec::new();
    for run in 0..RUNS {
        let mut started = program("spool", &folder.path().join("spool"), &refusing.url())
            .arg(&format!("run{run}"))
            .arg(&notes.display().to_string())
            .start();
        let before = noted(&notes).len();
        until("flushed", || started.has_ended() || noted(&notes).len() > before);
        std::thread::sleep(Duration::from_micros(run * 1700));
        started.signal("KILL");
        let ended = started.wait();
        assert_eq!(ended.signal, Some(9), "{}", ended.stderr);
        flushed = noted(&notes);
    }

    let receiver = Receiver::start_at(refusing);
    let ended = program("spool-once", &folder.path().join("spool"), &receiver.url())
        .arg("last")
        .arg(&notes.display().to_string())
        .run();
    assert!(ended.success, "{}", ended.stderr);
    assert_torn_at_most(&ended, RUNS);
    let arrivals = arrivals(&receiver);
    for name in &flushed {
        assert_eq!(arrivals.get(name), Some(&1), "{name}: {arrivals:?}");
    }
    assert!(arrivals.values().all(|count| *count == 1), "{arrivals:?}");
    // What was being flushed when the kill came may have been on disk already.
    assert!(arrivals.len() as u64 <= flushed.len() as u64 + RUNS + 1, "{arrivals:?}");
    assert_eq!(files(folder.path(), "otlp"), NONE);
}

#[cfg(unix)]
#[test]
fn a_kill_while_requests_are_taken_loses_nothing_and_doubles_at_most_one_request() {
    let folder = tempfile::tempdir().unwrap();
    let notes = folder.path().join("notes");
    let receiver = Receiver::start();
    for run in 0..RUNS {
        let started = program("spool", &folder.path().join("spool"), &receiver.url())
            .arg(&format!("run{run}"))
            .arg(&notes.display().to_string())
            .start();
        std::thread::sleep(Duration::from_micros(run * 1700));
        started.signal("KILL");
        assert_eq!(started.wait().signal, Some(9));
    }
    let flushed = noted(&notes);
    let ended = program("spool-once", &folder.path().join("spool"), &receiver.url())
        .arg("last")
        .arg(&notes.display().to_string())
        .run();
    assert!(ended.success, "{}", ended.stderr);
    assert_torn_at_most(&ended, RUNS);
    let arrivals = arrivals(&receiver);
    for name in &flushed {
        assert!(arrivals.contains_key(name), "{name}: {arrivals:?}");
    }
    let doubled: u64 = arrivals.values().map(|count| *count as u64 - 1).sum();
    assert!(doubled <= RUNS, "{arrivals:?}");
    assert_eq!(files(folder.path(), "otlp"), NONE);
}

#[cfg(unix)]
#[test]
fn processes_that_share_a_folder_take_over_only_what_has_ended() {
    let folder = tempfile::tempdir().unwrap();
    let shared = folder.path().join("spool");
    let notes = |name: &str| folder.path().join(name);
    let refusing = Refusing::new();
    let start = |name: &str| {
        let path = notes(name);
        let process = program("spool", &shared, &refusing.url());
        process.arg(name).arg(&path.display().to_string()).start()
    };
    let (living, killed) = (start("living"), start("killed"));
    until("flushed", || noted(&notes("living")).len() > 2 && noted(&notes("killed")).len() > 2);
    assert_eq!(files(&shared, "lock").len(), 2);
    killed.signal("KILL");
    let _ = killed.wait();

    // Nobody listens still: whoever starts next takes over, and leaves everything there.
    let ended = program("spool-once", &shared, &refusing.url())
        .arg("heir")
        .arg(&notes("heir").display().to_string())
        .run();
    assert!(ended.success, "{}", ended.stderr);
    let of_killed = noted(&notes("killed")).len();
    let recovered: usize = ended
        .stdout
        .lines()
        .find_map(|line| line.split(" bytes, ").nth(1)?.split(' ').next()?.parse().ok())
        .unwrap();
    assert!(recovered == of_killed || recovered == of_killed + 1, "{recovered} {of_killed}");

    living.signal("KILL");
    let _ = living.wait();
    let receiver = Receiver::start_at(refusing);
    let ended = program("spool-once", &shared, &receiver.url())
        .arg("last")
        .arg(&notes("last").display().to_string())
        .run();
    assert!(ended.success, "{}", ended.stderr);
    assert_torn_at_most(&ended, RUNS);
    let arrivals = arrivals(&receiver);
    for name in [noted(&notes("living")), noted(&notes("killed"))].concat() {
        assert_eq!(arrivals.get(&name), Some(&1), "{name}");
    }
    assert!(arrivals.contains_key("heir") && arrivals.values().all(|count| *count == 1));
}
