//! Parents that are given, and links where others follow from something.

use spanline::{SpanGuard, Stage, TraceContext, trace_stage};
use spanline_tests::telemetry::{trace, watch, watch_blocking};

#[tokio::test]
async fn a_span_that_self_keeps_can_be_the_parent() {
    struct Session {
        span: SpanGuard,
    }
    impl Session {
        #[trace_stage(parent = &self.span)]
        fn blocking(&self) {}

        #[trace_stage(parent = self.span)]
        async fn later(&mut self) {}
    }
    let ((), trace) = watch(async {
        let mut session = Session { span: Stage::new("session").start() };
        let elsewhere = Stage::new("elsewhere");
        let work = async {
            session.blocking();
            session.later().await;
        };
        elsewhere.run_with(work, |(), _| ()).await;
        session.span.end();
    })
    .await;
    assert_eq!(trace.tree(), "elsewhere\nsession\n  blocking\n  later\n");
}

#[test]
fn a_parent_may_be_absent_and_then_it_is_the_current_span() {
    #[trace_stage(parent = given)]
    fn child(given: Option<&TraceContext>) {}

    let ((), trace) = watch_blocking(|| {
        let given = Stage::new("given").start();
        let context = TraceContext::from(given.context());
        Stage::new("current").run_blocking_with(
            || {
                child(None);
                child(Some(&context));
            },
            |(), _| (),
        );
        given.end();
    });
    assert_eq!(trace.tree(), "current\n  child\ngiven\n  child\n");
}

#[test]
fn a_root_has_no_parent_whatever_is_current() {
    #[trace_stage(root)]
    fn alone() -> Option<String> {
        spanline::current().trace_id()
    }
    let (own, around) = watch_blocking(alone);
    assert_eq!(around.tree(), "");
    assert_eq!(trace(&own.unwrap()).tree(), "alone\n");
}

#[tokio::test]
async fn a_span_follows_from_all_that_it_is_told() {
    #[trace_stage(links = causes)]
    fn blocking(causes: &[SpanGuard]) {}

    #[trace_stage(links = causes)]
    async fn later(causes: Vec<TraceContext>) {}

    #[trace_stage(links = spanline::current())]
    fn current() {}

    let ((), trace) = watch(async {
        let causes = ["one", "two", "three"].map(|name| Stage::new(name).start());
        blocking(&causes);
        later(causes.iter().map(|cause| cause.context().into()).collect()).await;
        let attached = causes[0].attach();
        current();
        drop(attached);
        causes.into_iter().for_each(SpanGuard::end);
    })
    .await;
    assert_eq!(trace.links("blocking"), ["one", "two", "three"]);
    assert_eq!(trace.links("later"), ["one", "two", "three"]);
    assert_eq!(trace.links("current"), ["one"]);
}
