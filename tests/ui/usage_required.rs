//! A type that says how to read it, where that is demanded.
use futures::stream::{self, BoxStream};
use spanline::{trace_agent, trace_llm_call};

type Alias<T> = Result<Option<Box<T>>, String>;

#[trace_llm_call(provider = "openai", usage = required)]
//~                                           ^^^^^^^^ `std::string::String` cannot be read as the reply of a model: does not implement `LlmResponse`
async fn complete() -> Alias<String> { Ok(None) }

#[trace_llm_call(provider = "openai", usage = required)]
//~                                           ^^^^^^^^ `()` cannot be read as the reply of a model
async fn nothing() {}

#[trace_llm_call(provider = "openai", usage = required)]
//~                                           ^^^^^^^^ `u8` cannot be read as the reply of a model
fn items() -> BoxStream<'static, Result<u8, String>> { Box::pin(stream::empty()) }

#[trace_agent(usage = required)]
//~                   ^^^^^^^^ `std::string::String` cannot be read as the reply of a model
fn agent() -> (String, u8) { (String::new(), 1) }

fn main() {}
