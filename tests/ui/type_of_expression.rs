//! The whole expression.
use spanline::trace_llm_call;

struct Request { model: Vec<u32> }

#[trace_llm_call(provider = "openai", model = request.model.first())]
//~                                           ^^^^^^^^^^^^^^^^^^^^^ expected text, found `
async fn complete(request: Request) -> usize { request.model.len() }

fn main() {}
