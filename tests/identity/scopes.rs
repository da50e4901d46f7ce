//! What a scope holds, and for how long.

use std::panic::{AssertUnwindSafe, catch_unwind};

use futures::stream::{self, StreamExt as _};
use spanline::{
    Attached, Scope, Stage, current, scope, trace_llm_call, trace_pipeline, trace_stage,
};
use spanline_tests::telemetry::{watch, watch_blocking};

const ALL: [&str; 9] = [
    "session.id",
    "user.id",
    "spanline.tenant.id",
    "gen_ai.conversation.id",
    "gen_ai.prompt.name",
    "gen_ai.prompt.version",
    "spanline.tags",
    "region",
    "seats",
];

#[trace_stage(name = name)]
fn step(name: &str) {}

#[trace_stage(name = name)]
async fn step_later(name: &str) {
    tokio::task::yield_now().await;
}

#[trace_llm_call(provider = "openai", model = "m")]
async fn complete() {}

fn full() -> Scope {
    scope()
        .session("s-1")
        .user(String::from("u-1"))
        .tenant(Some("t-1"))
        .conversation("c-1")
        .prompt("support", "3")
        .tag("beta")
        .tags(["mobile", "beta"])
        .property("region", "eu")
        .property("seats", 5_u32)
        .property("nothing", None::<bool>)
}

#[tokio::test]
async fn everything_is_found_on_the_spans_that_it_has_a_meaning_for() {
    let ((), trace) = watch(full().run(async {
        step("stage");
        complete().await;
    }))
    .await;
    let common = r#"session.id="s-1" user.id="u-1" spanline.tenant.id="t-1""#;
    let own = r#"spanline.tags=["beta", "mobile"] region="eu" seats=5"#;
    let prompt =
        r#"gen_ai.conversation.id="c-1" gen_ai.prompt.name="support" gen_ai.prompt.version="3""#;
    assert_eq!(
        trace.tree_with(&ALL),
        format!("chat m <client> {common} {prompt} {own}\nstage {common} {own}\n")
    );
    assert!(!trace.attributes("stage").contains("nothing"));
}

#[tokio::test]
async fn a_scope_ends_with_what_ran_in_it() {
    let ((), trace) = watch(async {
        step("before");
        scope().session("s-1").run(step_later("in the future")).await;
        scope().session("s-2").run_blocking(|| step("in the closure"));
        let items = scope().session("s-3").run_stream(stream::iter(["in the stream"]).map(step));
        assert_eq!(items.count().await, 1);
        {
            let _in_scope = scope().session("s-4").enter();
            step("under the guard");
        }
        step("after");
    })
    .await;
    assert_eq!(
        trace.tree_with(&["session.id"]),
        "after\nbefore\nin the closure session.id=\"s-2\"\nin the future session.id=\"s-1\"\n\
         in the stream session.id=\"s-3\"\nunder the guard session.id=\"s-4\"\n"
    );
}

#[test]
fn an_inner_scope_adds_and_overrides() {
    let ((), trace) = watch_blocking(|| {
        full().run_blocking(|| {
            scope()
                .session("s-2")
                .tag("inner")
                .property("region", "us")
                .run_blocking(|| step("inner"));
            step("outer");
        });
    });
    assert_eq!(
        trace.tree_with(&ALL),
        "inner session.id=\"s-2\" user.id=\"u-1\" spanline.tenant.id=\"t-1\" \
         spanline.tags=[\"beta\", \"mobile\", \"inner\"] region=\"us\" seats=5\n\
         outer session.id=\"s-1\" user.id=\"u-1\" spanline.tenant.id=\"t-1\" \
         spanline.tags=[\"beta\", \"mobile\"] region=\"eu\" seats=5\n"
    );
}

#[tokio::test]
async fn another_prompt_has_no_version_of_the_outer_one() {
    #[trace_llm_call(provider = "openai", model = "own", prompt_name = "own")]
    async fn with_its_own() {}
    #[trace_llm_call(provider = "openai", model = "newer", prompt_version = "4")]
    async fn with_its_own_version() {}
    let ((), trace) = watch(scope().prompt("support", "3").run(async {
        scope().prompt("other", None::<&str>).run(complete()).await;
        with_its_own().await;
        with_its_own_version().await;
    }))
    .await;
    assert_eq!(
        trace.tree_with(&["gen_ai.prompt.name", "gen_ai.prompt.version"]),
        "chat m <client> gen_ai.prompt.name=\"other\"\n\
         chat newer <client> gen_ai.prompt.name=\"support\" gen_ai.prompt.version=\"4\"\n\
         chat own <client> gen_ai.prompt.name=\"own\"\n"
    );
}

#[tokio::test]
async fn a_span_has_the_last_word_about_itself() {
    let ((), trace) = watch(full().run(async {
        Stage::new("own")
            .attribute("session.id", "mine")
            .attribute("region", "moon")
            .run_blocking_with(
                || {
                    current().set("user.id", "me").set("spanline.tags", ["alone"]);
                    step("below");
                },
                |(), _| (),
            );
    }))
    .await;
    assert_eq!(
        trace.tree_with(&["session.id", "user.id", "spanline.tags", "region"]),
        "own session.id=\"mine\" user.id=\"me\" spanline.tags=[\"alone\"] region=\"moon\"\n  \
         below session.id=\"s-1\" user.id=\"u-1\" spanline.tags=[\"beta\", \"mobile\"] region=\"eu\"\n"
    );
}

#[test]
fn a_panic_leaves_the_scope() {
    let ((), trace) = watch_blocking(|| {
        let scoped = || scope().session("s-1").run_blocking(|| panic!("in the scope"));
        catch_unwind(AssertUnwindSafe(scoped)).unwrap_err();
        step("after");
    });
    assert_eq!(trace.tree_with(&["session.id"]), "after\n");
}

#[tokio::test]
async fn a_future_that_panics_leaves_the_scope() {
    let ((), trace) = watch(async {
        let panics = async {
            step("before");
            panic!("in the scope")
        };
        let scoped = AssertUnwindSafe(scope().session("s-1").run(panics));
        futures::FutureExt::catch_unwind(scoped).await.unwrap_err();
        step("after");
    })
    .await;
    assert_eq!(trace.tree_with(&["session.id"]), "after\nbefore session.id=\"s-1\"\n");
}

#[tokio::test]
async fn what_is_dropped_half_way_is_dropped_in_its_scope() {
    struct StepsWhenDropped;
    impl Drop for StepsWhenDropped {
        fn drop(&mut self) {
            step("dropped");
        }
    }
    let ((), trace) = watch(async {
        let mut waits = Box::pin(scope().session("s-1").run(async {
            let _steps = StepsWhenDropped;
            std::future::pending::<()>().await;
        }));
        assert!(futures::poll!(&mut waits).is_pending());
        drop(waits);
        drop(scope().session("s-2").run(step_later("never polled")));
        step("after");
    })
    .await;
    assert_eq!(trace.tree_with(&["session.id"]), "after\ndropped session.id=\"s-1\"\n");
}

#[tokio::test]
async fn what_a_scope_runs_may_be_made_before_it() {
    #[trace_pipeline("p")]
    async fn pipeline() {
        let made_outside = step_later("made outside");
        scope().tag("inner").run(made_outside).await;
    }
    let ((), trace) = watch(scope().session("s-1").run(pipeline())).await;
    assert_eq!(
        trace.tree_with(&["session.id", "spanline.tags"]),
        "invoke_workflow p session.id=\"s-1\"\n  \
         made outside session.id=\"s-1\" spanline.tags=[\"inner\"]\n"
    );
}

#[test]
fn the_session_is_there_to_be_logged() {
    spanline_tests::telemetry::telemetry();
    let told = || {
        let current = current();
        [current.session(), current.user(), current.tenant(), current.conversation()]
    };
    let all = ["s-1", "u-1", "t-1", "c-1"].map(|id| Some(String::from(id)));
    assert_eq!(full().run_blocking(told), all);
    assert_eq!(told(), [const { None }; 4]);
    let guard = full().run_blocking(|| Stage::new("by hand").start());
    assert_eq!(guard.handle().session().as_deref(), Some("s-1"));
    guard.end();
}

#[test]
fn a_scope_without_anything_changes_nothing() {
    let ((), trace) = watch_blocking(|| {
        scope().session(None::<&str>).tags(Vec::<String>::new()).run_blocking(|| step("plain"));
    });
    assert_eq!(trace.attributes("plain"), "");
}

/// Implemented twice for what can be sent, which leaves it open which one is meant.
trait StaysOnItsThread<Which> {
    fn holds() {}
}
impl<T> StaysOnItsThread<()> for T {}
impl<T: Send> StaysOnItsThread<u8> for T {}

#[test]
fn the_guard_of_a_scope_stays_on_its_thread_and_its_future_need_not() {
    fn sent<T: Send>(_: T) {}
    <Attached as StaysOnItsThread<_>>::holds();
    sent(scope().session("s-1").run(step_later("never polled")));
}
