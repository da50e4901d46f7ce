//! Other tasks, threads and traces.

use spanline::{
    Envelope, Pipeline, Stage, TraceContext, carry, carry_future, extract, scope, trace_stage,
};
use spanline_tests::telemetry::{watch, watch_blocking};

const REMOTE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

#[trace_stage(name = name)]
async fn step(name: &str) {
    tokio::task::yield_now().await;
}

fn step_now(name: &'static str) {
    Stage::new(name).run_blocking_with(|| (), |(), _| ());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_has_it_from_where_it_was_made() {
    let ((), trace) = watch(async {
        let parent = spanline::current().traceparent().unwrap();
        let tasks = scope().session("s-1").run_blocking(|| {
            [
                tokio::spawn(step("called")),
                tokio::spawn(carry_future(async { step("carried").await })),
                tokio::spawn(scope().user("u-1").run(step("scoped"))),
                tokio::task::spawn_blocking(carry(|| step_now("blocking"))),
                tokio::spawn(
                    Stage::new("with a parent")
                        .parent(TraceContext::from_traceparent(&parent))
                        .run_with(async {}, |(), _| ()),
                ),
            ]
        });
        for task in tasks {
            task.await.unwrap();
        }
        tokio::spawn(step("after")).await.unwrap();
    })
    .await;
    assert_eq!(
        trace.tree_with(&["session.id", "user.id"]),
        "after\nblocking session.id=\"s-1\"\ncalled session.id=\"s-1\"\n\
         carried session.id=\"s-1\"\nscoped session.id=\"s-1\" user.id=\"u-1\"\n\
         with a parent session.id=\"s-1\"\n"
    );
}

#[test]
fn a_thread_has_it_if_it_is_carried_there() {
    let ((), trace) = watch_blocking(|| {
        scope().session("s-1").run_blocking(|| {
            let carried = carry(|| step_now("carried"));
            std::thread::spawn(move || {
                carried();
                assert_eq!(spanline::current().session(), None);
            })
            .join()
            .unwrap();
        });
    });
    assert_eq!(trace.tree_with(&["session.id"]), "carried session.id=\"s-1\"\n");
}

#[test]
fn an_envelope_has_it_inside_the_process_and_not_outside() {
    let ((), trace) = watch_blocking(|| {
        let job = scope().session("s-1").run_blocking(|| Envelope::seal(7));
        Stage::new("here").parent(&job).run_blocking_with(|| (), |(), _| ());
        for sealed in [
            serde_json::to_string(&job).unwrap(),
            scope()
                .session("s-2")
                .run_blocking(|| serde_json::to_string(&Envelope::seal_for("queue", 7)).unwrap()),
        ] {
            assert!(sealed.contains("traceparent") && !sealed.contains("s-"), "{sealed}");
            let arrived: Envelope<u32> = serde_json::from_str(&sealed).unwrap();
            Stage::new("there").parent(&arrived).run_blocking_with(|| (), |(), _| ());
        }
    });
    assert_eq!(trace.tree_with(&["session.id"]), "here session.id=\"s-1\"\nthere\nthere\n");
}

#[test]
fn a_parent_brings_its_own_and_nothing_is_mixed_into_it() {
    let ((), trace) = watch_blocking(|| {
        let job = scope().session("job").run_blocking(|| Envelope::seal(()));
        let plain = TraceContext::from(spanline::opentelemetry::Context::current());
        scope().session("worker").user("worker").run_blocking(|| {
            Stage::new("of the job").parent(&job).run_blocking_with(|| (), |(), _| ());
            Stage::new("of nobody").parent(plain).run_blocking_with(|| (), |(), _| ());
        });
    });
    assert_eq!(
        trace.tree_with(&["session.id", "user.id"]),
        "of nobody session.id=\"worker\" user.id=\"worker\"\nof the job session.id=\"job\"\n"
    );
}

#[tokio::test]
async fn a_trace_that_goes_on_here_is_for_whom_it_is_said_here() {
    spanline_tests::telemetry::telemetry();
    let headers = vec![
        (String::from("traceparent"), REMOTE.replace("0af7", "2bf7")),
        (String::from("baggage"), String::from("session.id=theirs,user.id=theirs")),
    ];
    let serve = Pipeline::new("serve")
        .parent(extract(&headers))
        .run_with(async { spanline::current().trace_id().unwrap() }, |_, _| ());
    let trace_id = scope().session("ours").run(serve).await;
    let trace = spanline_tests::telemetry::trace(&trace_id);
    let serve = trace.attributes("invoke_workflow serve");
    assert!(serve.contains("session.id=\"ours\"") && !serve.contains("user.id"), "{serve}");
}
