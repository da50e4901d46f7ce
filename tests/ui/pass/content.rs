//! What the arguments of content take, and that nothing is said of them.
#![deny(warnings, clippy::all, clippy::pedantic, unused)]
#![allow(dead_code)]

use std::convert::Infallible;
use std::pin::Pin;

use futures::stream::{self, Stream};
use spanline::{
    Message, Part, trace_agent, trace_llm_call, trace_pipeline, trace_retrieval, trace_tool,
};

struct Reply {
    text: String,
    chunks: Pin<Box<dyn Stream<Item = String> + Send>>,
}

#[trace_pipeline(
    capture_content = consents,
    input_messages = question,
    output_messages = |answer| answer
)]
async fn answer(question: &str, consents: bool) -> Result<String, Infallible> {
    Ok(if consents { question.to_owned() } else { String::new() })
}

#[trace_llm_call(
    provider = "openai",
    system_instructions = ["a", "b"],
    input_messages = builder.iter().map(|text| Message::user(text.as_str())).collect::<Vec<_>>(),
    tool_definitions = (),
    output_messages = text_of
)]
async fn complete(builder: Vec<String>, operation: u8) -> Result<Reply, Infallible> {
    let chunks = stream::iter(vec![format!("{operation}")]);
    Ok(Reply { text: builder.concat(), chunks: Box::pin(chunks) })
}

fn text_of(reply: &Reply) -> Option<&str> {
    (!reply.text.is_empty()).then_some(&*reply.text)
}

#[trace_llm_call(
    provider = "openai",
    stream = |reply| &mut reply.chunks,
    output_messages = |chunk: &String| chunk.clone()
)]
fn inside() -> Result<Reply, Infallible> {
    Ok(Reply { text: String::new(), chunks: Box::pin(stream::empty()) })
}

#[trace_agent(system_instructions = &parts, output_messages = |count| format!("{count} parts"))]
fn act(mut parts: Vec<Part>) -> usize {
    parts.push(Part::text("more"));
    parts.len()
}

struct Tools {
    found: Vec<u8>,
}

#[trace_tool(call_result = |found| found)]
impl Tools {
    fn count(&self) -> usize {
        self.found.len()
    }

    async fn find(&mut self) -> Option<u8> {
        self.found.pop()
    }
}

impl Tools {
    #[trace_tool(call_arguments = (self.found.first(), factor), call_result = |result| result)]
    fn scale(&mut self, factor: f32) -> Vec<f32> {
        self.found.drain(..).map(|found| f32::from(found) * factor).collect()
    }
}

#[trace_retrieval(query = query, documents = |found: &Vec<String>| found.clone())]
fn search<'a, T: AsRef<str> + Clone>(query: &'a str, texts: &'a [T]) -> Vec<String> {
    texts.iter().map(|text| text.as_ref().to_owned()).filter(|text| text.contains(query)).collect()
}

fn main() {}
