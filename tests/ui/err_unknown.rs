//! A closed set.
use spanline::trace_stage;

#[trace_stage(err = dbg)]
//~                 ^^^ unknown detail of errors `dbg`; expected one of `display`, `debug`, `type`
fn parse() {}

#[trace_stage(err)]
//~           ^^^ `err` needs a value; write `err = …`
fn again() {}

fn main() {}
