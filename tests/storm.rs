//! Ten thousand pipelines at once: every span arrives once, in its place, with what became of it.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

#[path = "storm/plan.rs"]
mod plan;
#[path = "storm/run.rs"]
mod run;

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use plan::Plan;
use run::{Job, Seen};
use spanline_tests::lines::hex;
use spanline_tests::telemetry::{everything, metrics, set_up};
use spanline_tests::trace::attribute;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

const PIPELINES: u64 = 10_000;
/// Any other does as well: print it, and a run can be repeated.
const SEED: u64 = 20_261_121;

/// How many spans, or measurements, ended so.
type Ends = BTreeMap<Option<String>, u64>;

#[test]
fn ten_thousand_pipelines_at_once_arrive_whole() {
    let long = Duration::from_secs(120);
    let telemetry = set_up(|builder| builder.queue_size(200_000).shutdown_timeout(long));
    let mut random = fastrand::Rng::with_seed(SEED);
    let plans: Vec<Plan> = (0..PIPELINES).map(|_| Plan::new(&mut random)).collect();
    let seen = run_all(&plans);

    telemetry.flush().unwrap();
    let planned: usize = plans.iter().map(Plan::spans).sum();
    assert_eq!(telemetry.health().lost_spans(), 0);
    assert_eq!(seen.len(), planned, "every planned span was run");
    let exported = everything().spans;
    assert_eq!(exported.len(), planned, "as many were exported");
    let exported: HashMap<String, _> =
        exported.into_iter().map(|span| (hex(&span.span_id), span)).collect();
    assert_eq!(exported.len(), planned, "no two are the same");

    let (mut workflows, mut stages) = (Ends::new(), Ends::new());
    for seen in &seen {
        let span = &exported[&seen.span_id];
        assert_eq!(span.name, seen.name);
        assert_eq!(hex(&span.trace_id), seen.trace_id, "{seen:?}");
        assert_eq!(hex(&span.parent_span_id), seen.parent.clone().unwrap_or_default(), "{seen:?}");
        let error_type = attribute(span, "error.type");
        assert_eq!(error_type.as_deref(), seen.end.error_type(), "{seen:?}");
        let status = span.status.clone().unwrap_or_default().code();
        let expected = if seen.end.is_error() { StatusCode::Error } else { StatusCode::Unset };
        assert_eq!(status, expected, "{seen:?}");
        match seen.name.as_str() {
            "invoke_workflow storm" => *workflows.entry(error_type).or_default() += 1,
            "chat storm" => {}
            _ => *stages.entry(error_type).or_default() += 1,
        }
    }
    assert!(stages.len() == 4 && workflows.len() == 4, "every outcome occurs");

    assert_eq!(measured("gen_ai.invoke_workflow.duration"), workflows);
    assert_eq!(measured("spanline.stage.duration"), stages);
    let calls = seen.iter().filter(|seen| seen.name == "chat storm").count() as u64;
    assert_eq!(measured("gen_ai.client.operation.duration"), Ends::from([(None, calls)]));
    let tokens = |kind: &str| -> f64 {
        let metrics = metrics();
        let points = metrics.points("gen_ai.client.token.usage", "gen_ai.token.type", kind);
        points.iter().filter_map(|point| point.sum).sum()
    };
    #[allow(clippy::cast_precision_loss, reason = "some thousand tokens")]
    let calls = calls as f64;
    assert!((tokens("input") - calls * 7.0).abs() < 0.5);
    assert!((tokens("output") - calls * 3.0).abs() < 0.5);
}

/// Starts all before waiting for any.
fn run_all(plans: &[Plan]) -> Vec<Seen> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_time()
        .build()
        .unwrap();
    let (log, mut logged) = mpsc::unbounded_channel();
    runtime.block_on(async {
        let mut pipelines = JoinSet::new();
        for (number, plan) in plans.iter().cloned().enumerate() {
            let job = Job::new(number as u64, log.clone());
            pipelines.spawn(run::whole(job, plan));
        }
        drop(log);
        while let Some(ended) = pipelines.join_next().await {
            ended.unwrap();
        }
    });
    let mut seen = Vec::new();
    while let Some(one) = logged.blocking_recv() {
        seen.push(one);
    }
    seen
}

fn measured(name: &str) -> Ends {
    let metrics = metrics();
    let mut ends = Ends::new();
    for point in &metrics.histogram(name).data_points {
        let error_type = point.attributes.iter().find(|attribute| attribute.key == "error.type");
        let error_type =
            error_type.map(|attribute| spanline_tests::trace::written(attribute.value.as_ref()));
        *ends.entry(error_type).or_default() += point.count;
    }
    ends
}
