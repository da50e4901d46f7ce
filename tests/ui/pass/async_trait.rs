//! `#[async_trait]` writes boxed futures; the attribute sees and traces those.
#![deny(warnings, clippy::all, clippy::pedantic, unused)]
#![allow(dead_code)]

use async_trait::async_trait;
use spanline::{trace_llm_call, trace_stage};

struct Model {
    name: String,
}

#[async_trait]
trait Client {
    async fn complete(&self, prompt: &str) -> Result<String, String>;

    #[trace_stage("twice", attributes(prompt))]
    async fn twice(&mut self, prompt: &str) -> Result<String, String>
    where
        Self: Send,
    {
        let first = self.complete(prompt).await?;
        self.complete(&first).await
    }
}

#[async_trait]
impl Client for Model {
    #[trace_llm_call(provider = "openai", model = self.name)]
    async fn complete(&self, prompt: &str) -> Result<String, String> {
        if prompt.is_empty() {
            return Err("no prompt".to_owned());
        }
        Ok(prompt.to_owned())
    }
}

#[async_trait(?Send)]
trait Local {
    async fn local(self: Box<Self>, (left, right): (u32, u32)) -> u32;
}

#[async_trait(?Send)]
impl Local for Model {
    #[trace_stage]
    async fn local(self: Box<Self>, (left, right): (u32, u32)) -> u32 {
        left + right
    }
}

fn main() {}
