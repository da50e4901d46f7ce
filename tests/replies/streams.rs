//! Replies that come chunk by chunk.

use futures::stream::{self, BoxStream, Stream, StreamExt as _};
use spanline::{LlmResponse, Reply, Usage, trace_llm_call};
use spanline_tests::telemetry::watch;

use crate::told;

#[derive(Clone, Debug)]
enum Event {
    Started(&'static str),
    Text,
    Ended(u32, &'static str),
}

impl LlmResponse for Event {
    fn read(&self, reply: &mut Reply) {
        match self {
            Self::Started(id) => {
                let usage = Usage::default().uncached_input_tokens(4).cache_read_input_tokens(8);
                reply.id(*id).usage(usage).output_tokens(1)
            }
            Self::Text => reply,
            Self::Ended(count, reason) => reply.output_tokens(*count).finish_reason(*reason),
        };
    }
}

const EVENTS: [Event; 4] =
    [Event::Started("r-2"), Event::Text, Event::Text, Event::Ended(9, "length")];

const STREAMED: &str = "gen_ai.response.id=\"r-2\" gen_ai.response.finish_reasons=[\"length\"] \
                        gen_ai.usage.input_tokens=12 gen_ai.usage.output_tokens=9 \
                        gen_ai.usage.cache_read.input_tokens=8";

#[trace_llm_call(provider = "acme")]
fn bare() -> impl Stream<Item = Event> {
    stream::iter(EVENTS)
}

#[trace_llm_call(provider = "acme")]
async fn of_results(
    error: Option<&'static str>,
) -> Result<impl Stream<Item = Result<Event, String>>, String> {
    Ok(stream::iter(EVENTS).map(Ok).chain(stream::iter(error.map(|error| Err(error.to_owned())))))
}

#[trace_llm_call(provider = "acme")]
fn boxed() -> Result<BoxStream<'static, Result<Option<Event>, String>>, String> {
    Ok(stream::iter(EVENTS).map(|event| Ok(Some(event))).boxed())
}

#[trace_llm_call(provider = "acme", usage = required)]
fn required() -> BoxStream<'static, Event> {
    stream::iter(EVENTS).boxed()
}

#[trace_llm_call(provider = "acme", response = |(_, event)| event)]
fn numbered() -> impl Stream<Item = (usize, Event)> {
    stream::iter(EVENTS).enumerate()
}

#[tokio::test]
async fn items_are_read_as_they_come() {
    assert_eq!(told(&watch(async { bare().count().await }).await.1), STREAMED);
    let (_, trace) = watch(async { of_results(None).await.unwrap().count().await }).await;
    assert_eq!(told(&trace), STREAMED);
    assert_eq!(told(&watch(async { boxed().unwrap().count().await }).await.1), STREAMED);
    assert_eq!(told(&watch(async { required().count().await }).await.1), STREAMED);
    assert_eq!(told(&watch(async { numbered().count().await }).await.1), STREAMED);
}

#[tokio::test]
async fn a_stream_that_breaks_tells_what_it_knew() {
    let (_, trace) = watch(async { of_results(Some("late")).await.unwrap().count().await }).await;
    assert_eq!(told(&trace), format!("error \"late\" {STREAMED}"));
    let (_, trace) = watch(async { bare().take(2).count().await }).await;
    assert_eq!(
        told(&trace),
        "gen_ai.response.id=\"r-2\" gen_ai.usage.input_tokens=12 gen_ai.usage.output_tokens=1 \
         gen_ai.usage.cache_read.input_tokens=8"
    );
}

#[trace_llm_call(provider = "acme")]
fn of_numbers() -> impl Stream<Item = u8> {
    stream::iter([1, 2])
}

#[tokio::test]
async fn items_that_are_no_replies_are_left_alone() {
    assert_eq!(told(&watch(async { of_numbers().count().await }).await.1), "");
}
