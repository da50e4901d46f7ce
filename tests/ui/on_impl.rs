//! A block that leaves nothing to trace, and one whose methods would share a name.
use spanline::{trace_llm_call, trace_stage};

struct Store;

#[trace_stage("store")] impl Store { fn find(&self) {} }
//~           ^^^^^^^ each method has a name of its own; give the name to a method

#[trace_stage(kindd = "x")]
//~           ^^^^^ unknown argument `kindd`; did you mean `kind`?
impl Store {
    fn put(&self) {}
    #[spanline(skip)]
    fn remove(&self) {}
}

#[trace_stage]
impl Store {
    #[spanline(skp)] fn list(&self) {}
//~            ^^^ unknown word `skp`; did you mean `skip`?
}

#[trace_stage(attributes(key))]
//~                      ^^^ `key` is not a parameter of each method; write `key = …`
impl Store {
    fn has(&self, key: u32) -> bool { key > 0 }
}

#[trace_llm_call] impl Store { fn ask(&self) {} }
//~               ^^^^ `#[trace_llm_call]` needs `provider`; write `provider = "openai"`

#[trace_stage] unsafe impl Send for Kept {}
//~                   ^^^^ there is no method with a body to trace

struct Kept(*const u32);

fn main() {}
