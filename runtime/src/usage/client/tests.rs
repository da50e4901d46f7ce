//! What the clients' replies say, beside the same replies as JSON.
#![cfg(feature = "content")]

#[cfg(feature = "async-openai")]
mod openai;
#[cfg(feature = "genai")]
mod through_genai;
#[cfg(feature = "ollama-rs")]
mod through_ollama_rs;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::content::message::Message;
use crate::usage::reply::{LlmResponse, Reply};

/// The messages that these bodies make, as the client reads them.
fn said<T: LlmResponse + DeserializeOwned>(bodies: &[Value]) -> Value {
    let mut reply = Reply::default();
    reply.listen();
    for body in bodies {
        reply.read(&serde_json::from_value::<T>(body.clone()).unwrap());
    }
    reply.take_output_messages().into_iter().map(Message::into_output).collect()
}
