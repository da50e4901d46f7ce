//! Replies as JSON: whose they are is told by their shape alone.
//!
//! A shape is known by keys that stand together; a reply of no known shape tells nothing. What comes
//! from a network is never trusted: a number that is none, a text beyond measure and a key that holds
//! something else are passed over.

mod anthropic;
mod bedrock;
mod cohere;
mod cost;
mod gemini;
mod object;
mod ollama;
mod openai;
mod responses;
mod said;
#[cfg(test)]
mod tests;

use object::Object;
use serde::Serialize;
use serde_json::Value;

use super::reply::{LlmResponse, Reply};

/// One function for each shape; each says whether the reply is its own.
const SHAPES: [fn(Object<'_>, &mut Reply) -> bool; 7] = [
    openai::read,
    responses::read,
    anthropic::read,
    gemini::read,
    ollama::read,
    cohere::read,
    bedrock::read,
];

/// A reply as the provider sent it, or an event of a streamed one: of OpenAI (chat completions,
/// responses, embeddings) and those who speak its protocol, Anthropic, Gemini, Ollama, Cohere and
/// Bedrock (Converse). JSON of any other shape tells nothing.
///
/// ```
/// use spanline::trace_llm_call;
///
/// #[trace_llm_call(provider = "openai", model = "gpt-4o-mini")]
/// async fn complete(body: String) -> Result<serde_json::Value, serde_json::Error> {
///     serde_json::from_str(&body)
/// }
/// # drop(complete(String::new()));
/// ```
impl LlmResponse for Value {
    fn read(&self, reply: &mut Reply) {
        if let Self::Object(members) = self {
            let _ = SHAPES.into_iter().any(|read| read(Object::new(members), reply));
        }
    }
}

/// Reads any reply that has the shape of a provider's once it is JSON, as most structs for replies
/// have: `response = spanline::json`.
///
/// The whole reply is made into JSON for that, once for each call that is recorded; a type of your
/// own is read at less cost with `#[derive(LlmResponse)]`.
///
/// ```
/// use serde::Serialize;
/// use spanline::trace_llm_call;
///
/// #[derive(Serialize)]
/// struct Usage { prompt_tokens: u32, completion_tokens: u32, total_tokens: u32 }
/// #[derive(Serialize)]
/// struct Reply { object: String, model: String, choices: Vec<()>, usage: Usage }
///
/// #[trace_llm_call(provider = "openai", model = "gpt-4o-mini", response = spanline::json)]
/// async fn complete() -> Result<Reply, std::io::Error> {
///     # let usage = Usage { prompt_tokens: 12, completion_tokens: 3, total_tokens: 15 };
///     # let model = "gpt-4o-mini".into();
///     Ok(Reply { object: "chat.completion".into(), model, choices: Vec::new(), usage })
/// }
/// # drop(complete());
/// ```
pub fn json<T: Serialize + ?Sized>(reply: &T) -> Option<Value> {
    serde_json::to_value(reply).ok()
}
