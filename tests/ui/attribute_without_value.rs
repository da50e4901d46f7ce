//! A dotted name is no parameter.
use spanline::trace_stage;

#[trace_stage(attributes(question.text))]
//~                      ^^^^^^^^ `question.text` needs a value; write `question.text = …`
async fn retrieve(question: &str) -> usize { question.len() }

fn main() {}
