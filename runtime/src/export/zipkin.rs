//! Spans as Zipkin's JSON, version 2.

use std::net::IpAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use opentelemetry::trace::{Event, SpanId, SpanKind, Status};
use opentelemetry::{Key, KeyValue, Value};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SpanData;
use serde_json::{Map, Value as Json, json};

use super::Delivery;
use super::naming::json::{of_value, plain};
use super::otlp::OtlpExporter;
use crate::Error;
use crate::semconv::mapping::zipkin as tag;
use crate::semconv::{attribute, resource};
use crate::telemetry::settings::{Otlp, Protocol, Zipkin};

/// Far below what Zipkin's own server takes.
const MAX_REQUEST_BYTES: usize = 4 * 1024 * 1024;

/// Sends as OTLP over HTTP is sent: with the same tries, losses and reasons.
#[derive(Debug)]
pub(crate) struct ZipkinExporter {
    sender: OtlpExporter,
}

impl ZipkinExporter {
    /// Checks the endpoint; connects nowhere yet. Called inside the export thread's tokio runtime.
    pub(crate) fn new(settings: &Zipkin) -> Result<Self, Error> {
        let user_agent = concat!("spanline/", env!("CARGO_PKG_VERSION"));
        let sender = OtlpExporter::new(&Otlp {
            protocol: Protocol::HttpJson,
            endpoint: settings.endpoint.clone(),
            headers: vec![("user-agent".to_owned(), user_agent.to_owned())],
            timeout: settings.timeout,
            gzip: false,
            certificate: None,
            client_certificate: None,
            client_key: None,
            max_request_bytes: MAX_REQUEST_BYTES,
            header_file: None,
            cut_bytes: attribute::CONTENT_CUT_BYTES,
            spool: None,
        })?;
        Ok(Self { sender })
    }

    pub(crate) async fn export_spans(
        &mut self,
        resource: &Resource,
        spans: Vec<SpanData>,
    ) -> Delivery {
        let service = resource.get(&Key::new(resource::SERVICE_NAME));
        let local = json!({ "serviceName": service.map(|name| name.to_string()) });
        let spans = spans.iter().map(|span| document(span, &local).to_string());
        self.sender.export_others(requests(spans, MAX_REQUEST_BYTES)).await
    }
}

/// Arrays of at most so many bytes, each with how many spans are inside. One that is larger alone has a
/// request of its own: its receiver decides.
fn requests(spans: impl Iterator<Item = String>, most: usize) -> Vec<(String, usize)> {
    let mut requests: Vec<(String, usize)> = Vec::new();
    for span in spans {
        match requests.last_mut() {
            // The comma and the bracket at the end.
            Some((body, count)) if body.len() + span.len() + 2 <= most => {
                body.push(',');
                body.push_str(&span);
                *count += 1;
            }
            _ => requests.push((format!("[{span}"), 1)),
        }
    }
    for (body, _) in &mut requests {
        body.push(']');
    }
    requests
}

/// What is not there is left out.
fn document(span: &SpanData, local: &Json) -> Json {
    let mut document = Map::new();
    let mut set = |name: &str, value: Json| document.insert(name.to_owned(), value);
    set("traceId", span.span_context.trace_id().to_string().into());
    set("id", span.span_context.span_id().to_string().into());
    if span.parent_span_id != SpanId::INVALID {
        set("parentId", span.parent_span_id.to_string().into());
    }
    set("name", span.name.as_ref().into());
    if let Some(kind) = kind(&span.span_kind) {
        set("kind", kind.into());
    }
    set("timestamp", microseconds(span.start_time).into());
    set("duration", duration(span).into());
    set("localEndpoint", local.clone());
    if matches!(span.span_kind, SpanKind::Client | SpanKind::Producer)
        && let Some(remote) = remote(&span.attributes)
    {
        set("remoteEndpoint", remote);
    }
    if !span.events.is_empty() {
        set("annotations", span.events.iter().map(annotation).collect());
    }
    let tags = tags(span);
    if !tags.is_empty() {
        set("tags", tags.into());
    }
    document.into()
}

fn kind(kind: &SpanKind) -> Option<&'static str> {
    match kind {
        SpanKind::Client => Some("CLIENT"),
        SpanKind::Server => Some("SERVER"),
        SpanKind::Producer => Some("PRODUCER"),
        SpanKind::Consumer => Some("CONSUMER"),
        SpanKind::Internal => None,
    }
}

fn microseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// To Zipkin, none is a duration that is not known yet.
fn duration(span: &SpanData) -> u64 {
    let duration = span.end_time.duration_since(span.start_time).unwrap_or_default();
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX).max(1)
}

fn attribute<'a>(attributes: &'a [KeyValue], name: &str) -> Option<&'a Value> {
    attributes.iter().find(|it| it.key.as_str() == name).map(|it| &it.value)
}

fn remote(attributes: &[KeyValue]) -> Option<Json> {
    let found =
        |(name, port): &(&str, Option<&'static str>)| Some((attribute(attributes, name)?, *port));
    let (value, port) = tag::REMOTE.iter().find_map(found)?;
    let text = value.as_str();
    let mut endpoint = Map::new();
    let field = match text.parse() {
        Ok(IpAddr::V4(_)) if port.is_some() => "ipv4",
        Ok(IpAddr::V6(_)) if port.is_some() => "ipv6",
        _ => "serviceName",
    };
    endpoint.insert(field.to_owned(), text.into());
    if let Some(Value::I64(port)) = port.and_then(|port| attribute(attributes, port)) {
        endpoint.insert("port".to_owned(), (*port).into());
    }
    Some(endpoint.into())
}

fn annotation(event: &Event) -> Json {
    let value = if event.attributes.is_empty() {
        event.name.to_string()
    } else {
        let attributes: Map<String, Json> =
            event.attributes.iter().map(|it| (it.key.to_string(), of_value(&it.value))).collect();
        format!("{}: {}", Json::from(event.name.as_ref()), Json::from(attributes))
    };
    json!({ "timestamp": microseconds(event.timestamp), "value": value })
}

fn tags(span: &SpanData) -> Map<String, Json> {
    let mut tags = Map::new();
    for attribute in &span.attributes {
        // Whatever it says, Zipkin takes the span for a failed one.
        if attribute.key.as_str() == tag::ERROR {
            continue;
        }
        tags.insert(attribute.key.to_string(), plain(&attribute.value).into());
    }
    let mut set = |name: &str, value: Json| tags.insert(name.to_owned(), value);
    let scope = &span.instrumentation_scope;
    if !scope.name().is_empty() {
        set(tag::SCOPE_NAME, scope.name().into());
    }
    if let Some(version) = scope.version() {
        set(tag::SCOPE_VERSION, version.into());
    }
    match &span.status {
        Status::Unset => {}
        Status::Ok => {
            set(tag::STATUS_CODE, "OK".into());
        }
        Status::Error { description } => {
            set(tag::STATUS_CODE, "ERROR".into());
            set(tag::ERROR, description.as_ref().into());
        }
    }
    for (name, dropped) in [
        (tag::DROPPED_ATTRIBUTES, span.dropped_attributes_count),
        (tag::DROPPED_EVENTS, span.events.dropped_count),
        (tag::DROPPED_LINKS, span.links.dropped_count),
    ] {
        if dropped > 0 {
            set(name, dropped.to_string().into());
        }
    }
    tags
}

#[cfg(test)]
mod tests;
