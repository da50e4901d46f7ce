//! Without a near name, all of them are listed.
use spanline::trace_stage;

#[trace_stage("retrieve", frobnicate = 3)]
//~                       ^^^^^^^^^^ unknown argument `frobnicate`; expected one of `id`, `kind`, `name`, `attributes`, `result`, `parent`, `links`, `root`, `ok_if`, `err`, `stream`, `crate`
async fn retrieve() {}

fn main() {}
