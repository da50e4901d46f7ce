//! What is wrapped when it is returned, under every lint.
#![deny(warnings, clippy::all, clippy::pedantic, missing_docs, unused, rust_2018_idioms)]
#![allow(dead_code)]

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::sink::{self, Sink};
use futures::stream::{self, BoxStream, Stream};
use spanline::{trace_agent, trace_llm_call, trace_span, trace_stage};

struct Reply<'a> {
    id: u32,
    chunks: BoxStream<'a, Result<String, Infallible>>,
}

#[trace_llm_call(
    provider = "local",
    stream = |reply| &mut reply.chunks,
    usage = |chunk| (chunk.len(), 1_u32),
    ok_if = |reply| reply.id > 0,
)]
async fn inside(text: &str) -> Reply<'_> {
    let chunks: [Result<String, Infallible>; 1] = [Ok(text.to_owned())];
    Reply { id: 1, chunks: Box::pin(stream::iter(chunks)) }
}

#[trace_llm_call(provider = "local", stream = |reply: &mut Reply<'static>| Some(&mut reply.chunks))]
fn blocking_inside() -> Result<Reply<'static>, std::io::Error> {
    Ok(Reply { id: 1, chunks: Box::pin(stream::empty()) })
}

#[trace_stage(stream = |(_, chunks)| chunks)]
fn shared() -> (u32, Pin<Box<dyn Stream<Item = u32> + Send + Sync>>) {
    (1, Box::pin(stream::iter([1])))
}

#[trace_stage]
fn sink() -> impl Sink<String, Error = Infallible> + Send + Sync + Unpin {
    Box::pin(sink::drain())
}

#[trace_agent(usage = |text: &&str| (text.len(), 1_u32))]
async fn later_sink<'a>(words: Vec<&'a str>) -> Result<impl Sink<&'a str, Error = Infallible>, String> {
    if words.is_empty() {
        return Err("no words".to_owned());
    }
    Ok(words)
}

#[trace_stage]
fn boxed_sink<'a, T: 'a>() -> Pin<Box<dyn Sink<T, Error = Infallible> + Send + Sync + 'a>> {
    Box::pin(Forgets(std::marker::PhantomData))
}

/// `Sink` says nothing of its error.
#[trace_stage]
fn sink_of_some_error() -> impl Sink<u32> {
    sink::drain()
}

/// A sink of references of any lifetime is returned as it is.
#[trace_stage]
fn sink_of_references() -> impl for<'a> Sink<&'a str, Error = Infallible> {
    Lines
}

struct Forgets<T>(std::marker::PhantomData<fn(T)>);

impl<T> Sink<T> for Forgets<T> {
    type Error = Infallible;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn start_send(self: Pin<&mut Self>, _: T) -> Result<(), Infallible> {
        Ok(())
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }
}

struct Lines;

impl Sink<&str> for Lines {
    type Error = Infallible;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn start_send(self: Pin<&mut Self>, _: &str) -> Result<(), Infallible> {
        Ok(())
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }
}

#[trace_span]
fn closure(start: usize) -> impl Fn(&str) -> usize + Clone + Send + 'static {
    move |text| start + text.len()
}

#[trace_span]
fn closure_of_a_function() -> impl Fn(&str) -> usize {
    str::len
}

#[trace_span]
fn closure_early(start: usize) -> impl FnMut(usize) -> Option<usize> {
    let mut sum = start;
    return move |number: usize| {
        sum += number;
        Some(sum)
    };
}

/// It is told what it takes by itself.
#[trace_span]
fn closure_in_result(start: usize) -> Result<impl Fn(&str) -> usize, String> {
    Ok(move |text: &str| start + text.len())
}

#[trace_span]
async fn later_closure<T: AsRef<str>>(words: &[T]) -> impl FnMut(&str) -> bool {
    move |text| words.iter().any(|word| word.as_ref() == text)
}

fn assert_send(_: impl Send) {}

fn futures_are_send() {
    assert_send(inside(""));
    assert_send(later_sink(vec![""]));
    assert_send(later_closure(&[""]));
}

#[trace_stage]
fn boxed_future<'a>(text: &'a str) -> Box<dyn Future<Output = &'a str> + Send + Unpin + 'a> {
    Box::new(std::future::ready(text))
}

#[trace_stage(attributes(text, length = text.len()))]
async fn reference(ref text: String, (ref words, mut count): (Vec<String>, usize)) -> usize {
    count += words.len();
    count + text.len()
}

fn main() {}
