//! What leaves the machine: OTLP as a receiver reads it, and what is counted when it cannot.
#![cfg(test)]

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use spanline::opentelemetry::trace::SpanKind;
use spanline::{
    Error, ExporterName, LlmCall, Pipeline, Protocol, SpanBuilder, Stage, Telemetry,
    TelemetryBuilder, TraceContext, Usage, current,
};

mod support;

use support::authority::Authority;
use support::receiver::{Answer, Received, ReceivedMetric, Receiver, Refusing};
use support::tree;

const PROTOCOLS: [Protocol; 3] = [Protocol::Grpc, Protocol::HttpProtobuf, Protocol::HttpJson];

/// What `answer` sends.
const SPANS: u64 = 5;
/// One workflow, two stages, one call, its input and its output tokens.
const POINTS: u64 = 7;

/// Telemetry is one per process; the tests of this file take turns.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn telemetry(protocol: Protocol, endpoint: &str) -> TelemetryBuilder {
    Telemetry::builder()
        .service_name("tests")
        .resource_attribute("team", "search")
        .traces_to([ExporterName::Otlp])
        .metrics_to([ExporterName::Otlp])
        .console(false)
        .otlp_endpoint(endpoint)
        .otlp_protocol(protocol)
        .otlp_timeout(Duration::from_secs(20))
        .shutdown_timeout(Duration::from_secs(30))
}

fn run(work: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.unwrap().block_on(work);
}

/// A pipeline that uses every corner of a span.
async fn answer() {
    let before =
        TraceContext::from_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    Pipeline::new("answer")
        .id("qa")
        .run_id("run-1")
        .session("session-1")
        .run(async {
            Stage::new("retrieve")
                .kind("retriever")
                .attribute("top_k", 5_usize)
                .attribute("score", 0.5)
                .attribute("fresh", true)
                .attribute("sources", ["a.md", "b.md"])
                .run(async {
                    current().event("ranked", [("hits", 3)]);
                    Ok::<_, std::num::ParseIntError>(())
                })
                .await?;
            LlmCall::new("openai", "gpt-4o-mini")
                .temperature(0.2)
                .max_tokens(256)
                .run_with(async { "reply" }, |_, outcome| outcome.usage(Usage::new(612, 148)))
                .await;
            SpanBuilder::new("publish")
                .kind(SpanKind::Producer)
                .links([before])
                .run_blocking_with(|| (), |(), _| {});
            let failed = Stage::new("check").run(async { "x".parse::<u8>() }).await;
            assert!(failed.is_err());
            Ok::<_, std::num::ParseIntError>(())
        })
        .await
        .unwrap();
}

const TREE: &str = r#"invoke_workflow answer (internal) unset
  gen_ai.operation.name = "invoke_workflow"
  gen_ai.workflow.name = "answer"
  session.id = "session-1"
  spanline.pipeline.id = "qa"
  spanline.run.id = "run-1"
  spanline.total.cost.usd = 0.0001806
  spanline.total.errors = 1
  spanline.total.input_tokens = 612
  spanline.total.llm_calls = 1
  spanline.total.output_tokens = 148
  spanline.total.stages = 2
  spanline.total.tokens = 760
    retrieve (internal) unset
      fresh = true
      score = 0.5
      session.id = "session-1"
      sources = ["a.md", "b.md"]
      spanline.stage.kind = "retriever"
      spanline.stage.name = "retrieve"
      top_k = 5
      * ranked
        hits = 3
    chat gpt-4o-mini (client) unset
      gen_ai.operation.name = "chat"
      gen_ai.provider.name = "openai"
      gen_ai.request.max_tokens = 256
      gen_ai.request.model = "gpt-4o-mini"
      gen_ai.request.temperature = 0.2
      gen_ai.usage.input_tokens = 612
      gen_ai.usage.output_tokens = 148
      session.id = "session-1"
      spanline.cost.source = "list 2025-11"
      spanline.cost.usd = 0.0001806
    publish (producer) unset
      session.id = "session-1"
      -> 4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7
    check (internal) error: invalid digit found in string
      error.type = "core::num::error::ParseIntError"
      session.id = "session-1"
      spanline.stage.name = "check"
      * exception
        exception.message = "invalid digit found in string"
        exception.type = "core::num::error::ParseIntError"
"#;

#[test]
fn the_whole_tree_arrives_over_each_protocol_plain_and_compressed() {
    let _turn = turn();
    for protocol in PROTOCOLS {
        for gzip in [false, true] {
            let receiver = Receiver::start();
            let telemetry = telemetry(protocol, &receiver.url()).otlp_gzip(gzip).init().unwrap();
            run(answer());
            telemetry.shutdown().unwrap();

            let spans = receiver.spans();
            assert_eq!(tree::tree(&spans), TREE, "{protocol:?}");
            for received in &spans {
                assert_eq!(received.scope.name, "spanline");
                assert_eq!(received.scope.version, env!("CARGO_PKG_VERSION"));
                assert!(received.schema_url.starts_with("https://opentelemetry.io/schemas/"));
                let resource = tree::attributes(&received.resource.attributes);
                assert!(resource.contains(&r#"service.name = "tests""#.to_owned()), "{resource:?}");
                assert!(resource.contains(&r#"team = "search""#.to_owned()), "{resource:?}");
                let span = &received.span;
                assert_eq!(span.trace_id, spans[0].span.trace_id);
                assert!(span.start_time_unix_nano > 0);
                assert!(span.end_time_unix_nano >= span.start_time_unix_nano);
            }
        }
    }
}

/// Attributes, count and sum.
type Point = (Vec<String>, u64, f64);

/// The points by their attributes, and the bounds.
fn histogram(metric: &ReceivedMetric) -> (Vec<Point>, Vec<f64>) {
    let Some(Data::Histogram(histogram)) = &metric.metric.data else {
        panic!("no histogram: {metric:?}")
    };
    let mut points: Vec<_> = histogram
        .data_points
        .iter()
        .map(|point| (tree::attributes(&point.attributes), point.count, point.sum.unwrap()))
        .collect();
    points.sort_by(|one, other| one.0.cmp(&other.0));
    for point in &histogram.data_points {
        assert_eq!(point.bucket_counts.iter().sum::<u64>(), point.count);
        assert_eq!(point.bucket_counts.len(), point.explicit_bounds.len() + 1);
    }
    (points, histogram.data_points[0].explicit_bounds.clone())
}

#[test]
fn metrics_arrive_with_attributes_and_bounds_over_each_protocol() {
    let _turn = turn();
    for protocol in PROTOCOLS {
        let receiver = Receiver::start();
        let telemetry = telemetry(protocol, &receiver.url()).init().unwrap();
        run(answer());
        telemetry.shutdown().unwrap();

        let tokens = receiver.wait_for_metric("gen_ai.client.token.usage");
        assert_eq!(tokens.metric.unit, "{token}");
        assert_eq!(tokens.scope.name, "spanline");
        let resource = tree::attributes(&tokens.resource.attributes);
        assert!(resource.contains(&r#"service.name = "tests""#.to_owned()), "{resource:?}");
        let (points, bounds) = histogram(&tokens);
        let point = |kind: &str, sum| {
            let attributes = vec![
                r#"gen_ai.operation.name = "chat""#.to_owned(),
                r#"gen_ai.provider.name = "openai""#.to_owned(),
                r#"gen_ai.request.model = "gpt-4o-mini""#.to_owned(),
                format!(r#"gen_ai.token.type = "{kind}""#),
            ];
            (attributes, 1, sum)
        };
        assert_eq!(points, [point("input", 612.0), point("output", 148.0)]);
        assert_eq!(bounds.first(), Some(&1.0));
        assert_eq!(bounds.last(), Some(&67_108_864.0));
        assert_eq!(bounds.len(), 14);

        let call = receiver.wait_for_metric("gen_ai.client.operation.duration");
        assert_eq!(call.metric.unit, "s");
        let (points, bounds) = histogram(&call);
        assert_eq!(points.len(), 1);
        assert_eq!(bounds.first(), Some(&0.01));
        assert_eq!(bounds.last(), Some(&81.92));

        let (points, bounds) =
            histogram(&receiver.wait_for_metric("gen_ai.invoke_workflow.duration"));
        assert_eq!(points[0].0, [r#"gen_ai.workflow.name = "answer""#]);
        assert_eq!((bounds.first(), bounds.last()), (Some(&1.0), Some(&7200.0)));

        let (points, _) = histogram(&receiver.wait_for_metric("spanline.stage.duration"));
        let attributes: Vec<_> = points.into_iter().map(|(attributes, ..)| attributes).collect();
        let failed = [
            r#"error.type = "core::num::error::ParseIntError""#,
            r#"spanline.stage.name = "check""#,
        ];
        let passed =
            [r#"spanline.stage.kind = "retriever""#, r#"spanline.stage.name = "retrieve""#];
        assert_eq!(attributes, [failed, passed]);
    }
}

#[test]
fn dropping_the_handle_delivers_everything() {
    let _turn = turn();
    let receiver = Receiver::start();
    let telemetry = telemetry(Protocol::Grpc, &receiver.url()).init().unwrap();
    run(answer());
    drop(telemetry);
    assert_eq!(receiver.spans().len() as u64, SPANS);
    assert!(!receiver.metrics().is_empty());
}

#[test]
fn a_flush_delivers_what_has_ended_and_the_program_goes_on() {
    let _turn = turn();
    let receiver = Receiver::start();
    let telemetry = telemetry(Protocol::HttpProtobuf, &receiver.url()).init().unwrap();
    run(answer());
    telemetry.flush().unwrap();
    assert_eq!(receiver.spans().len() as u64, SPANS);
    run(answer());
    telemetry.shutdown().unwrap();
    assert_eq!(receiver.spans().len() as u64, 2 * SPANS);
}

#[test]
fn a_batch_leaves_by_itself_when_its_time_has_come() {
    let _turn = turn();
    let receiver = Receiver::start();
    let telemetry = telemetry(Protocol::HttpProtobuf, &receiver.url())
        .batch_delay(Duration::from_millis(50))
        .metric_interval(Duration::from_millis(50))
        .init()
        .unwrap();
    run(answer());
    assert_eq!(receiver.wait_for_spans(5).len() as u64, SPANS);
    receiver.wait_for_metric("spanline.stage.duration");
    telemetry.shutdown().unwrap();
}

#[test]
fn https_and_headers_reach_the_receiver() {
    let _turn = turn();
    let authority = Authority::new();
    let client = authority.identity("client");
    for protocol in PROTOCOLS {
        let receiver = Receiver::start_tls(authority.server_for_known_clients());
        let telemetry = telemetry(protocol, &receiver.url())
            .otlp_certificate(authority.file())
            .otlp_client_certificate(&client.certificate, &client.key)
            .otlp_header("authorization", "Bearer hunter2")
            .init()
            .unwrap();
        run(answer());
        telemetry.shutdown().unwrap();
        assert_eq!(receiver.spans().len() as u64, SPANS, "{protocol:?}");
        for request in receiver.requests() {
            assert_eq!(request.header("authorization"), Some("Bearer hunter2"));
        }
        assert!(!format!("{telemetry:?}").contains("hunter2"));
        assert!(!telemetry.health().to_string().contains("hunter2"));
    }
}

/// Runs `answer` against an endpoint that takes nothing, and says how that ended.
fn lose(telemetry: TelemetryBuilder) -> (Error, Telemetry) {
    let telemetry = telemetry.init().unwrap();
    run(answer());
    let error = telemetry.shutdown().unwrap_err();
    assert!(error.is_lost(), "{error}");
    (error, telemetry)
}

fn assert_all_lost(error: &Error, telemetry: &Telemetry, reason: &str) {
    assert_eq!((error.lost_spans(), error.lost_points()), (SPANS, POINTS), "{error}");
    assert!(error.to_string().contains(reason), "{error}");
    let health = telemetry.health();
    assert_eq!((health.lost_spans(), health.lost_points()), (SPANS, POINTS), "{health}");
    for exporter in &health.exporters {
        let lost = exporter.lost_spans + exporter.lost_points;
        assert_eq!(exporter.reasons.iter().map(|(_, count)| count).sum::<u64>(), lost);
        assert!(exporter.reasons[0].0.contains(reason), "{health}");
        assert_eq!(exporter.exported_spans + exporter.exported_points, 0, "{health}");
    }
}

#[test]
fn a_closed_port_costs_all_and_says_so() {
    let _turn = turn();
    for protocol in PROTOCOLS {
        let refusing = Refusing::new();
        let (error, telemetry) = lose(telemetry(protocol, &refusing.url()));
        assert_all_lost(&error, &telemetry, "could not be reached: connection refused");
        assert!(error.to_string().contains(&refusing.url()), "{error}");
    }
}

#[test]
fn a_stalled_receiver_costs_all_and_says_so() {
    let _turn = turn();
    for protocol in PROTOCOLS {
        let receiver = Receiver::start();
        receiver.answer_always(Answer::Stall);
        let builder = telemetry(protocol, &receiver.url()).otlp_timeout(Duration::from_millis(300));
        let (error, telemetry) = lose(builder);
        assert_all_lost(&error, &telemetry, "did not answer within 300ms");
    }
}

#[test]
fn a_receiver_that_outlasts_the_shutdown_costs_all_and_says_so() {
    let _turn = turn();
    let receiver = Receiver::start();
    receiver.answer_always(Answer::Stall);
    let builder = telemetry(Protocol::Grpc, &receiver.url())
        .otlp_timeout(Duration::from_secs(3600))
        .shutdown_timeout(Duration::from_millis(300));
    let (error, telemetry) = lose(builder);
    assert_all_lost(&error, &telemetry, "not sent within");
}

#[test]
fn a_refused_request_costs_all_and_repeats_the_receiver() {
    let _turn = turn();
    for protocol in PROTOCOLS {
        let receiver = Receiver::start();
        receiver.answer_always(match protocol {
            Protocol::Grpc => Answer::Grpc(tonic::Status::permission_denied("no such tenant")),
            _ => Answer::Http(403, Vec::new(), b"no such tenant".to_vec()),
        });
        let (error, telemetry) = lose(telemetry(protocol, &receiver.url()));
        assert_all_lost(&error, &telemetry, "no such tenant");
    }
}

#[test]
fn a_receiver_that_rejects_a_part_costs_that_part() {
    let _turn = turn();
    for protocol in PROTOCOLS {
        let receiver = Receiver::start();
        receiver.answer_always(Answer::Partial(2, "too old"));
        let (error, telemetry) = lose(telemetry(protocol, &receiver.url()));
        assert_eq!((error.lost_spans(), error.lost_points()), (2, 2), "{error}");
        assert!(error.to_string().contains("rejected 2 of 5 spans: too old"), "{error}");
        assert!(error.to_string().contains("rejected 2 of 7 metric points: too old"), "{error}");
        let health = telemetry.health();
        let exported = |count: fn(&spanline::ExporterHealth) -> u64| {
            health.exporters.iter().map(count).sum::<u64>()
        };
        assert_eq!(exported(|exporter| exporter.exported_spans), SPANS - 2, "{health}");
        assert_eq!(exported(|exporter| exporter.exported_points), POINTS - 2, "{health}");
    }
}

#[test]
fn a_flush_reports_a_loss_once_and_shutdown_reports_all() {
    let _turn = turn();
    let receiver = Receiver::start();
    receiver.answer_always(Answer::Http(400, Vec::new(), b"no".to_vec()));
    let telemetry = telemetry(Protocol::HttpProtobuf, &receiver.url()).init().unwrap();
    run(answer());
    assert_eq!(telemetry.flush().unwrap_err().lost_spans(), SPANS);
    receiver.answer_always(Answer::Accept);
    telemetry.flush().unwrap();
    assert_eq!(telemetry.shutdown().unwrap_err().lost_spans(), SPANS);
}

#[test]
fn a_busy_receiver_gets_everything_in_the_end() {
    let _turn = turn();
    for protocol in PROTOCOLS {
        let receiver = Receiver::start();
        for _ in 0..2 {
            receiver.answer_next(match protocol {
                Protocol::Grpc => Answer::Grpc(tonic::Status::unavailable("busy")),
                _ => Answer::Http(503, Vec::new(), b"busy".to_vec()),
            });
        }
        let telemetry = telemetry(protocol, &receiver.url()).init().unwrap();
        run(answer());
        telemetry.shutdown().unwrap();
        assert_eq!(tree::tree(&receiver.spans()), TREE);
        let refused = |received: &Received| !matches!(received.answer, Answer::Accept);
        assert_eq!(receiver.requests().iter().filter(|it| refused(it)).count(), 2);
    }
}

#[test]
fn an_unusable_certificate_stops_init() {
    let _turn = turn();
    for protocol in PROTOCOLS {
        let error = telemetry(protocol, "https://127.0.0.1:1")
            .otlp_certificate("missing.pem")
            .init()
            .unwrap_err();
        assert!(error.is_configuration());
        assert!(error.to_string().contains("\"missing.pem\" cannot be read"), "{error}");
    }
}
