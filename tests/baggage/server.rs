//! A request to a server on loopback.

use std::fmt::Write as _;

use axum::Router;
use axum::routing::get;
use http::HeaderMap;
use spanline::{extract, inject_for, scope, trace_pipeline, trace_stage};
use spanline_tests::telemetry::watch;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::telemetry;

#[trace_pipeline("serve", parent = extract(headers))]
async fn serve(headers: &HeaderMap) -> String {
    rank().await;
    spanline::current().session().unwrap_or_default()
}

#[trace_stage]
async fn rank() {}

#[trace_stage]
async fn ask(address: &str) -> String {
    let mut headers = HeaderMap::new();
    inject_for(address, &mut headers);
    let mut request = format!("GET / HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n");
    for (name, value) in &headers {
        write!(request, "{name}: {}\r\n", value.to_str().unwrap()).unwrap();
    }
    let mut connection = TcpStream::connect(address).await.unwrap();
    connection.write_all((request + "\r\n").as_bytes()).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_session_goes_on_in_the_service_that_is_asked() {
    telemetry();
    let router = Router::new().route("/", get(async |headers: HeaderMap| serve(&headers).await));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let server = tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
    let session = "söze, \"k\" 100%";
    let (answer, trace) =
        watch(scope().session(session).tenant("t-1").tag("beta").run(ask(&address))).await;
    server.abort();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with(session), "{answer}");
    let both = format!("session.id={session:?} spanline.tenant.id=\"t-1\"");
    assert_eq!(
        trace.tree_with(&["session.id", "spanline.tenant.id", "spanline.tags"]),
        format!(
            "ask {both} spanline.tags=[\"beta\"]\n  invoke_workflow serve {both}\n    rank {both}\n"
        )
    );
}
