//! Agents, tools and retrievals have their own words too.
use spanline::{trace_agent, trace_retrieval, trace_tool};

#[trace_agent("researcher", remote = true)]
//~                                  ^^^^ `remote` takes no value; write `remote` alone
async fn research() {}

#[trace_tool("search", type = "function")]
//~                    ^^^^ unknown argument `type`; did you mean `tool_type`?
fn search() {}

#[trace_retrieval(collection = "handbook", topk = 5)]
//~               ^^^^^^^^^^ unknown argument `collection`; did you mean `data_source`?
//~                                        ^^^^ unknown argument `topk`; did you mean `top_k`?
async fn retrieve() {}

fn main() {}
