//! A function of the returned value, not what was asked of the model.
use spanline::{trace_llm_call, trace_stage};

#[trace_llm_call(provider = "openai", stream = true)]
//~                                            ^^^^ `stream` is a function to the stream in the returned value; write `stream = |reply| &mut reply.chunks`, or `streaming = …` for what was asked of the model
async fn literal() {}

#[trace_llm_call(provider = "openai", stream = request.stream)]
//~                                            ^^^^^^^^^^^^^^ `stream` is a function to the stream in the returned value; write `stream = |reply| &mut reply.chunks`, or `streaming = …` for what was asked of the model
async fn field(request: Request) {}

#[trace_stage(stream = stream)]
//~                    ^^^^^^ `stream` is a function to the stream in the returned value; write `stream = |reply| &mut reply.chunks`
async fn parameter(stream: bool) { drop(stream); }

#[trace_llm_call(provider = "openai", streaming = 1)]
//~                                               ^ expected `true` or `false`, found `{integer}`: not a `bool`
async fn asked() {}

struct Request { stream: bool }

fn main() {}
