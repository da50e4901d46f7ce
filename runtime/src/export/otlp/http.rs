//! OTLP over HTTP, as protobuf or JSON.

use std::io::Write as _;
use std::time::{Duration, SystemTime};

use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, StatusCode};
use prost::Message as _;
use prost::bytes::Bytes;
use reqwest::redirect::Policy;
use reqwest::{Client, Response, Url};

use super::answer::{self, Again, Answer, Partial, RpcStatus};
use super::credentials::Headers;
use super::endpoint::{self, Endpoint};
use super::failure;
use super::signal::Signal;
use super::tls::{self, Certificates};
use crate::Error;
use crate::export::request::Request;
use crate::telemetry::diagnosis::Diagnosis;
use crate::telemetry::env::without_secrets;
use crate::telemetry::settings::{Otlp, Protocol};

const PROTOBUF: &str = "application/x-protobuf";
const JSON: &str = "application/json";
const PAGE: &str = "text/html";
const GRPC: &str = "application/grpc";
const GRPC_STATUS: &str = "grpc-status";

#[derive(Clone)]
pub(super) struct HttpTransport {
    client: Client,
    url: Url,
    headers: HeaderMap,
    json: bool,
    gzip: bool,
}

impl HttpTransport {
    pub(super) fn new(
        settings: &Otlp,
        headers: &Headers,
        endpoint: &Endpoint,
    ) -> Result<Self, Error> {
        let url = Url::parse(&settings.endpoint).map_err(|error| {
            Error::configuration(format!("cannot send OTLP to {endpoint}: {error}"))
        })?;
        let mut client = Client::builder()
            .user_agent(super::USER_AGENT)
            // A redirected request would take its headers, and so its secrets, elsewhere.
            .redirect(Policy::none())
            .connect_timeout(settings.timeout);
        client = if endpoint.is_https() {
            client.tls_backend_preconfigured(Certificates::read(settings)?.into_rustls()?)
        } else {
            // A proxy would read the headers of plain HTTP; inside TLS it sees the host's name.
            client.tls_backend_preconfigured(tls::no_trust()?).no_proxy()
        };
        let client = client.build().map_err(|error| {
            let cause = answer::cause(&error.without_url());
            Error::configuration(format!("cannot send OTLP to {endpoint}: {cause}"))
        })?;

        let json = settings.protocol == Protocol::HttpJson;
        let mut transport =
            Self { client, url, headers: HeaderMap::new(), json, gzip: settings.gzip };
        transport.set_headers(endpoint::header_map(headers)?);
        Ok(transport)
    }

    pub(super) fn set_headers(&mut self, mut headers: HeaderMap) {
        let kind = if self.json { JSON } else { PROTOBUF };
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        headers.remove(CONTENT_ENCODING);
        if self.gzip {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        self.headers = headers;
    }

    pub(super) fn is_json(&self) -> bool {
        self.json
    }

    pub(super) fn encode(&self, request: &Request) -> Result<Bytes, String> {
        if self.json {
            request.to_json().map(Bytes::from).map_err(|error| error.to_string())
        } else {
            Ok(request.to_protobuf().into())
        }
    }

    pub(super) fn pack(&self, body: Bytes) -> Result<Bytes, String> {
        if !self.gzip {
            return Ok(body);
        }
        let mut gzip = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
        gzip.write_all(&body)
            .and_then(|()| gzip.finish())
            .map(Bytes::from)
            .map_err(|error| format!("cannot compress a request: {error}"))
    }

    pub(super) async fn send(&self, endpoint: &Endpoint, signal: Signal, body: Bytes) -> Answer {
        let request = self.client.post(self.url.clone()).headers(self.headers.clone()).body(body);
        let mut response = match request.send().await {
            Ok(response) => response,
            Err(error) => return unreached(endpoint, &error.without_url()),
        };
        let body = read(&mut response).await;
        let kind = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        // Upper case means the same.
        let kind = kind.map(str::to_ascii_lowercase);
        let kind = kind.as_deref();
        let is_json = kind.map_or(self.json, |kind| kind.contains("json"));
        // Over TLS a gRPC port understands the request, and answers in its own way, often with 200.
        let is_grpc = kind.is_some_and(|kind| kind.starts_with(GRPC))
            || response.headers().contains_key(GRPC_STATUS);
        if response.status().is_success() && !is_grpc {
            // A login, a default page, a catch-all of a web application: nobody there keeps spans.
            if kind.is_some_and(|kind| kind.starts_with(PAGE)) {
                let status = response.status().as_u16();
                let reason = format!(
                    "{endpoint} answered {status} with a web page, which is no receipt of OTLP"
                );
                let diagnosis = Diagnosis::NotOtlp;
                return Answer::Refused { diagnosis, reason, again: Again::Never };
            }
            return Answer::Taken(taken(signal, is_json, kind, &body));
        }
        let words = message(is_json, &body);
        Answer::Refused {
            diagnosis: failure::of_http(response.status(), is_grpc, &words),
            reason: refusal(endpoint, &response, is_grpc, &words),
            again: if is_grpc { Again::Never } else { again(&response) },
        }
    }
}

/// The request was taken; the body only says whether all of it was.
fn taken(signal: Signal, is_json: bool, kind: Option<&str>, body: &[u8]) -> Partial {
    if body.is_empty() {
        return Partial::default();
    }
    let partial = if is_json {
        Partial::from_json(signal, body).ok()
    } else {
        Partial::from_protobuf(signal, body).ok()
    };
    partial.unwrap_or_else(|| {
        Partial::foreign(format!(
            "its answer, of type `{}`, is not OTLP; is this the right endpoint?",
            kind.unwrap_or("unknown")
        ))
    })
}

fn refusal(endpoint: &Endpoint, response: &Response, is_grpc: bool, words: &str) -> String {
    let status = response.status();
    let mut reason = format!("{endpoint} answered {}", status.as_u16());
    if let Some(name) = status.canonical_reason() {
        reason.push(' ');
        reason.push_str(name);
    }
    let location = response.headers().get(LOCATION).and_then(|location| location.to_str().ok());
    let message = match location {
        Some(location) if status.is_redirection() => format!(
            "moved to {}; redirects are not followed, name the new place as the endpoint",
            without_secrets(location)
        ),
        _ if is_grpc => "the answer is one of gRPC".to_owned(),
        _ => endpoint.quote(words),
    };
    if !message.is_empty() {
        reason.push_str(": ");
        reason.push_str(&message);
    }
    reason
}

/// `google.rpc.Status` if it is one, else the text as it is.
fn message(is_json: bool, body: &[u8]) -> String {
    let status = if is_json {
        let document = serde_json::from_slice::<serde_json::Value>(body).ok();
        document.and_then(|document| Some(document.get("message")?.as_str()?.to_owned()))
    } else {
        RpcStatus::decode(body).ok().map(|status| status.message)
    };
    match status {
        Some(message) if !message.is_empty() => message,
        _ => String::from_utf8_lossy(body).into_owned(),
    }
}

fn again(response: &Response) -> Again {
    match response.status() {
        StatusCode::TOO_MANY_REQUESTS
        | StatusCode::BAD_GATEWAY
        | StatusCode::SERVICE_UNAVAILABLE
        | StatusCode::GATEWAY_TIMEOUT => {
            let delay = response.headers().get(RETRY_AFTER).and_then(retry_after);
            delay.map_or(Again::Later, Again::After)
        }
        _ => Again::Never,
    }
}

/// Seconds or a date.
fn retry_after(value: &HeaderValue) -> Option<Duration> {
    let value = value.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(SystemTime::now()).unwrap_or_default())
}

/// What breaks off is read as far as it came: the status before it has decided already.
async fn read(response: &mut Response) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() >= answer::LONGEST_ANSWER {
            body.truncate(answer::LONGEST_ANSWER);
            break;
        }
    }
    body
}

fn unreached(endpoint: &Endpoint, error: &reqwest::Error) -> Answer {
    let cause = endpoint.quote(&answer::cause(error));
    let again = if error.is_builder() {
        Again::Never
    } else if answer::is_tls(error) {
        Again::NotSoon
    } else {
        Again::Unreached
    };
    let diagnosis = failure::of_connection(error);
    Answer::Refused {
        diagnosis,
        reason: format!("{endpoint} could not be reached: {cause}"),
        again,
    }
}
