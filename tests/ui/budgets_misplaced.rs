//! A budget is of a run, in dollars or in tokens, and has one name for each.
use spanline::{trace_agent, trace_llm_call, trace_pipeline};

#[trace_pipeline(max_tokens = 1000)]
//~              ^^^^^^^^^^ unknown argument `max_tokens`; did you mean `max_total_tokens`?
async fn answer() {}

#[trace_pipeline(budget = 0.5)]
//~              ^^^^^^ unknown argument `budget`; did you mean `max_cost_usd`?
async fn explain() {}

#[trace_agent(token_budget = 1000, max_cost = 0.5)]
//~           ^^^^^^^^^^^^ unknown argument `token_budget`; did you mean `max_total_tokens`?
//~                                ^^^^^^^^ unknown argument `max_cost`; did you mean `max_cost_usd`?
async fn research() {}

#[trace_llm_call(provider = "openai", max_cost_usd = 0.5)]
//~                                   ^^^^^^^^^^^^ `max_cost_usd` has no meaning for `#[trace_llm_call]`; it belongs to `#[trace_pipeline]` and `#[trace_agent]`
async fn complete() {}

fn main() {}
