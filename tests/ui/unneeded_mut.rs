//! As without the attribute.
#![deny(unused)]
#![allow(dead_code)]
use spanline::trace_stage;

#[trace_stage]
async fn answer(mut question: String) -> String { question }
//~             ^^^^^^^^^^^^ variable does not need to be mutable

fn main() {}
