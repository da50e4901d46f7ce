//! Money is an amount, tokens are an integer.
use spanline::{trace_agent, trace_pipeline};

#[trace_pipeline(max_cost_usd = true)]
//~                             ^^^^ expected an amount of dollars, found `bool`: neither a number nor a decimal as text
async fn answer() {}

#[trace_agent(max_total_tokens = 0.5)]
//~                              ^^^ expected an integer, found `{float}`: not an integer
async fn research() {}

fn main() {}
