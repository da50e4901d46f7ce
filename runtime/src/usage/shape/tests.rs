//! Payloads as the providers document them, whole and streamed.

mod costs;
mod failures;
mod hostile;
mod openai;
mod others;
#[cfg(feature = "content")]
mod said;

use serde_json::Value;

use crate::span::value::ValueRef;
use crate::usage::reply::Reply;

const NOTHING: [&str; 0] = [];

/// What is told by these chunks, one after the other, without the beginnings that all names share.
fn told(chunks: &[Value]) -> Vec<String> {
    let mut reply = Reply::default();
    for chunk in chunks {
        reply.read(chunk);
    }
    let usage = reply.consumed();
    let counts =
        usage.counts().map(|(key, count)| (key, count.min(i64::MAX.unsigned_abs()).to_string()));
    let written = |(key, value): (_, ValueRef<'_>)| (key, value.into_value().to_string());
    let attributes = reply.attributes(false).map(written).chain(counts);
    attributes
        .chain(reply.openai_attributes().map(written))
        .map(|(key, value)| {
            let name = key.trim_start_matches("gen_ai.").trim_start_matches("response.");
            format!("{}={value}", name.trim_start_matches("usage."))
        })
        .collect()
}
