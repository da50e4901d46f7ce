//! What fuzzers feed and look at where no program can: what `fuzz/` builds, and nothing else.

use std::collections::HashMap;
use std::ffi::OsString;
use std::io;
use std::mem;
use std::path::Path;

use serde_json::Value;

use crate::Error;
use crate::content::message::Message;
use crate::export::spool::entry::{self, EntryName, Kind};
use crate::semconv::resource;
use crate::span::sampler::Sampler;
use crate::telemetry::env::{Available, Environment, parse_prices, table};
use crate::telemetry::settings::{Destination, Overrides, Protocol, Settings};
use crate::usage::price::tariff::Tariffs;
use crate::usage::price::{Answerer, Price, Tokens};
use crate::usage::reply::Reply;

const EVERYTHING: Available = Available {
    grpc: true,
    http: true,
    file: true,
    zipkin: true,
    prometheus: true,
    content: true,
    spool: true,
};

/// The names of all environment variables.
pub fn variables() -> impl Iterator<Item = &'static str> {
    table::TABLE.iter().map(|variable| variable.name())
}

/// What an environment led to.
#[derive(Debug)]
pub struct Settled {
    /// Everything that is told to people.
    pub said: Vec<String>,
    /// URLs that requests go to.
    pub endpoints: Vec<String>,
    /// Headers of these requests.
    pub headers: Vec<(String, String)>,
    /// How much may wait, and how much of it goes at once.
    pub batches: [(usize, usize); 2],
    /// The share of traces that is recorded.
    pub share: f64,
    /// All else, as far as it is shown.
    pub shown: String,
}

/// The settings for these variables, in a process without others.
///
/// # Errors
///
/// What cannot be gone on with.
pub fn settle(variables: HashMap<String, OsString>) -> Result<Settled, Error> {
    let find = move |name: &str| variables.get(name).cloned();
    let environment = Environment::new(find, Some("program"));
    let mut settings = Settings::with_available(&environment, &Overrides::default(), EVERYTHING)?;
    // Made up anew by each reading.
    settings.resource.retain(|it| it.key.as_str() != resource::SERVICE_INSTANCE_ID);
    let said = [mem::take(&mut settings.warnings), mem::take(&mut settings.decisions)].concat();
    let mut endpoints = Vec::new();
    let mut headers = Vec::new();
    for destination in [&settings.traces, &settings.metrics, &settings.logs].into_iter().flatten() {
        match destination {
            Destination::Otlp(otlp) => {
                endpoints.push(otlp.endpoint.clone());
                headers.extend(otlp.headers.iter().cloned());
                assert!(otlp.max_request_bytes > 0);
                assert!(otlp.protocol != Protocol::Grpc || otlp.endpoint.contains("://"));
            }
            Destination::Zipkin(zipkin) => endpoints.push(zipkin.endpoint.clone()),
            Destination::Console | Destination::File(_) => {}
        }
    }
    Ok(Settled {
        said,
        endpoints,
        headers,
        batches: [&settings.batch, &settings.record_batch].map(|it| (it.queue, it.size)),
        share: match &settings.sampler {
            Sampler::TraceIdRatio(share) | Sampler::ParentBasedTraceIdRatio(share) => *share,
            _ => 1.0,
        },
        shown: format!("{settings:?}"),
    })
}

/// A table of prices.
#[derive(Debug)]
pub struct Bill(Vec<Price>);

/// The prices in the text of a file.
///
/// # Errors
///
/// What is wrong with it.
pub fn read_prices(text: &str) -> Result<Bill, String> {
    parse_prices(text).map(Bill)
}

impl Bill {
    /// How many models have a price.
    pub fn models(&self) -> usize {
        self.0.len()
    }

    /// What so many input tokens, of which the cache served some, and output tokens cost in dollars.
    pub fn cost(
        &self,
        provider: &str,
        model: &str,
        [input, cache_read, output]: [u64; 3],
    ) -> Option<f64> {
        let answerer =
            Answerer { provider, request_model: model, response_model: "", service_tier: "" };
        let tokens = Tokens {
            input: Some(input),
            cache_read: Some(cache_read),
            output: Some(output),
            ..Tokens::default()
        };
        let (cost, _) = Tariffs::default().cost(&self.0, &answerer, &tokens)?;
        Some(cost.dollars())
    }
}

/// What a reply told.
#[derive(Debug, PartialEq)]
pub struct Told {
    /// By the name of the attribute.
    pub counts: Vec<(&'static str, u64)>,
    /// What the provider says that it cost, in dollars.
    pub cost: Option<f64>,
    /// By the name of the attribute.
    pub texts: Vec<(&'static str, String)>,
    /// What the model said: JSON.
    pub messages: String,
}

/// What the chunks of a streamed reply, or a whole one, tell one after the other.
pub fn read_replies<'a>(chunks: impl IntoIterator<Item = &'a Value>) -> Told {
    let mut reply = Reply::default();
    reply.listen();
    for chunk in chunks {
        reply.read(chunk);
    }
    let messages: Value =
        reply.take_output_messages().into_iter().map(Message::into_output).collect();
    let usage = reply.consumed();
    let attributes = reply.attributes(true).chain(reply.openai_attributes());
    Told {
        counts: usage.counts().collect(),
        cost: usage.reported_cost().map(|cost| cost.dollars()),
        texts: attributes.map(|(key, value)| (key, value.into_value().to_string())).collect(),
        messages: messages.to_string(),
    }
}

/// Of the entries below.
const KIND: Kind = Kind { signal: 1, encoding: 1 };

/// Writes an entry of a spool into a new file.
///
/// # Errors
///
/// Where it cannot be written.
pub fn write_entry(path: &Path, items: u32, body: &[u8]) -> io::Result<()> {
    entry::write(path, KIND, items, body)
}

/// The items and bytes of a file that its head and its length make an entry.
pub fn look_at_entry(path: &Path) -> Option<(u64, u64)> {
    entry::look(path, KIND).ok().map(|entry| (entry.items, entry.bytes))
}

/// The items, the bytes and the request of a file that is an entry.
pub fn read_entry(path: &Path) -> Option<(u64, u64, Vec<u8>)> {
    let (entry, body) = entry::read(path, KIND).ok()?;
    Some((entry.items, entry.bytes, body.to_vec()))
}

/// The name of an entry, as it is written, and whether its writer has finished it.
pub fn entry_name(path: &Path) -> Option<(String, bool)> {
    EntryName::parse(path).map(|(name, is_finished)| (name.to_string(), is_finished))
}
