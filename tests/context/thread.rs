//! Blocking code, guards and explicit parents.

use std::collections::HashMap;

use opentelemetry::Context;
use opentelemetry::trace::TraceContextExt;
use spanline::{Pipeline, Stage, TraceContext, trace_pipeline, trace_stage};
use spanline_tests::telemetry::{trace, watch, watch_blocking};

#[trace_stage(name = name)]
fn blocking(name: &str) {}

#[tokio::test]
async fn blocking_work_on_the_blocking_pool_takes_its_parent_along() {
    let ((), trace) = watch(async {
        Stage::new("async side")
            .run_with(
                async {
                    let parent = TraceContext::current();
                    tokio::task::spawn_blocking(move || {
                        Stage::new("blocking side")
                            .parent(parent)
                            .run_blocking_with(|| blocking("inner"), |(), _| ());
                    })
                    .await
                    .unwrap();
                },
                |(), _| (),
            )
            .await;
    })
    .await;
    assert_eq!(trace.tree(), "async side\n  blocking side\n    inner\n");
}

#[test]
fn a_guard_is_a_parent_only_while_it_is_attached() {
    let ((), trace) = watch_blocking(|| {
        let guard = Stage::new("guard").start();
        blocking("beside");
        {
            let _attached = guard.attach();
            blocking("below");
        }
        blocking("beside again");
        guard.end();
    });
    assert_eq!(trace.tree(), "beside\nbeside again\nguard\n  below\n");
}

#[test]
fn guards_may_be_detached_in_any_order() {
    let ((), trace) = watch_blocking(|| {
        let first = Stage::new("first").start();
        let attached_first = first.attach();
        let second = Stage::new("second").start();
        let attached_second = second.attach();
        drop(attached_first);
        blocking("in second");
        drop(attached_second);
        blocking("outside");
        first.end();
        second.end();
    });
    assert_eq!(trace.tree(), "first\n  second\n    in second\noutside\n");
}

#[test]
fn a_guard_ends_on_another_thread() {
    let ((), trace) = watch_blocking(|| {
        let guard = Stage::new("travels").start();
        std::thread::spawn(move || {
            let _attached = guard.attach();
            blocking("there");
            guard.set("there", true);
        })
        .join()
        .unwrap();
    });
    assert_eq!(
        trace.tree_with(&["there", "error.type"]),
        "travels there=true error.type=\"cancelled\"\n  there\n"
    );
}

#[test]
fn root_starts_a_trace_of_its_own() {
    #[trace_pipeline(root)]
    fn alone() -> Option<String> {
        blocking("below");
        spanline::current().trace_id()
    }
    let (id, outer) = watch_blocking(alone);
    assert_eq!(outer.tree(), "");
    let own = trace(&id.unwrap());
    assert_eq!(own.tree(), "invoke_workflow alone\n  below\n");
    assert!(own.span("invoke_workflow alone").parent_span_id.is_empty());
}

#[test]
fn a_parent_can_be_anything_that_names_a_span() {
    let ((), trace) = watch_blocking(|| {
        let parent = Stage::new("parent").start();
        let context: Context = parent.context();
        let span_context = context.span().span_context().clone();
        Stage::new("of guard").parent(&parent).start().end();
        Stage::new("of handle").parent(parent.handle()).start().end();
        Stage::new("of context").parent(&context).start().end();
        Stage::new("of span context").parent(span_context).start().end();
        Stage::new("of trace context").parent(TraceContext::from(context)).start().end();
        Stage::new("of none").parent(None::<TraceContext>).start().end();
        parent.end();
    });
    assert_eq!(
        trace.tree(),
        "of none\nparent\n  of context\n  of guard\n  of handle\n  of span context\n  of trace context\n"
    );
}

#[test]
fn a_parent_given_to_a_macro_wins_over_the_current_span() {
    #[trace_stage("continued", parent = spanline::extract(headers))]
    fn continued(headers: &HashMap<String, String>) -> Option<String> {
        blocking("below");
        spanline::current().trace_id()
    }
    let remote = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let headers = HashMap::from([(String::from("traceparent"), String::from(remote))]);
    let (id, _) = watch_blocking(|| continued(&headers));
    assert_eq!(id.as_deref(), Some("4bf92f3577b34da6a3ce929d0e0e4736"));
    let trace = trace("4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(trace.tree(), "… continued\n  below\n");
    assert_eq!(trace.span("continued").parent_span_id, 0x00f0_67aa_0ba9_02b7_u64.to_be_bytes());
}

#[test]
fn a_new_thread_starts_outside() {
    let ((), _) = watch_blocking(|| {
        Pipeline::new("outer").run_blocking_with(
            || {
                let inside = std::thread::spawn(|| spanline::current().trace_id()).join();
                assert_eq!(inside.unwrap(), None);
            },
            |(), _| (),
        );
    });
}
