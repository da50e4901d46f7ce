//! Budgets where no trace is sampled and no metric is made; this process sets that up for itself.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use spanline::{
    ExporterName, LlmCall, Pipeline, Sampler, Stage, Telemetry, attempt_blocking, check_budget,
    current,
};

#[test]
fn a_budget_holds_where_nothing_else_is_recorded() {
    // To the console, where nothing of this comes.
    let telemetry = Telemetry::builder()
        .traces_to([ExporterName::Console])
        .metrics_to([])
        .sampler(Sampler::AlwaysOff)
        .init()
        .unwrap();
    let spend = || {
        let call = LlmCall::new("openai", "gpt-4o").start();
        let _attached = call.attach();
        attempt_blocking(|| {
            current().usage((600, 0));
            Err::<(), _>("no")
        })
        .unwrap_err();
        current().usage((600, 0));
        call.end();
    };
    let inside = || {
        let stage = Stage::new("stage").start();
        let _attached = stage.attach();
        assert!(!current().is_recording());
        check_budget().unwrap();
        spend();
        stage.end();
        check_budget().unwrap_err()
    };
    let error = Pipeline::new("p").max_cost_usd(0.003).run_blocking_with(inside, |_, _| ());
    assert_eq!(error.to_string(), "the budget of the pipeline `p` is used up: $0.003 of $0.003");
    assert_eq!(current().totals(), None);
    let without = Pipeline::new("p").run_blocking_with(|| current().totals(), |_, _| ());
    assert_eq!(without, None, "nothing is recorded, and nobody asked for a budget");
    telemetry.shutdown().unwrap();
    Pipeline::new("p")
        .max_total_tokens(0)
        .run_blocking_with(|| check_budget().unwrap(), |(), _| ());
}
