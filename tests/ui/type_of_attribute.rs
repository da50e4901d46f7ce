//! What an attribute can hold.
use spanline::trace_stage;

struct Document;

#[trace_stage(attributes(document, found = Document))]
//~                      ^^^^^^^^ `Document` cannot be the value of a span attribute: not a string, a boolean, a number or an array of them
//~                                        ^^^^^^^^ `Document` cannot be the value of a span attribute: not a string, a boolean, a number or an array of them
async fn retrieve(document: Document) { drop(document); }

fn main() {}
