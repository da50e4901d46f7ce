//! A provider on loopback: it answers every request alike.

use std::net::{Ipv4Addr, SocketAddr};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderValue, Response, Uri, header};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// How the pieces of a stream stand in its body.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Framing {
    /// Server-sent events, and a last one that is no JSON.
    EventsAndDone,
    /// Server-sent events with the type of the JSON as their name.
    NamedEvents,
    Lines,
}

#[derive(Clone, Debug)]
struct Answers {
    whole: Value,
    pieces: Vec<Value>,
    framing: Framing,
}

/// The server; it stops when this is dropped.
#[derive(Debug)]
pub(crate) struct Provider {
    address: SocketAddr,
    server: JoinHandle<()>,
}

impl Provider {
    /// Answers with `whole`, or with `pieces` to a request that asks for a stream.
    pub(crate) async fn start(whole: Value, pieces: Vec<Value>, framing: Framing) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let answers = Answers { whole, pieces, framing };
        let router = Router::new().fallback(answer).with_state(answers);
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, server }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn answer(State(answers): State<Answers>, uri: Uri, body: Bytes) -> Response<Body> {
    let request: Value = serde_json::from_slice(&body).unwrap();
    let streams = request["stream"] == true || uri.path().contains("stream");
    let (kind, body) = if streams { pieces(&answers) } else { whole(&answers) };
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

fn whole(answers: &Answers) -> (&'static str, String) {
    ("application/json", answers.whole.to_string())
}

fn pieces(answers: &Answers) -> (&'static str, String) {
    let framed = |frame: fn(&Value) -> String| {
        answers.pieces.iter().map(frame).collect::<Vec<String>>().concat()
    };
    match answers.framing {
        Framing::EventsAndDone => {
            let events = framed(|piece| format!("data: {piece}\n\n"));
            ("text/event-stream", format!("{events}data: [DONE]\n\n"))
        }
        Framing::NamedEvents => {
            let named = |piece: &Value| {
                format!("event: {}\ndata: {piece}\n\n", piece["type"].as_str().unwrap())
            };
            ("text/event-stream", framed(named))
        }
        Framing::Lines => ("application/x-ndjson", framed(|piece| format!("{piece}\n"))),
    }
}

/// A client that needs no certificates.
pub(crate) fn http_client() -> reqwest::Client {
    // Fails if another test was first, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().tls_certs_only([]).build().unwrap()
}
