//! The short form names a parameter.
use spanline::trace_stage;

#[trace_stage(attributes(top_j))]
//~                      ^^^^^ `top_j` is not a parameter of `retrieve`; did you mean `top_k`?
async fn retrieve(top_k: usize) -> usize { top_k }

#[trace_stage(attributes(question))]
//~                      ^^^^^^^^ `question` is not a parameter of `answer`; write `question = …`
async fn answer(_: &str) {}

fn main() {}
