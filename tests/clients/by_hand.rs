//! HTTP by hand, and JSON as it comes.

use futures::stream::{self, BoxStream, StreamExt as _};
use serde_json::Value;

use crate::provider::http_client;

async fn send(url: &str, body: &Value) -> reqwest::Result<reqwest::Response> {
    let request = http_client().post(url).header("content-type", "application/json");
    request.body(body.to_string()).send().await?.error_for_status()
}

/// The reply.
pub(crate) async fn whole(url: &str, body: &Value) -> reqwest::Result<Value> {
    let text = send(url, body).await?.text().await?;
    Ok(serde_json::from_str(&text).unwrap())
}

/// The pieces of the reply: each line that has JSON.
pub(crate) async fn pieces(
    url: &str,
    body: &Value,
) -> reqwest::Result<BoxStream<'static, reqwest::Result<Value>>> {
    let response = send(url, body).await?;
    let lines = stream::try_unfold((response, Vec::new()), |(mut response, mut rest)| async move {
        loop {
            if let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = rest.drain(..=end).collect();
                return Ok(Some((String::from_utf8(line).unwrap(), (response, rest))));
            }
            match response.chunk().await? {
                Some(bytes) => rest.extend_from_slice(&bytes),
                None => return Ok(None),
            }
        }
    });
    let json = |line: String| {
        let data = line.strip_prefix("data:").unwrap_or(&line).trim();
        data.starts_with('{').then(|| serde_json::from_str(data).unwrap())
    };
    Ok(lines.filter_map(move |line| std::future::ready(line.map(json).transpose())).boxed())
}
