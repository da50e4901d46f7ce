//! What a pipeline or an agent may come to.

use spanline::{
    Agent, BudgetExceeded, ErrorType as _, Pipeline, Stage, TraceContext, check_budget,
    trace_agent, trace_pipeline,
};

use super::{call, watch};

const EXCEEDED: &str = "spanline.budget.exceeded";

#[tokio::test]
async fn the_call_that_passes_a_budget_is_one_event_on_the_span_that_has_it() {
    #[trace_pipeline(max_cost_usd = 0.0001)]
    async fn answer() {
        for _ in 0..5 {
            call(40, 0).await;
        }
    }
    let ((), trace) = watch(async { answer().await }).await;
    let name = "invoke_workflow answer";
    assert_eq!(
        trace.events(name),
        "spanline.budget.exceeded spanline.budget.kind=\"cost\" spanline.budget.limit=0.0001 \
         spanline.budget.spent=0.00012\n"
    );
    assert_eq!(trace.attribute(name, EXCEEDED), "true");
    assert_eq!(trace.attribute(name, "spanline.budget.max_cost.usd"), "0.0001");
    assert_eq!(trace.attribute(name, "spanline.total.cost.usd"), "0.0002");
    // At the time of the call, not at the end.
    let span = trace.span(name);
    let before_the_end =
        trace.spans.iter().filter(|span| span.name == "chat m").map(|span| span.end_time_unix_nano);
    assert!(span.events[0].time_unix_nano <= before_the_end.max().unwrap());
}

#[tokio::test]
async fn a_budget_that_is_just_reached_is_not_passed_and_yet_used_up() {
    let ((), trace) = watch(async {
        let inside = async {
            assert_eq!(check_budget(), Ok(()));
            call(60, 40).await;
            let error = check_budget().unwrap_err();
            assert_eq!((error.limit(), error.spent()), (100.0, 100.0));
            assert!(error.is_of_tokens());
        };
        Pipeline::new("exact").max_total_tokens(100).run_with(inside, |(), _| ()).await;
    })
    .await;
    assert_eq!(trace.events("invoke_workflow exact"), "");
    assert_eq!(trace.attribute("invoke_workflow exact", EXCEEDED), "");
    assert_eq!(trace.attribute("invoke_workflow exact", "spanline.budget.max_total_tokens"), "100");
}

#[tokio::test]
async fn a_used_up_budget_of_any_operation_around_is_an_error_that_names_it() {
    #[trace_agent(max_total_tokens = limit)]
    async fn research(limit: u64) -> Result<u32, BudgetExceeded> {
        let mut calls = 0;
        loop {
            let step = async { check_budget() };
            Stage::new("step").run(step).await?;
            let inner = async {
                check_budget()?;
                call(30, 0).await;
                Ok::<_, BudgetExceeded>(())
            };
            Agent::new("inner").max_total_tokens(1000).run(inner).await?;
            calls += 1;
            assert!(calls < 10);
        }
    }
    let (result, trace) = watch(async { research(100).await }).await;
    let error = result.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the budget of the agent `research` is used up: 120 tokens of 100 tokens"
    );
    assert_eq!(error.operation(), "research");
    assert_eq!(error.error_type(), "budget_exceeded");
    assert_eq!(trace.attribute("invoke_agent research", "error.type"), "\"budget_exceeded\"");
    assert_eq!(trace.attribute("invoke_agent research", "spanline.total.llm_calls"), "4");
}

#[tokio::test]
async fn a_budget_of_money_says_so_in_dollars() {
    super::set_up();
    let inside = async {
        call(1_000_000, 0).await;
        check_budget().unwrap_err()
    };
    let name = String::from("a pipeline with a name that is longer than one word of a record");
    let error = Pipeline::new(name).max_cost_usd("0.5").run_with(inside, |_, _| ()).await;
    assert_eq!(
        error.to_string(),
        "the budget of the pipeline `a pipeline with a name that is longer than one word of a \
         record` is used up: $1 of $0.5"
    );
    assert!(!error.is_of_tokens());
}

#[tokio::test]
async fn a_budget_holds_in_a_trace_that_is_not_sampled() {
    super::set_up();
    let unsampled =
        TraceContext::from_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00");
    let inside = async {
        check_budget().unwrap();
        call(11, 0).await;
        check_budget().unwrap_err();
    };
    let pipeline = Pipeline::new("unsampled").parent(unsampled).max_total_tokens(10_u8);
    pipeline.run_with(inside, |(), _| ()).await;
}

#[tokio::test]
async fn without_a_budget_around_there_is_always_something_left() {
    let ((), trace) = watch(async {
        let inside = async {
            call(1_000_000_000, 0).await;
            assert_eq!(check_budget(), Ok(()));
        };
        let unlimited = Pipeline::new("unlimited").max_cost_usd(None::<f64>).max_cost_usd(-1);
        unlimited.max_total_tokens(None::<u32>).run_with(inside, |(), _| ()).await;
        assert_eq!(check_budget(), Ok(()));
    })
    .await;
    assert_eq!(trace.attribute("invoke_workflow unlimited", EXCEEDED), "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn calls_at_once_pass_a_budget_once() {
    let ((), trace) = watch(async {
        let inside = async {
            let mut tasks = tokio::task::JoinSet::new();
            for _ in 0..64 {
                tasks.spawn(spanline::carry_future(call(1, 0)));
            }
            tasks.join_all().await;
        };
        Pipeline::new("busy").max_total_tokens(32).run_with(inside, |(), _| ()).await;
    })
    .await;
    assert_eq!(trace.attribute("invoke_workflow busy", "spanline.total.tokens"), "64");
    assert_eq!(
        trace.events("invoke_workflow busy"),
        "spanline.budget.exceeded spanline.budget.kind=\"tokens\" spanline.budget.limit=32.0 \
         spanline.budget.spent=33.0\n"
    );
}
