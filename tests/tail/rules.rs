//! What each rule keeps.

use std::future::{Future, pending};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::{Context, Waker};
use std::time::{Duration, SystemTime};

use opentelemetry::global;
use opentelemetry::trace::{Span as _, Tracer as _};
use spanline::{Pipeline, Stage, TailSampling};
use spanline_tests::process::Process;

use super::{costing, failing, kept, recovered, stage, start, start_with, well};

#[test]
fn a_trace_is_kept_whole_if_any_span_of_it_is_an_error_and_dropped_whole_otherwise() {
    let run = start(TailSampling::new().errors());
    well("well");
    recovered("recovered");
    let _ = Pipeline::new("failed").run_blocking(|| {
        stage("before");
        Err::<(), _>(std::fmt::Error)
    });
    let _ =
        catch_unwind(|| Pipeline::new("panicked").run_blocking_with(|| panic!("out"), |(), _| ()));
    let (trees, health) = run.end();
    assert_eq!(
        trees,
        r#"invoke_workflow failed error "an error occurred when formatting an argument" error.type="core::fmt::Error" spanline.sampling.rule="errors"
  before
invoke_workflow panicked error "panicked: out" error.type="panic" spanline.sampling.rule="errors"
invoke_workflow recovered spanline.sampling.rule="errors"
  work error "an error occurred when formatting an argument" error.type="core::fmt::Error"
"#
    );
    assert_eq!(kept(&health), [("errors", 3)]);
    assert_eq!((health.dropped_traces, health.dropped_spans, health.held_traces), (1, 2, 0));
}

/// Polls once, then drops it.
fn drop_half_way(future: impl Future) {
    let _ = pin!(future).poll(&mut Context::from_waker(Waker::noop()));
}

#[test]
fn what_is_cancelled_is_kept_by_its_own_rule_and_by_that_of_errors_where_it_is_one() {
    let work = || {
        well("well");
        drop_half_way(Pipeline::new("stopped").run_with(pending::<()>(), |(), _| ()));
        Pipeline::new("gave up").run_blocking_with(
            || drop_half_way(Stage::new("slow").run_with(pending::<()>(), |(), _| ())),
            |(), _| (),
        );
    };
    let run = start(TailSampling::new().cancelled());
    work();
    let (trees, health) = run.end();
    assert_eq!(
        trees,
        r#"invoke_workflow gave up spanline.sampling.rule="cancelled"
  slow error.type="cancelled"
invoke_workflow stopped error.type="cancelled" spanline.sampling.rule="cancelled"
"#
    );
    assert_eq!((kept(&health), health.dropped_traces), (vec![("cancelled", 2)], 1));

    let run = start(TailSampling::new().errors());
    work();
    assert_eq!(run.end().0, "");

    let sampling = TailSampling::new().errors();
    let run = start_with(|it| it.tail_sampling(sampling).cancelled_is_error(true));
    work();
    assert_eq!(kept(&run.end().1), [("errors", 2)]);
}

#[test]
fn what_took_longer_is_kept() {
    let run = start(TailSampling::new().slower_than(Duration::from_secs(2)));
    well("fast");
    // Their times are what their code says.
    let begin = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    for (name, milliseconds) in [("2 s", 2000), ("2.001 s", 2001)] {
        let tracer = global::tracer("theirs");
        let span = tracer.span_builder(name).with_start_time(begin);
        let mut span = tracer.build_with_context(span, &opentelemetry::Context::new());
        span.end_with_timestamp(begin + Duration::from_millis(milliseconds));
    }
    let (trees, health) = run.end();
    assert_eq!(trees, "2.001 s spanline.sampling.rule=\"slow\"\n");
    assert_eq!((kept(&health), health.dropped_traces), (vec![("slow", 1)], 2));
}

#[test]
fn what_cost_more_is_kept_by_the_total_of_its_root_or_of_its_calls() {
    let run = start(TailSampling::new().costlier_than(0.05));
    well("free");
    costing("cheap", 0.05);
    costing("dear", 0.06);
    // A root of other code has no total.
    global::tracer("theirs").in_span("theirs", |_| costing("within", 0.08));
    let (trees, health) = run.end();
    assert_eq!(
        trees,
        r#"invoke_workflow dear spanline.sampling.rule="costly"
  chat m <client>
  chat m <client>
theirs spanline.sampling.rule="costly"
  invoke_workflow within
    chat m <client>
    chat m <client>
"#
    );
    assert_eq!((kept(&health), health.dropped_traces), (vec![("costly", 2)], 2));
}

#[test]
fn the_first_of_each_name_are_kept_whatever_else_kept_those_before() {
    let run = start(TailSampling::new().errors().first(2));
    for _ in 0..2 {
        well("one");
        recovered("other");
    }
    for _ in 0..3 {
        well("one");
        well("other");
    }
    let (trees, health) = run.end();
    assert_eq!(
        trees,
        r#"invoke_workflow one spanline.sampling.rule="first"
  work
invoke_workflow one spanline.sampling.rule="first"
  work
invoke_workflow other spanline.sampling.rule="errors"
  work error "an error occurred when formatting an argument" error.type="core::fmt::Error"
invoke_workflow other spanline.sampling.rule="errors"
  work error "an error occurred when formatting an argument" error.type="core::fmt::Error"
"#
    );
    assert_eq!(kept(&health), [("errors", 2), ("first", 2)]);
    assert_eq!(health.dropped_traces, 6);
}

#[test]
fn a_ratio_keeps_the_traces_that_the_sampler_of_that_ratio_would_record() {
    const TRACES: usize = 400;
    let run = start(TailSampling::new().ratio(0.25));
    for _ in 0..TRACES {
        well("work");
    }
    run.telemetry.flush().unwrap();
    let ids: Vec<String> = run.lines().traces.into_keys().collect();
    // The share of 400 coins with heads at one in four, seven deviations wide.
    assert!((40..=160).contains(&ids.len()), "{}", ids.len());
    for id in ids {
        let low = u64::from_str_radix(&id[16..], 16).unwrap();
        assert!(low >> 1 < 1 << 61, "{id}");
    }
    let health = run.end().1;
    let (_, kept) = health.kept_traces[0];
    assert_eq!(kept + health.dropped_traces, TRACES as u64);
}

#[test]
fn a_rule_of_the_program_sees_the_sum_of_the_trace_and_its_root() {
    let run = start(TailSampling::new().rule("acme", |trace| {
        let told = (
            (trace.name(), trace.operation(), trace.is_complete(), trace.has_remote_parent()),
            (trace.spans(), trace.errors(), trace.cancelled(), trace.panics()),
            (trace.cost_usd(), trace.input_tokens(), trace.output_tokens()),
        );
        let expected = (
            ("invoke_workflow answer", "invoke_workflow", true, false),
            (4, 1, 0, 0),
            (Some(0.5), 10, 3),
        );
        let text = |key| trace.attribute(key).map(|value| value.as_str().into_owned());
        told == expected
            && text("tier").as_deref() == Some("gold")
            && text("spanline.tenant.id").as_deref() == Some("acme")
            && text("nothing").is_none()
            && trace.trace_id().len() == 32
            && trace.duration() > Duration::ZERO
    }));
    for tenant in ["acme", "other"] {
        spanline::scope().tenant(tenant).run_blocking(|| {
            Pipeline::new("answer").attribute("tier", "gold").run_blocking_with(
                || {
                    failing("one");
                    stage("two");
                    let call = spanline::LlmCall::new("openai", "m").start();
                    call.usage((10_u32, 3_u32));
                    call.handle().cost_usd(0.5);
                    call.end();
                },
                |(), _| (),
            );
        });
    }
    let (trees, health) = run.end();
    assert_eq!(
        trees,
        r#"invoke_workflow answer spanline.sampling.rule="acme"
  chat m <client>
  one error "an error occurred when formatting an argument" error.type="core::fmt::Error"
  two
"#
    );
    assert_eq!((kept(&health), health.dropped_traces), (vec![("acme", 1)], 1));
}

#[test]
fn a_rule_that_panics_keeps_the_trace_and_is_counted() {
    let run = start(TailSampling::new().rule("broken", |trace| {
        assert!(trace.name() != "invoke_workflow odd", "cannot say");
        false
    }));
    catch_unwind(AssertUnwindSafe(|| well("odd"))).unwrap();
    well("even");
    let shown = {
        run.telemetry.flush().unwrap();
        run.telemetry.health().to_string()
    };
    let (trees, health) = run.end();
    assert_eq!(trees, "invoke_workflow odd spanline.sampling.rule=\"broken\"\n  work\n");
    assert_eq!((kept(&health), health.rule_panics), (vec![("broken", 1)], 1));
    assert!(
        shown.ends_with(
            "tail sampling: 1 traces kept (1 × broken), 1 traces with 2 spans dropped, 0 traces \
             waiting\n  1 panics of rules, whose traces were kept"
        ),
        "{shown}"
    );
}

#[test]
fn rules_that_cannot_be_followed_keep_every_trace_and_are_named() {
    for (sampling, problem) in [
        (TailSampling::new(), "no rule would keep a trace"),
        (TailSampling::new().ratio(1.5), "\"ratio=1.5\" is not between 0 and 1"),
        (TailSampling::new().errors().max_traces(0), "\"max_traces=0\" is not above zero"),
        (
            TailSampling::new().costlier_than(f64::NAN).ratio(-1.0),
            "\"costly=NaN\" is no amount of dollars, \"ratio=-1\" is not between 0 and 1",
        ),
    ] {
        let run = start(sampling);
        well("work");
        run.telemetry.shutdown().unwrap();
        let health = run.telemetry.health();
        assert_eq!(run.trees(), "invoke_workflow work\n  work\n");
        assert_eq!(health.tail_sampling, None);
        let [warning] = health.warnings.as_slice() else { panic!("{:?}", health.warnings) };
        let start =
            format!("SPANLINE_TAIL_SAMPLING: {problem}; expected none, or a list of errors");
        assert!(warning.starts_with(&start), "{warning}");
        assert!(health.decisions.contains(&String::from("tail sampling: none (default)")));
    }
}

#[test]
fn the_variable_does_the_same_and_the_console_shows_what_is_kept() {
    let ended = Process::new(env!("CARGO_BIN_EXE_program"), "work")
        .env("OTEL_TRACES_EXPORTER", "console")
        .env("SPANLINE_TAIL_SAMPLING", "errors,first=2")
        .env("NO_COLOR", "1")
        .run();
    assert!(ended.success, "{}", ended.stderr);
    let shown = |name: &str| ended.stderr.lines().filter(|line| line.contains(name)).count();
    assert_eq!(
        (shown("work "), shown("chat m "), shown("request "), shown("prepare ")),
        (2, 2, 2, 2)
    );
    let decision = "tail sampling: errors,first=2 (SPANLINE_TAIL_SAMPLING)\n";
    assert!(ended.stdout.contains(decision), "{}", ended.stdout);
    let figures = "tail sampling: 2 traces kept (2 × first), 398 traces with 1592 spans dropped, \
                   0 traces waiting\n";
    assert!(ended.stdout.ends_with(figures), "{}", ended.stdout);
}
