use super::*;
use crate::usage::price::Tokens;

fn within(operation: OperationKind, above: Option<&Pooled<Rollup>>) -> Pooled<Rollup> {
    Rollup::new(operation, Plan::default(), above)
}

fn consumption(input: u64, output: u64, picodollars: Option<u64>) -> Consumption {
    Consumption {
        tokens: Tokens { input: Some(input), output: Some(output), ..Tokens::default() },
        cost: picodollars.map(|cost| (Money::of_picodollars(cost), "user")),
    }
}

#[test]
fn a_call_is_in_everything_around_it_once() {
    let pipeline = within(OperationKind::Workflow, None);
    let stage = within(OperationKind::Stage, Some(&pipeline));
    let agent = within(OperationKind::Agent, Some(&stage));
    agent.spend(&consumption(3, 4, Some(5)));
    stage.spend(&consumption(10, 0, None));
    agent.count(Count::LlmCalls, 1);
    stage.count(Count::Stages, 1);
    let totals = pipeline.totals().unwrap();
    assert_eq!((totals.input_tokens, totals.output_tokens, totals.tokens), (13, 4, 17));
    assert_eq!((totals.llm_calls, totals.stages, totals.unpriced_calls), (1, 1, 1));
    assert_eq!(totals.cost_usd, Some(5e-12));
    let totals = agent.totals().unwrap();
    assert_eq!((totals.tokens, totals.llm_calls, totals.stages), (7, 1, 0));
    assert_eq!(stage.totals(), pipeline.totals(), "a stage tells of its pipeline");
}

#[test]
fn threads_add_up_exactly() {
    let pipeline = within(OperationKind::Workflow, None);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..10_000 {
                    pipeline.spend(&consumption(1, 2, Some(3)));
                }
            });
        }
    });
    let totals = pipeline.totals().unwrap();
    assert_eq!(
        (totals.input_tokens, totals.output_tokens, totals.tokens),
        (80_000, 160_000, 240_000)
    );
    assert_eq!(totals.cost_usd, Some(240_000e-12));
}

#[test]
fn a_sum_that_overflows_stays_the_most_there_is() {
    let pipeline = within(OperationKind::Workflow, None);
    for _ in 0..3 {
        pipeline.spend(&consumption(u64::MAX, 1, Some(u64::MAX - 1)));
    }
    let totals = pipeline.totals().unwrap();
    assert_eq!((totals.input_tokens, totals.output_tokens, totals.tokens), (u64::MAX, 3, u64::MAX));
}

#[test]
fn a_usage_for_a_whole_agent_counts_where_its_calls_told_nothing() {
    let pipeline = within(OperationKind::Workflow, None);
    let silent = within(OperationKind::Agent, Some(&pipeline));
    let told = [consumption(5, 5, None)];
    assert!(silent.settle(|| told.iter()));
    silent.spend(&consumption(1, 1, None));
    let talking = within(OperationKind::Agent, Some(&pipeline));
    talking.spend(&consumption(20, 0, None));
    let told = [consumption(20, 0, None)];
    assert!(!talking.settle(|| told.iter()));
    assert_eq!(pipeline.totals().unwrap().tokens, 30);
}
