//! Normally named parameters are still linted.
#![deny(unused)]
#![allow(dead_code)]
use spanline::trace_stage;

#[trace_stage]
async fn answer(question: String) {}
//~             ^^^^^^^^ unused variable: `question`

#[trace_stage]
fn blocking(question: String) {}
//~         ^^^^^^^^ unused variable: `question`

fn main() {}
