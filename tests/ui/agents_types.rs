//! The value is at fault.
use spanline::{trace_agent, trace_retrieval, trace_tool};

#[trace_agent("researcher", server_port = "https")]
//~                                       ^^^^^^^ expected an integer
async fn research() {}

#[trace_agent("researcher", history = "two")]
//~                                   ^^^^^ expected an integer
async fn remember() {}

#[trace_tool("search", call_id = 5)]
//~                              ^ expected text, found `{integer}`: not a string
fn search() {}

#[trace_retrieval(data_source = 7, top_k = "five")]
//~                             ^ expected text, found `{integer}`: not a string
//~                                        ^^^^^^ expected a number, found `str`: not a number
async fn retrieve() {}

fn main() {}
