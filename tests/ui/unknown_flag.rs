//! A lone word in first place is taken for a name unless it looks like an argument.
use spanline::trace_stage;

#[trace_stage(rot)]
//~           ^^^ unknown argument `rot`; did you mean `root`?
async fn retrieve() {}

#[trace_stage(atributes(question = 1))]
//~           ^^^^^^^^^ unknown argument `atributes`; did you mean `attributes`?
async fn answer() {}

fn main() {}
