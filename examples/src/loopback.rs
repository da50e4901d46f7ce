//! A stand-in for a model: a server on loopback that speaks OpenAI's chat protocol and only quotes.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::retrieval::Index;

/// What stands between two parts of a prompt; the question is the last part.
pub const PART: &str = "\n\n---\n\n";

/// How a tool's result begins when the tool failed.
pub const TOOL_ERROR: &str = "error: ";

const DISCLAIMER: &str = "I am no model, I only quote; and my token counts are word counts.";

/// The server; it stops when this is dropped.
///
/// To a question after some passages, separated by [`PART`], it answers with the passage that shares
/// most with the question. Given the tools `search` and `read` it plays a part: it searches, reads
/// a place that it made up, and after the error reads one that was found.
#[derive(Debug)]
pub struct Loopback {
    address: SocketAddr,
    server: JoinHandle<io::Result<()>>,
}

#[derive(Debug)]
struct Memory {
    /// How many requests are still turned away.
    refusals: AtomicUsize,
    answers: AtomicU64,
}

impl Loopback {
    /// Opens a free port; the first `refusals` requests are turned away with status 429.
    ///
    /// # Errors
    ///
    /// When no port can be opened.
    pub async fn start(refusals: usize) -> io::Result<Self> {
        let memory = Memory { refusals: AtomicUsize::new(refusals), answers: AtomicU64::new(0) };
        let router = Router::new()
            .route("/v1/chat/completions", post(complete))
            .with_state(Arc::new(memory));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let server = tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { address, server })
    }

    /// What `OPENAI_BASE_URL` would be.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/v1", self.address)
    }
}

impl Drop for Loopback {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn complete(
    State(memory): State<Arc<Memory>>,
    Json(request): Json<Value>,
) -> (StatusCode, Json<Value>) {
    let is_refused = memory
        .refusals
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1))
        .is_ok();
    if is_refused {
        let message = "I am busy with another question; ask again";
        return error(StatusCode::TOO_MANY_REQUESTS, message, "rate_limit_exceeded");
    }
    if request["stream"] == true {
        let message = "I answer in one piece: leave `stream` out";
        return error(StatusCode::BAD_REQUEST, message, "unsupported_value");
    }
    let messages = request["messages"].as_array().map_or(&[][..], Vec::as_slice);
    let Some(reply) = reply(messages, &request["tools"]) else {
        let message = "I found no message of role `user` with text in `messages`";
        return error(StatusCode::BAD_REQUEST, message, "missing_required_parameter");
    };
    let number = memory.answers.fetch_add(1, Ordering::Relaxed) + 1;
    (StatusCode::OK, Json(answer(number, &request["model"], messages, &reply)))
}

fn error(status: StatusCode, message: &str, code: &str) -> (StatusCode, Json<Value>) {
    let kind = match status {
        StatusCode::TOO_MANY_REQUESTS => "rate_limit_error",
        _ => "invalid_request_error",
    };
    (
        status,
        Json(json!({"error": {"message": message, "type": kind, "param": null, "code": code}})),
    )
}

/// What is said, or which tool is to be called.
#[derive(Debug, PartialEq)]
enum Reply {
    Text(String),
    Call { tool: &'static str, arguments: Value },
}

fn reply(messages: &[Value], tools: &Value) -> Option<Reply> {
    let texts = |role: &'static str| {
        messages
            .iter()
            .filter(move |message| message["role"] == role)
            .filter_map(|message| message["content"].as_str())
    };
    let prompt = texts("user").next_back()?;
    let has = |name: &str| {
        tools
            .as_array()
            .is_some_and(|tools| tools.iter().any(|tool| tool["function"]["name"] == name))
    };
    if !(has("search") && has("read")) {
        return Some(Reply::Text(quote(prompt)));
    }
    let read = |place: &str| Reply::Call { tool: "read", arguments: json!({"place": place}) };
    let results: Vec<&str> = texts("tool").collect();
    Some(match results.as_slice() {
        [] => Reply::Call { tool: "search", arguments: json!({"query": prompt}) },
        [found] if found.trim().is_empty() => Reply::Text(nothing()),
        [_] => read("docs/everything.md"),
        [found, .., last] if last.starts_with(TOOL_ERROR) && results.len() == 2 => {
            read(found.lines().next().unwrap_or_default())
        }
        [.., last] => Reply::Text(format!("{DISCLAIMER} This is what I read:\n\n{}", last.trim())),
    })
}

/// The part of the prompt that shares most with its last part.
fn quote(prompt: &str) -> String {
    let mut parts: Vec<&str> = prompt.split(PART).collect();
    let question = parts.pop().unwrap_or_default();
    match Index::new(&parts).search(question, 1).first().and_then(|hit| parts.get(hit.at)) {
        Some(best) => format!("{DISCLAIMER} The passage that fits best:\n\n{}", best.trim()),
        None => nothing(),
    }
}

fn nothing() -> String {
    format!("{DISCLAIMER} Nothing I was given shares a word with the question.")
}

fn answer(number: u64, model: &Value, messages: &[Value], reply: &Reply) -> Value {
    let (message, finish_reason, output) = match reply {
        Reply::Text(text) => (json!({"role": "assistant", "content": text}), "stop", words(text)),
        Reply::Call { tool, arguments } => {
            let arguments = arguments.to_string();
            let call = json!({
                "id": format!("call-{number}"),
                "type": "function",
                "function": {"name": tool, "arguments": arguments},
            });
            let message = json!({"role": "assistant", "content": null, "tool_calls": [call]});
            (message, "tool_calls", words(&arguments))
        }
    };
    let input: usize =
        messages.iter().filter_map(|message| message["content"].as_str()).map(words).sum();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    json!({
        "id": format!("chatcmpl-loopback-{number}"),
        "object": "chat.completion",
        "created": now.as_secs(),
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": finish_reason, "logprobs": null}],
        "usage": {
            "prompt_tokens": input,
            "completion_tokens": output,
            "total_tokens": input + output,
        },
    })
}

fn words(text: &str) -> usize {
    text.split_whitespace().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(role: &str, content: &str) -> Value {
        json!({"role": role, "content": content})
    }

    #[test]
    fn the_passage_with_most_of_the_question_is_quoted() {
        let prompt =
            ["Trees are printed.", "Spans go to a collector.", "Where do spans go?"].join(PART);
        let Some(Reply::Text(text)) = reply(&[said("user", &prompt)], &Value::Null) else {
            panic!("no text");
        };
        assert!(text.starts_with(DISCLAIMER), "{text}");
        assert!(text.ends_with("\n\nSpans go to a collector."), "{text}");
    }

    #[test]
    fn a_question_alone_is_answered_with_nothing() {
        assert_eq!(
            reply(&[said("user", "Where do spans go?")], &Value::Null),
            Some(Reply::Text(nothing()))
        );
    }

    #[test]
    fn with_tools_the_part_is_played_to_its_end() {
        let tools = json!([{"function": {"name": "search"}}, {"function": {"name": "read"}}]);
        let mut messages = vec![said("user", "Where do spans go?")];
        let mut calls = Vec::new();
        for result in ["a.md, Spans\nb.md", "error: there is no such place", "Spans go far."] {
            match reply(&messages, &tools) {
                Some(Reply::Call { tool, arguments }) => calls.push((tool, arguments)),
                other => panic!("{other:?}"),
            }
            messages.push(said("tool", result));
        }
        assert_eq!(
            calls,
            [
                ("search", json!({"query": "Where do spans go?"})),
                ("read", json!({"place": "docs/everything.md"})),
                ("read", json!({"place": "a.md, Spans"})),
            ]
        );
        let Some(Reply::Text(text)) = reply(&messages, &tools) else { panic!("no text") };
        assert!(text.ends_with("Spans go far."), "{text}");
    }

    #[test]
    fn the_counts_are_of_words() {
        let messages = [said("system", "be brief"), said("user", "one two three")];
        let answer = answer(7, &json!("m"), &messages, &Reply::Text("four words are said".into()));
        assert_eq!(
            answer["usage"],
            json!({"prompt_tokens": 5, "completion_tokens": 4, "total_tokens": 9})
        );
        assert_eq!(answer["id"], "chatcmpl-loopback-7");
        assert_eq!(answer["choices"][0]["finish_reason"], "stop");
    }
}
