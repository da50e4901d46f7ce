//! What content is made of.
use spanline::{trace_agent, trace_llm_call, trace_retrieval, trace_tool};

struct Opaque(u8);

#[trace_llm_call(provider = "openai", input_messages = request)]
//~                                                    ^^^^^^^ `Opaque` cannot be recorded as messages: neither text, nor messages, nor JSON
async fn complete(request: &Opaque) -> u8 { request.0 }

#[trace_agent(system_instructions = 5)]
//~                                 ^ `{integer}` cannot be recorded as instructions: neither text, nor parts, nor JSON
fn act() {}

#[trace_agent(output_messages = |reply: &Opaque| reply.0)]
//~                             ^^^^^^^^^^^^^^^^^^^^^^^^ `u8` cannot be recorded as messages: neither text, nor messages, nor JSON
fn answer() -> Opaque { Opaque(1) }

#[trace_tool(call_arguments = opaque)]
//~                           ^^^^^^ `&&Opaque` cannot be recorded as JSON: does not implement `serde::Serialize`
fn tool(opaque: &Opaque) -> u8 { opaque.0 }

#[trace_retrieval(query = number)]
//~                       ^^^^^^ expected text, found `u8`
fn search(number: u8) -> u8 { number }

fn main() {}
