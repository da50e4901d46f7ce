//! Payloads as the providers document them, whole and streamed.

mod hostile;
mod openai;
mod others;

use serde_json::Value;

use crate::usage::reply::Reply;

const NOTHING: [&str; 0] = [];

/// What is told by these chunks, one after the other, without the beginnings that all names share.
fn told(chunks: &[Value]) -> Vec<String> {
    let mut reply = Reply::default();
    for chunk in chunks {
        reply.read(chunk);
    }
    let openai = reply.openai_attributes().map(|(key, value)| (key, value.into_value()));
    let values = reply.values().chain(openai);
    values
        .map(|(key, value)| {
            let name = key.trim_start_matches("gen_ai.").trim_start_matches("response.");
            format!("{}={value}", name.trim_start_matches("usage."))
        })
        .collect()
}
