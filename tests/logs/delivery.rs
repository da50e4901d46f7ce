//! Records of other code, through a real appender, over each protocol.

use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use spanline::opentelemetry::logs::{
    AnyValue, LogRecord as _, Logger as _, LoggerProvider as _, Severity,
};
use spanline::opentelemetry::{InstrumentationScope, KeyValue};
use spanline::{ExporterName, Protocol, Stage, Telemetry};
use tracing_subscriber::layer::SubscriberExt as _;

use super::support::receiver::Receiver;
use super::support::tree;
use super::{PROTOCOLS, shown, telemetry, turn};

#[test]
fn an_appenders_records_arrive_over_each_protocol_with_the_ids_of_their_span() {
    let _turn = turn();
    for protocol in PROTOCOLS {
        for gzip in [false, true] {
            let receiver = Receiver::start();
            let telemetry = telemetry(protocol, &receiver.url()).otlp_gzip(gzip).init().unwrap();
            let bridge = OpenTelemetryTracingBridge::new(&telemetry.logger_provider());
            let subscriber = tracing_subscriber::registry().with(bridge);
            tracing::subscriber::with_default(subscriber, || {
                tracing::info!(name: "lookup", target: "app", hits = 3, fresh = true, "looked up {}", "it");
                Stage::new("retrieve").run_blocking_with(
                    || tracing::warn!(name: "delay", target: "app", "slow"),
                    |(), _| (),
                );
            });
            telemetry.shutdown().unwrap();

            assert_eq!(
                shown(&receiver),
                "lookup [9 INFO]\n  fresh = true\n  hits = 3\ndelay of retrieve [13 WARN]\n",
                "{protocol:?}"
            );
            let records = receiver.records();
            let bodies: Vec<_> =
                records.iter().map(|it| it.record.body.clone().unwrap().value.unwrap()).collect();
            let text = |text: &str| Value::StringValue(text.into());
            assert_eq!(bodies, [text("looked up it"), text("slow")]);
            for received in &records {
                assert_eq!(received.scope.name, "app");
                assert!(received.record.observed_time_unix_nano > 0);
                let resource = tree::attributes(&received.resource.attributes);
                assert!(resource.contains(&r#"service.name = "tests""#.to_owned()), "{resource:?}");
            }
            assert_eq!(records[0].record.flags, 0);
            assert_eq!(records[1].record.flags, 1);
        }
    }
}

#[test]
fn structure_time_and_scope_survive() {
    let _turn = turn();
    for protocol in PROTOCOLS {
        let receiver = Receiver::start();
        let telemetry = telemetry(protocol, &receiver.url()).init().unwrap();
        let scope = InstrumentationScope::builder("theirs")
            .with_version("1.2")
            .with_schema_url("https://example.com/schema")
            .with_attributes([KeyValue::new("a", 1)])
            .build();
        let logger = telemetry.logger_provider().logger_with_scope(scope);
        let mut record = logger.create_log_record();
        let time =
            std::time::UNIX_EPOCH + std::time::Duration::from_nanos(1_700_000_000_000_000_001);
        record.set_timestamp(time);
        record.set_event_name("order.placed");
        record.set_severity_number(Severity::Debug2);
        record.set_severity_text("FINE");
        let items: AnyValue = [AnyValue::Int(1), AnyValue::Double(0.5)].into_iter().collect();
        record.set_body([("items", items)].into_iter().collect());
        logger.emit(record);
        telemetry.shutdown().unwrap();

        let [arrived] = receiver.records().try_into().unwrap();
        assert_eq!(arrived.record.time_unix_nano, 1_700_000_000_000_000_001);
        assert_eq!(arrived.record.event_name, "order.placed");
        assert_eq!(arrived.record.severity_number, 6);
        assert_eq!(arrived.record.severity_text, "FINE");
        let Some(Value::KvlistValue(body)) = arrived.record.body.unwrap().value else { panic!() };
        let [items] = body.values.try_into().unwrap();
        assert_eq!(items.key, "items");
        let Some(Value::ArrayValue(items)) = items.value.unwrap().value else { panic!() };
        let items: Vec<_> = items.values.into_iter().map(|item| item.value.unwrap()).collect();
        assert_eq!(items, [Value::IntValue(1), Value::DoubleValue(0.5)], "{protocol:?}");
        assert_eq!((&*arrived.scope.name, &*arrived.scope.version), ("theirs", "1.2"));
        assert_eq!(tree::attributes(&arrived.scope.attributes), ["a = 1"]);
        assert_eq!(arrived.schema_url, "https://example.com/schema");
    }
}

#[test]
fn a_provider_takes_nothing_where_records_go_nowhere_and_after_shutdown() {
    let _turn = turn();
    let receiver = Receiver::start();
    let without = telemetry(Protocol::Grpc, &receiver.url()).logs_to([]).init().unwrap();
    let logger = without.logger_provider().logger("theirs");
    assert!(!logger.event_enabled(Severity::Error, "target", None));
    without.shutdown().unwrap();
    assert_eq!(without.health().dropped_records, 0);

    let telemetry = telemetry(Protocol::Grpc, &receiver.url()).init().unwrap();
    let logger = telemetry.logger_provider().logger("theirs");
    assert!(logger.event_enabled(Severity::Error, "target", None));
    logger.emit(logger.create_log_record());
    telemetry.shutdown().unwrap();
    assert_eq!(receiver.records().len(), 1);
    // Whoever kept a logger is counted.
    logger.emit(logger.create_log_record());
    assert_eq!(telemetry.health().dropped_records, 1);
    assert_eq!(receiver.records().len(), 1);

    let disabled = Telemetry::builder().enabled(false).init().unwrap();
    let logger = disabled.logger_provider().logger("theirs");
    assert!(!logger.event_enabled(Severity::Error, "target", None));
}

#[test]
fn a_file_has_lines_of_otlp_json() {
    let _turn = turn();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("records.jsonl");
    let telemetry = Telemetry::builder()
        .traces_to([ExporterName::File])
        .metrics_to([])
        .logs_to([ExporterName::File])
        .file(&path)
        .init()
        .unwrap();
    Stage::new("check").run_blocking(|| "x".parse::<u8>()).unwrap_err();
    telemetry.shutdown().unwrap();
    let mut lines = spanline_tests::lines::Lines::new(std::fs::File::open(&path).unwrap());
    lines.read();
    let [record] = lines.records.try_into().unwrap();
    assert_eq!(record.event_name, "spanline.stage.exception");
    let spans: Vec<_> = lines.traces.values().flatten().collect();
    assert_eq!(spans.len(), 1);
    assert_eq!(record.span_id, spans[0].span_id);
    assert!(spans[0].events.is_empty());
}
