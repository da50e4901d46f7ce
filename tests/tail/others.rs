//! What tail sampling has to do with other processes, other code, metrics and log records.

use opentelemetry::logs::{LogRecord as _, Logger as _, LoggerProvider as _};
use opentelemetry::trace::{TraceContextExt as _, Tracer as _};
use opentelemetry::{Context, global};
use spanline::{Pipeline, TailSampling, TraceContext};

use super::{costing, failing, kept, recovered, stage, start, start_with, well};

fn remote(number: u8, flags: &str) -> TraceContext {
    let parent = format!("00-{number}af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-{flags}");
    TraceContext::from_traceparent(&parent)
}

fn serve(name: &'static str, parent: TraceContext, work: impl FnOnce()) {
    Pipeline::new(name).parent(parent).run_blocking_with(work, |(), _| ());
}

#[test]
fn what_a_caller_elsewhere_has_sampled_is_kept_and_what_it_has_not_is_not() {
    let run = start(TailSampling::new().errors());
    well("here");
    serve("sampled", remote(1, "01"), || stage("work"));
    serve("failed", remote(2, "01"), || failing("work"));
    serve("not sampled", remote(3, "00"), || failing("work"));
    let (trees, health) = run.end();
    assert_eq!(
        trees,
        r#"… invoke_workflow failed spanline.sampling.rule="errors"
  work error "an error occurred when formatting an argument" error.type="core::fmt::Error"
… invoke_workflow sampled spanline.sampling.rule="remote"
  work
"#
    );
    assert_eq!(kept(&health), [("errors", 1), ("remote", 1)]);
    assert_eq!((health.dropped_traces, health.dropped_spans), (1, 2));
}

#[test]
fn the_rules_decide_on_each_request_of_a_trace_from_elsewhere_where_they_are_asked_to() {
    let run = start(TailSampling::new().errors().decide_remote(true));
    serve("well", remote(1, "01"), || stage("work"));
    assert_eq!(run.flushed(), "");
    // The same trace comes again, and this time it is worth keeping.
    serve("failed", remote(1, "01"), || failing("work"));
    run.telemetry.flush().unwrap();
    serve("well", remote(1, "01"), || stage("after"));
    let (trees, health) = run.end();
    assert_eq!(
        trees,
        r#"… invoke_workflow failed spanline.sampling.rule="errors"
  work error "an error occurred when formatting an argument" error.type="core::fmt::Error"
… invoke_workflow well spanline.sampling.rule="errors"
  after
"#
    );
    assert_eq!(kept(&health), [("errors", 1)]);
    assert_eq!((health.dropped_traces, health.dropped_spans), (1, 2));
}

#[test]
fn spans_of_other_code_belong_to_their_traces() {
    let run =
        start_with(|builder| builder.tail_sampling(TailSampling::new().errors()).prefix("acme"));
    let theirs = |name: &'static str, work: fn()| {
        global::tracer("theirs").in_span(name, |_| work());
    };
    theirs("dropped", || stage("ours"));
    theirs("around", || failing("ours"));
    Pipeline::new("ours").run_blocking_with(
        || {
            global::tracer("theirs").in_span("inside", |context: Context| {
                context.span().set_status(opentelemetry::trace::Status::error("theirs"));
            });
        },
        |(), _| (),
    );
    run.telemetry.shutdown().unwrap();
    assert_eq!(
        run.lines().all().tree_with(&["acme.sampling.rule"]),
        r#"around acme.sampling.rule="errors"
  ours error "an error occurred when formatting an argument"
invoke_workflow ours acme.sampling.rule="errors"
  inside error "theirs"
"#
    );
    assert_eq!(kept(&run.health()), [("errors", 2)]);
    assert_eq!((run.health().dropped_traces, run.health().dropped_spans), (1, 2));
}

#[test]
fn metrics_count_every_run_whether_its_trace_is_kept_or_not() {
    let measured = |sampling: Option<TailSampling>| {
        let run = start_with(|builder| match sampling {
            Some(sampling) => builder.tail_sampling(sampling),
            None => builder,
        });
        for _ in 0..5 {
            well("work");
            recovered("work");
            costing("work", 0.25);
        }
        run.telemetry.shutdown().unwrap();
        let metrics = run.lines().metrics();
        let told = [
            ("gen_ai.invoke_workflow.duration", "gen_ai.workflow.name", "work"),
            ("spanline.stage.duration", "spanline.stage.name", "work"),
            ("gen_ai.client.operation.duration", "gen_ai.request.model", "m"),
        ]
        .map(|(name, key, value)| metrics.counts(name, key, value));
        let mut told: Vec<&str> = told.iter().flat_map(|counts| counts.lines()).collect();
        told.sort_unstable();
        let told = told.join("\n");
        (told, run.lines().traces.len())
    };
    let (all, traces) = measured(None);
    assert_eq!(traces, 15);
    assert_eq!(
        all,
        r#"error.type="core::fmt::Error" spanline.stage.name="work": 5
gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="m": 10
gen_ai.workflow.name="work": 15
spanline.stage.name="work": 5"#
    );
    assert_eq!(measured(Some(TailSampling::new().errors())), (all.clone(), 5));
    assert_eq!(measured(Some(TailSampling::new().ratio(0.0))), (all, 0));
}

#[test]
fn log_records_that_follow_from_spans_go_with_their_trace_and_others_go_anyway() {
    let run = start(TailSampling::new().rule("kept", |trace| trace.name().ends_with(" kept")));
    let logger = run.telemetry.logger_provider().logger("theirs");
    for name in ["kept", "dropped"] {
        let _ = Pipeline::new(name).run_blocking(|| {
            let mut record = logger.create_log_record();
            record.set_event_name("said");
            logger.emit(record);
            Err::<(), _>(std::fmt::Error)
        });
    }
    run.telemetry.shutdown().unwrap();
    let mut lines = run.lines();
    let kept = std::mem::take(&mut lines.records);
    let mut told: Vec<(String, usize)> = kept
        .into_iter()
        .map(|record| {
            (
                record.event_name,
                usize::from(
                    lines
                        .traces
                        .keys()
                        .any(|id| *id == spanline_tests::lines::hex(&record.trace_id)),
                ),
            )
        })
        .collect();
    told.sort();
    let expected = [("said", 0), ("said", 1), ("spanline.pipeline.exception", 1)];
    assert_eq!(told, expected.map(|(name, count)| (name.to_owned(), count)));
    assert_eq!(lines.traces.len(), 1);
}

#[test]
fn the_sampler_goes_first_and_what_it_leaves_out_is_not_counted() {
    let run = start_with(|builder| {
        builder.sampler(spanline::Sampler::AlwaysOff).tail_sampling(TailSampling::new().errors())
    });
    recovered("work");
    let (trees, health) = run.end();
    assert_eq!((trees.as_str(), kept(&health), health.dropped_traces), ("", vec![], 0));
}
