//! Two web services, the second called by the first, in one trace that began somewhere else.
//!
//! ```text
//! cargo run --example web
//! cargo run --example web -- --serve 127.0.0.1:8080
//! curl "http://127.0.0.1:8080/answer?question=What+is+a+stage%3F"
//! ```
//!
//! Without arguments the program asks itself one question, as a caller that has a trace already, and
//! you will see the answer on stdout, and on stderr a tree for each service that took part: both
//! continue the caller's trace. With `--serve` it stays until ctrl-c. A `session` in the query is on
//! every span of both services: the first one may tell the second.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for a terminal")]

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use spanline::{Telemetry, trace_pipeline, trace_span, trace_stage};
use spanline_examples::corpus::{self, Passage};
use spanline_examples::model::http_client;
use spanline_examples::retrieval::Index;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// What a caller that is traced sends along.
const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// Where the second service is, and whom the first one may tell of sessions.
const PASSAGES_HOST: &str = "127.0.0.1";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let address = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => None,
        ["--serve", address] => Some(address.parse::<SocketAddr>().with_context(|| {
            format!("{address:?} is no address; expected one such as 127.0.0.1:8080")
        })?),
        _ => bail!("expected no arguments, or `--serve ADDRESS`"),
    };

    let telemetry = Telemetry::builder().identity_baggage(["session"], [PASSAGES_HOST]).init()?;
    match address {
        Some(address) => serve(address).await?,
        None => demonstrate().await?,
    }
    if let Err(error) = telemetry.shutdown() {
        eprintln!("web: {error}");
    }
    Ok(())
}

async fn serve(address: SocketAddr) -> anyhow::Result<()> {
    let (answers, passages) = listen(address).await?;
    println!("http://{}/answer?question=…", answers.local_addr()?);
    run(answers, passages, async {
        // Without a handler there is nothing to wait for, and the service ends.
        let _ = tokio::signal::ctrl_c().await;
    })
    .await
}

async fn demonstrate() -> anyhow::Result<()> {
    let (answers, passages) = listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
    let url = format!("http://{}/answer", answers.local_addr()?);
    let (stop, stopped) = oneshot::channel::<()>();
    let services = tokio::spawn(run(answers, passages, async {
        let _ = stopped.await;
    }));
    let response = http_client(&url)?
        .get(url)
        .query(&[("question", "How does a trace go on across processes?"), ("session", "s-1")])
        .header("traceparent", TRACEPARENT)
        .send()
        .await?
        .error_for_status()?;
    println!("{}", response.text().await?);
    drop(stop);
    services.await?
}

async fn listen(address: SocketAddr) -> anyhow::Result<(TcpListener, TcpListener)> {
    let answers =
        TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))?;
    Ok((answers, TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?))
}

/// Runs both services until `stop`, and through the requests that are under way then.
async fn run(
    answers: TcpListener,
    passages: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    let url = format!("http://{}/passages", passages.local_addr()?);
    let front = Arc::new(Front { http: http_client(&url)?, passages: url });
    let front = Router::new().route("/answer", get(answer)).with_state(front);
    let back = Arc::new(corpus::read(&corpus::own_files()?).await?);
    let back = Router::new().route("/passages", get(find)).with_state(back);

    let (stop_back, back_stopped) = oneshot::channel::<()>();
    let back = tokio::spawn(
        axum::serve(passages, back)
            .with_graceful_shutdown(async {
                let _ = back_stopped.await;
            })
            .into_future(),
    );
    axum::serve(answers, front).with_graceful_shutdown(stop).await?;
    drop(stop_back);
    Ok(back.await??)
}

/// The service that users call.
#[derive(Debug)]
struct Front {
    http: reqwest::Client,
    /// Where the other service is.
    passages: String,
}

/// The question of a request, in its query.
type Asked = Query<std::collections::HashMap<String, String>>;

/// The trace goes on where the headers say that it began.
#[trace_pipeline(
    "web-answer",
    parent = spanline::extract(&headers),
    session = asked.get("session"),
)]
async fn answer(
    State(front): State<Arc<Front>>,
    headers: HeaderMap,
    Query(asked): Asked,
) -> Result<Json<Value>, Failure> {
    let question = asked.get("question").ok_or_else(Failure::no_question)?;
    let found = ask_for_passages(&front, question).await?;
    let answer = choose(&found)?;
    Ok(Json(json!({
        "answer": answer,
        "trace_id": spanline::current().trace_id(),
    })))
}

/// The trace context and the session travel in the headers of the request.
#[trace_span("GET /passages", kind = "client")]
async fn ask_for_passages(front: &Front, question: &str) -> Result<Vec<Value>, Failure> {
    let mut headers = HeaderMap::new();
    spanline::inject_for(PASSAGES_HOST, &mut headers);
    let request = front.http.get(&front.passages).query(&[("question", question)]).headers(headers);
    Ok(request.send().await?.error_for_status()?.json().await?)
}

#[trace_stage("choose", kind = "ranker", attributes(candidates = found.len()))]
fn choose(found: &[Value]) -> Result<&Value, Failure> {
    found.first().ok_or_else(Failure::nothing_found)
}

/// The service that the first one calls.
#[trace_span("GET /passages", kind = "server", parent = spanline::extract(&headers))]
async fn find(
    State(passages): State<Arc<Vec<Passage>>>,
    headers: HeaderMap,
    Query(asked): Asked,
) -> Result<Json<Value>, Failure> {
    let question = asked.get("question").ok_or_else(Failure::no_question)?;
    let found: Vec<Value> = search(&passages, question, 3)
        .into_iter()
        .map(|passage| json!({"place": passage.place(), "text": passage.text}))
        .collect();
    Ok(Json(found.into()))
}

#[trace_stage("search", kind = "retriever", attributes(top_k = top_k))]
fn search<'a>(passages: &'a [Passage], question: &str, top_k: usize) -> Vec<&'a Passage> {
    let index =
        Index::new(passages.iter().map(|passage| format!("{} {}", passage.heading, passage.text)));
    index.search(question, top_k).iter().filter_map(|hit| passages.get(hit.at)).collect()
}

/// Why a request is not answered.
#[derive(Debug)]
struct Failure {
    status: StatusCode,
    message: &'static str,
    cause: Option<reqwest::Error>,
}

impl Failure {
    fn no_question() -> Self {
        let message = "expected a `question` in the query";
        Self { status: StatusCode::BAD_REQUEST, message, cause: None }
    }

    fn nothing_found() -> Self {
        let message = "no passage shares a word with the question";
        Self { status: StatusCode::NOT_FOUND, message, cause: None }
    }
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        let message = "the service of the passages did not answer";
        Self { status: StatusCode::BAD_GATEWAY, message, cause: Some(error) }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.message)
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause.as_ref().map(|cause| cause as _)
    }
}

impl axum::response::IntoResponse for Failure {
    fn into_response(self) -> axum::response::Response {
        (self.status, Json(json!({"error": self.message}))).into_response()
    }
}
