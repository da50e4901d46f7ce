//! A tool in another service, called over gRPC: the trace goes along in the metadata, both ways.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;

use axum::Router;
use axum::routing::post;
use spanline::{trace_span, trace_tool};
use spanline_tests::telemetry::watch;
use tokio::net::TcpListener;
use tonic::body::Body;
use tonic::codegen::http::Request as HttpRequest;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::server::UnaryService;
use tonic::transport::Channel;
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;

const PATH: &str = "/tools.Tools/Call";

#[derive(Clone, PartialEq, prost::Message)]
struct Call {
    #[prost(string, tag = "1")]
    id: String,
    #[prost(string, tag = "2")]
    tool: String,
    #[prost(string, tag = "3")]
    text: String,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Answer {
    #[prost(string, tag = "1")]
    text: String,
}

/// The service: one method, as generated code has it.
struct Tools;

impl UnaryService<Call> for Tools {
    type Response = Answer;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Answer>, Status>> + Send>>;

    fn call(&mut self, request: Request<Call>) -> Self::Future {
        Box::pin(use_tool(request))
    }
}

#[trace_tool(
    &request.get_ref().tool,
    call_id = request.get_ref().id,
    parent = spanline::extract(request.metadata().as_ref()),
)]
async fn use_tool(request: Request<Call>) -> Result<Response<Answer>, Status> {
    let call = request.into_inner();
    if call.tool != "shout" {
        return Err(Status::not_found("no such tool"));
    }
    let mut response = Response::new(Answer { text: call.text.to_uppercase() });
    spanline::inject(response.metadata_mut().as_mut());
    Ok(response)
}

async fn serve(listener: TcpListener) {
    let call = |request: HttpRequest<axum::body::Body>| async {
        let codec = ProstCodec::<Answer, Call>::default();
        let request = request.map(Body::new);
        Ok::<_, Infallible>(tonic::server::Grpc::new(codec).unary(Tools, request).await)
    };
    axum::serve(listener, Router::new().route(PATH, post(call))).await.unwrap();
}

#[trace_span("tools.Tools/Call", kind = "client")]
async fn call(tools: Channel, tool: &str) -> Result<String, Status> {
    let mut client = tonic::client::Grpc::new(tools);
    client.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;

    let (id, tool, text) = ("call-1".to_owned(), tool.to_owned(), "hey".to_owned());
    let mut request = Request::new(Call { id, tool, text });
    spanline::inject(request.metadata_mut().as_mut());
    let path = PathAndQuery::from_static(PATH);
    let response = client.unary(request, path, ProstCodec::<Call, Answer>::default()).await?;
    spanline::current().link(spanline::extract(response.metadata().as_ref()));
    Ok(response.into_inner().text)
}

/// The service on a port of its own, for as long as the test runs.
async fn tools() -> Channel {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(serve(listener));
    Channel::from_shared(address).unwrap().connect_lazy()
}

const KEYS: [&str; 2] = ["gen_ai.tool.call.id", "error.type"];

#[tokio::test]
async fn a_tool_behind_grpc_is_below_its_call_and_linked_back() {
    let tools = tools().await;
    let (answer, trace) = watch(async { call(tools, "shout").await }).await;
    assert_eq!(answer.unwrap(), "HEY");
    assert_eq!(
        trace.tree_with(&KEYS),
        r#"tools.Tools/Call <client>
  execute_tool shout gen_ai.tool.call.id="call-1"
"#
    );
    assert_eq!(trace.links("tools.Tools/Call"), ["execute_tool shout"]);
}

#[tokio::test]
async fn a_tool_that_fails_behind_grpc_is_an_error_on_both_sides() {
    let tools = tools().await;
    let (answer, trace) = watch(async { call(tools, "whisper").await }).await;
    let message = answer.unwrap_err().to_string();
    assert_eq!(
        trace.tree_with(&KEYS),
        format!(
            r#"tools.Tools/Call <client> error {message:?} error.type="tonic::status::Status"
  execute_tool whisper error {message:?} gen_ai.tool.call.id="call-1" error.type="tonic::status::Status"
"#
        )
    );
}
