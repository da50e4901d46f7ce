//! Made is exported and lost, whatever the receiver does.

use std::time::Duration;

use spanline::opentelemetry::logs::{LogRecord as _, Logger as _, LoggerProvider as _};
use spanline::{Error, Protocol, Stage, Telemetry};

use super::support::receiver::{Answer, Receiver, Refusing};
use super::{PROTOCOLS, telemetry, turn};

/// Records of other code.
fn write(telemetry: &Telemetry, count: usize) {
    let logger = telemetry.logger_provider().logger("theirs");
    for number in 0..count {
        let mut record = logger.create_log_record();
        record.add_attribute("number", i64::try_from(number).unwrap());
        logger.emit(record);
    }
}

fn exported(telemetry: &Telemetry) -> u64 {
    telemetry.health().exporters.iter().map(|exporter| exporter.exported_records).sum()
}

#[test]
fn records_that_nobody_takes_are_counted_with_the_reason() {
    let _turn = turn();
    for protocol in PROTOCOLS {
        let refusing = Refusing::new();
        let telemetry = telemetry(protocol, &refusing.url()).init().unwrap();
        write(&telemetry, 7);
        Stage::new("s").run_blocking(|| "x".parse::<u8>()).unwrap_err();
        let error = telemetry.shutdown().unwrap_err();
        assert_eq!((error.lost_spans(), error.lost_records()), (1, 8), "{error}");
        assert!(
            error.to_string().starts_with("lost 1 span, 0 metric points and 8 log records: "),
            "{error}"
        );
        assert!(error.to_string().contains("logs: "), "{error}");
        let health = telemetry.health();
        assert_eq!(health.lost_records(), 8);
        assert!(health.to_string().contains("0 log records exported, 8 lost"), "{health}");
    }
}

#[test]
fn what_a_receiver_rejects_in_part_is_lost_and_the_rest_is_exported() {
    let _turn = turn();
    for protocol in PROTOCOLS {
        let receiver = Receiver::start();
        receiver.answer_always(Answer::Partial(2, "too old"));
        let telemetry = telemetry(protocol, &receiver.url()).init().unwrap();
        write(&telemetry, 5);
        let error = telemetry.flush().unwrap_err();
        assert_eq!((error.lost_spans(), error.lost_records()), (0, 2), "{error}");
        assert!(error.to_string().contains("rejected 2 of 5 log records: too old"), "{error}");
        assert_eq!(exported(&telemetry), 3);
        // Said once.
        telemetry.flush().unwrap();
        assert_eq!(telemetry.shutdown().unwrap_err().lost_records(), 2);
    }
}

#[test]
fn a_queue_that_is_full_drops_and_counts() {
    let _turn = turn();
    let receiver = Receiver::start();
    receiver.answer_always(Answer::Stall);
    let telemetry = telemetry(Protocol::HttpProtobuf, &receiver.url())
        .record_queue_size(20)
        .record_batch_size(10)
        .shutdown_timeout(Duration::from_millis(300))
        .init()
        .unwrap();
    write(&telemetry, 500);
    let error = telemetry.shutdown().unwrap_err();
    assert_eq!(error.lost_records(), 500, "{error}");
    assert_eq!(error.lost_spans(), 0, "{error}");
    let health = telemetry.health();
    assert!(health.dropped_records >= 400, "{health}");
    assert!(health.to_string().contains("log records found the queue full"), "{health}");
}

#[test]
fn spans_that_stall_keep_no_record_waiting() {
    let _turn = turn();
    let (stalled, receiver) = (Receiver::start(), Receiver::start());
    stalled.answer_always(Answer::Stall);
    let telemetry = telemetry(Protocol::Grpc, &receiver.url())
        .traces_to([spanline::ExporterName::OtlpTo(stalled.url())])
        .batch_size(1)
        .queue_size(2)
        .record_batch_size(10)
        .record_batch_delay(Duration::from_millis(20))
        .shutdown_timeout(Duration::from_millis(300))
        .init()
        .unwrap();
    for _ in 0..50 {
        Stage::new("s").start().end();
    }
    write(&telemetry, 95);
    receiver.wait_for_records(95);
    let error: Error = telemetry.shutdown().unwrap_err();
    assert_eq!((error.lost_spans(), error.lost_records()), (50, 0), "{error}");
}

#[test]
fn a_storm_of_records_from_many_threads_is_all_exported_or_counted() {
    const THREADS: u64 = 8;
    const EACH: u64 = 5_000;

    let _turn = turn();
    let receiver = Receiver::start();
    for _ in 0..5 {
        receiver.answer_next(Answer::Http(400, Vec::new(), b"no".to_vec()));
        receiver.answer_next(Answer::Accept);
    }
    let telemetry = telemetry(Protocol::HttpProtobuf, &receiver.url())
        .traces_to([])
        .record_queue_size(3_000)
        .init()
        .unwrap();
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for _ in 0..EACH / 2 {
                    write(&telemetry, 1);
                    Stage::new("s").run_blocking(|| "x".parse::<u8>()).unwrap_err();
                }
            });
        }
    });
    let error = telemetry.shutdown().unwrap_err();
    let health = telemetry.health();
    let arrived = receiver.records().len() as u64;
    assert_eq!(exported(&telemetry), arrived);
    // A span that finds its queue full takes its exception along.
    assert_eq!(arrived + health.lost_records() + health.dropped_spans, THREADS * EACH, "{health}");
    assert_eq!(error.lost_records(), health.lost_records());
    assert!(arrived > 0);
}

#[test]
fn a_large_batch_is_divided_for_its_receiver() {
    let _turn = turn();
    let receiver = Receiver::start();
    let telemetry = telemetry(Protocol::Grpc, &receiver.url()).init().unwrap();
    let logger = telemetry.logger_provider().logger("theirs");
    for _ in 0..100 {
        let mut record = logger.create_log_record();
        record.set_body("x".repeat(100_000).into());
        logger.emit(record);
    }
    telemetry.shutdown().unwrap();
    assert_eq!(receiver.records().len(), 100);
    assert!(receiver.requests().len() >= 3, "10 MB in requests of 4 MiB");
}

#[test]
fn records_that_come_while_it_shuts_down_are_exported_or_counted() {
    let _turn = turn();
    for _ in 0..20 {
        let receiver = Receiver::start();
        let telemetry = telemetry(Protocol::HttpProtobuf, &receiver.url()).init().unwrap();
        let made: u64 = std::thread::scope(|scope| {
            let writers: Vec<_> = (0..4)
                .map(|_| {
                    let logger = telemetry.logger_provider().logger("theirs");
                    scope.spawn(|| {
                        let logger = logger;
                        let mut made = 0;
                        // One after the end for certain.
                        let mut is_over = false;
                        while !is_over {
                            is_over = !telemetry.is_enabled();
                            logger.emit(logger.create_log_record());
                            made += 1;
                        }
                        made
                    })
                })
                .collect();
            receiver.wait_for_records(1);
            let _ = telemetry.shutdown();
            writers.into_iter().map(|writer| writer.join().unwrap()).sum()
        });
        let health = telemetry.health();
        assert_eq!(receiver.records().len() as u64, exported(&telemetry));
        assert_eq!(exported(&telemetry) + health.lost_records(), made, "{health}");
    }
}
