//! What an attribute can hold, and which value it is read from.
use futures::stream::{self, Stream};
use spanline::trace_stage;

struct Document;

#[trace_stage(result(first = |documents| documents.first(), count = |documents| documents.len()))]
//~                          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `Document` cannot be the value of a span attribute: not a string, a boolean, a number or an array of them
async fn retrieve() -> Result<Vec<Document>, String> { Ok(Vec::new()) }

#[trace_stage(result(length = |text| text.length()))]
//~                                       ^^^^^^ no method named `length` found for reference `&std::string::String` in the current scope
fn answer() -> String { String::new() }

#[trace_stage(result(length = |chunk: &u8| 1))]
//~                           ^^^^^^^^^^^^^^ type mismatch in closure arguments: expected due to this
fn chunks() -> impl Stream<Item = String> { stream::empty() }

#[trace_stage(result(length = 5))]
//~                           ^ expected a `FnOnce(&u32)` closure, found `{integer}`
fn number() -> u32 { 5 }

#[trace_stage(result(length = prompt.len()))]
//~                           ^^^^^^ cannot find value `prompt` in this scope: not found in this scope
async fn complete(prompt: String) -> String { prompt }

fn main() {}
