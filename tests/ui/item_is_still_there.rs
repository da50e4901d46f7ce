//! A mistake does not take the function away from its callers, whatever macro and shape it is.
use std::future::Future;
use std::pin::Pin;

use futures::Stream;
use spanline::{
    trace_agent, trace_llm_call, trace_pipeline, trace_retrieval, trace_span, trace_stage, trace_tool,
};

struct Store;
impl Store {
    #[trace_stage(knid = "retriever")]
//~               ^^^^ unknown argument `knid`; did you mean `kind`?
    async fn retrieve(&self, query: &str) -> usize { query.len() }
}

#[trace_pipeline(rot)]
//~              ^^^ unknown argument `rot`; did you mean `root`?
fn blocking(query: &str) -> usize { query.len() }

#[trace_llm_call(provider = "openai", modle = "m")]
//~                                   ^^^^^ unknown argument `modle`; did you mean `model`?
fn future(query: &str) -> impl Future<Output = usize> { std::future::ready(query.len()) }

#[trace_agent(rot)]
//~           ^^^ unknown argument `rot`; did you mean `root`?
fn boxed(query: &str) -> Pin<Box<dyn Future<Output = usize> + Send>> {
    Box::pin(std::future::ready(query.len()))
}

#[trace_tool(rot)]
//~          ^^^ unknown argument `rot`; did you mean `root`?
fn stream(query: &str) -> impl Stream<Item = usize> {
    futures::stream::iter([query.len()])
}

#[trace_retrieval(rot)]
//~               ^^^ unknown argument `rot`; did you mean `root`?
async fn fallible(query: &str) -> Result<usize, std::fmt::Error> { Ok(query.len()) }

struct Shelf;
#[trace_span(knid = "client")]
//~          ^^^^ unknown argument `knid`; did you mean `kind`?
impl Shelf {
    async fn find(&self, query: &str) -> usize { query.len() }
}

async fn answer() -> Result<usize, std::fmt::Error> {
    let found = Store.retrieve("question").await + Shelf.find("question").await;
    let asked = blocking("question") + future("question").await + boxed("question").await;
    let streamed = futures::StreamExt::count(stream("question")).await;
    Ok(found + asked + streamed + fallible("question").await?)
}

fn main() {}
