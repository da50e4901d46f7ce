//! The same content on every form of function, and on every way to end.

use std::convert::Infallible;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;

use async_trait::async_trait;
use futures::stream::{self, BoxStream, Stream, StreamExt as _};
use spanline::trace_agent;
use spanline_tests::telemetry::{watch, watch_blocking};
use spanline_tests::trace::Trace;

use super::{capture, json};

type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

#[trace_agent("a", input_messages = text, output_messages = String::as_str)]
async fn of_async(text: &str) -> String {
    text.to_uppercase()
}

#[trace_agent("a", input_messages = text, output_messages = String::as_str)]
async fn of_result(text: String) -> Result<String, Infallible> {
    Ok(text.to_uppercase())
}

#[trace_agent("a", input_messages = text, output_messages = |text: &Option<String>| text.clone())]
fn of_fn(text: String) -> Option<String> {
    Some(text.to_uppercase())
}

#[trace_agent("a", input_messages = text, output_messages = |text: &String| text.clone())]
fn of_impl_future(text: &'static str) -> impl Future<Output = String> {
    async { text.to_uppercase() }
}

#[trace_agent("a", input_messages = text, output_messages = String::as_str)]
fn of_boxed_future(text: String) -> BoxFuture<String> {
    Box::pin(async move { text.to_uppercase() })
}

#[trace_agent("a", input_messages = text, output_messages = |text| *text)]
fn of_impl_stream(text: &str) -> impl Stream<Item = &'static str> + use<> {
    assert_eq!(text, "why?");
    stream::iter(["WH", "Y?"])
}

#[trace_agent("a", input_messages = text, output_messages = |text| *text)]
async fn of_boxed_stream(
    text: &str,
) -> Result<BoxStream<'static, Result<&'static str, Infallible>>, Infallible> {
    assert_eq!(text, "why?");
    Ok(stream::iter(["WH", "Y?"]).map(Ok).boxed())
}

#[async_trait]
trait Agent {
    async fn of_trait(&mut self, text: String) -> String;
}

struct Loud;

#[async_trait]
impl Agent for Loud {
    #[trace_agent("a", input_messages = text, output_messages = String::as_str)]
    async fn of_trait(&mut self, text: String) -> String {
        text.to_uppercase()
    }
}

struct Blocked {
    mark: char,
}

#[trace_agent(input_messages = text, output_messages = String::as_str)]
impl Blocked {
    fn method(&self, text: &str) -> String {
        text.to_uppercase().replace('?', &self.mark.to_string())
    }
}

#[track_caller]
fn assert_both(trace: &Trace, form: &str) {
    let name = trace.spans.iter().find(|span| span.name.starts_with("invoke_agent ")).unwrap();
    let text = |key| json(trace, &name.name, key)[0]["parts"][0]["content"].clone();
    assert_eq!(text("gen_ai.input.messages"), "why?", "{form}");
    assert_eq!(text("gen_ai.output.messages"), "WHY?", "{form}");
}

#[tokio::test]
async fn every_form_of_function_has_its_content() {
    capture();
    assert_both(&watch(of_async("why?")).await.1, "async");
    assert_both(&watch(of_result("why?".into())).await.1, "result");
    assert_both(&watch_blocking(|| of_fn("why?".into())).1, "fn");
    assert_both(&watch(of_impl_future("why?")).await.1, "impl Future");
    assert_both(&watch(async { of_impl_future("why?").await }).await.1, "impl Future inside");
    assert_both(&watch(of_boxed_future("why?".into())).await.1, "boxed future");
    assert_both(&watch(async { of_impl_stream("why?").count().await }).await.1, "impl Stream");
    assert_both(&watch(of_impl_stream("why?").count()).await.1, "impl Stream made outside");
    let boxed = async { of_boxed_stream("why?").await.unwrap().count().await };
    assert_both(&watch(boxed).await.1, "boxed stream");
    assert_both(&watch(Loud.of_trait("why?".into())).await.1, "async_trait");
    assert_both(&watch_blocking(|| Blocked { mark: '?' }.method("why?")).1, "impl block");
}

#[trace_agent("a", input_messages = "why?", output_messages = String::as_str)]
async fn ends(how: &str) -> Result<String, std::num::ParseIntError> {
    match how {
        "error" => "x".parse::<u8>().map(|number| number.to_string()),
        "panic" => panic!("it ends"),
        _ => std::future::pending().await,
    }
}

/// What a span has when it does not come to a value.
#[track_caller]
fn assert_input_alone(trace: &Trace) {
    assert!(trace.attribute("invoke_agent a", "gen_ai.input.messages").contains("why?"));
    assert_eq!(trace.attribute("invoke_agent a", "gen_ai.output.messages"), "");
}

#[tokio::test]
async fn what_was_asked_is_there_however_it_ends() {
    capture();
    let (result, trace) = watch(ends("error")).await;
    assert!(result.is_err());
    assert_input_alone(&trace);

    let cancelled = async {
        let mut future = Box::pin(ends("never"));
        assert!(futures::poll!(&mut future).is_pending());
    };
    assert_input_alone(&watch(cancelled).await.1);

    let panicked = || catch_unwind(AssertUnwindSafe(|| futures::executor::block_on(ends("panic"))));
    let (result, trace) = watch_blocking(panicked);
    assert!(result.is_err());
    assert_input_alone(&trace);
}
