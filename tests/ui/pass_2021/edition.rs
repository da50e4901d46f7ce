//! A crate of edition 2021 in which the futures still capture what they borrow.
#![deny(warnings, unused)]
#![allow(dead_code)]

use spanline::{trace_llm_call, trace_stage};

struct Store {
    words: Vec<String>,
}

#[trace_stage]
async fn elided(text: &str) -> &str {
    text
}

#[trace_stage]
async fn named<'a, T>(left: &'a T, right: &str) -> &'a T {
    drop(right.to_owned());
    left
}

#[trace_stage]
async unsafe fn unsafe_async(number: *const u32) -> u32 {
    *number
}

#[trace_stage]
unsafe fn unsafe_blocking(number: *const u32) -> u32 {
    *number
}

impl Store {
    #[trace_stage(attributes(index))]
    async fn get(&self, index: usize) -> Result<&str, std::num::ParseIntError> {
        "1".parse::<u8>()?;
        Ok(&self.words[index])
    }

    #[trace_stage]
    async fn get_mut(&mut self, index: usize) -> &mut String {
        &mut self.words[index]
    }

    #[trace_stage]
    fn iter(&self) -> impl Iterator<Item = &String> + '_ {
        self.words.iter()
    }
}

#[trace_llm_call(provider = "openai", model = model)]
async fn complete(model: &str) -> Result<String, String> {
    Ok(model.to_owned())
}

fn main() {}
